/// Finds prefixes that share addresses with others.
struct PrefixIndex {
  private let all: Set<Prefix>
  private let sorted: [Prefix]
  /// The prefix lengths that occur, in either family.
  private let lengths: [Int]

  init(_ prefixes: [Prefix]) {
    all = Set(prefixes)
    sorted = prefixes.sorted()
    lengths = Set(prefixes.lazy.map(\.length)).sorted()
  }

  func contains(_ prefix: Prefix) -> Bool { all.contains(prefix) }

  /// Whether one of the prefixes shares an address with `prefix`.
  func overlaps(_ prefix: Prefix) -> Bool {
    for length in lengths.prefix(while: { $0 <= prefix.length })
    where all.contains(Prefix(masking: prefix.address, length: length)) { return true }
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < prefix { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count && prefix.contains(sorted[low])
  }
}
