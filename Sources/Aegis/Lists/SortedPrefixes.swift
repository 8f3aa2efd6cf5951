/// Prefixes in order, so that those within another one are found fast.
struct SortedPrefixes {
  private let sorted: [Prefix]

  init(_ prefixes: [Prefix]) {
    sorted = prefixes.sorted()
  }

  func within(_ wider: Prefix) -> [Prefix] {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < wider { low = middle + 1 } else { high = middle }
    }
    return Array(sorted[low...].prefix { wider.contains($0) })
  }
}
