/// Ranges of addresses of one family, in the order of a file. IPv4 addresses are the first 32 of 128 bits.
struct GeoRanges {
  struct Range {
    let first: UInt128
    let last: UInt128
    let code: UInt16
  }

  private(set) var ranges: [Range] = []
  /// Whether each range begins after the end of the one before it.
  private var isOrdered = true

  var count: Int { ranges.count }

  mutating func append(_ first: UInt128, _ last: UInt128, _ code: CountryCode) {
    if let before = ranges.last, first <= before.last { isOrdered = false }
    ranges.append(Range(first: first, last: last, code: code.rawValue))
  }

  /// The country of every address: of the ranges that contain an address, the smallest decides, and of equal ones the
  /// last in the file.
  func steps() -> GeoSteps {
    var steps = GeoSteps()
    if isOrdered {
      for range in ranges { steps.append(range.first, range.last, range.code) }
      return steps
    }
    // In order of their first address, with what contains the others first.
    let order = ranges.indices.sorted { left, right in
      let (left, right) = (ranges[left], ranges[right])
      return left.first != right.first ? left.first < right.first : false
    }
    var open = GeoHeap()
    var position: UInt128 = 0
    /// Writes what the open ranges say up to an address, which is not included; nil: up to the end.
    func advance(to end: UInt128?) {
      while let index = open.top {
        let range = ranges[index]
        if range.last < position {
          open.removeTop()
          continue
        }
        if let end, position >= end { return }
        let last = end.map { min(range.last, $0 - 1) } ?? range.last
        steps.append(position, last, range.code)
        if last == .max { return }
        position = last + 1
      }
    }
    for index in order {
      let range = ranges[index]
      if range.first > 0 { advance(to: range.first) }
      position = range.first
      open.insert(index, size: range.last - range.first)
    }
    advance(to: nil)
    return steps
  }
}

/// Ranges that are open; the smallest is on top, and of equal ones the last.
private struct GeoHeap {
  private var nodes: [(size: UInt128, index: Int)] = []

  var top: Int? { nodes.first?.index }

  private static func isAbove(
    _ one: (size: UInt128, index: Int), _ other: (size: UInt128, index: Int)
  ) -> Bool { one.size != other.size ? one.size < other.size : one.index > other.index }

  mutating func insert(_ index: Int, size: UInt128) {
    nodes.append((size, index))
    var child = nodes.count - 1
    while child > 0, Self.isAbove(nodes[child], nodes[(child - 1) / 2]) {
      nodes.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeTop() {
    nodes.swapAt(0, nodes.count - 1)
    nodes.removeLast()
    var parent = 0
    while true {
      var best = parent
      for child in [parent * 2 + 1, parent * 2 + 2]
      where child < nodes.count && Self.isAbove(nodes[child], nodes[best]) { best = child }
      if best == parent { return }
      nodes.swapAt(parent, best)
      parent = best
    }
  }
}

/// The country of every address of a family: each step begins at an address and lasts until the next one.
struct GeoSteps {
  private(set) var starts: [UInt128] = []
  private(set) var codes: [UInt16] = []
  /// The first address after the last range; nil if that ends with the last address.
  private var end: UInt128? = 0

  var count: Int { starts.count }
  var isEmpty: Bool { codes.allSatisfy { $0 == 0 } }

  /// Adds a range behind all others.
  mutating func append(_ first: UInt128, _ last: UInt128, _ code: UInt16) {
    if let end, end < first { step(end, 0) }
    step(first, code)
    end = last == .max ? nil : last + 1
  }

  private mutating func step(_ start: UInt128, _ code: UInt16) {
    if codes.last == code || codes.isEmpty && code == 0 { return }
    if codes.isEmpty, start > 0 {
      starts.append(0)
      codes.append(0)
    }
    starts.append(start)
    codes.append(code)
  }

  /// Adds bits to every country that is known.
  mutating func tag(_ bits: UInt16) {
    if bits == 0 { return }
    for index in codes.indices where codes[index] != 0 { codes[index] |= bits }
  }

  /// Ends the last range: what follows is unknown.
  mutating func finish() {
    if let end, !codes.isEmpty { step(end, 0) }
  }

  /// The country of an address, by a search.
  func code(of address: UInt128) -> UInt16 {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= address { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? 0 : codes[low - 1]
  }

  /// What this knows, and what `other` knows where this does not.
  func over(_ other: GeoSteps) -> GeoSteps {
    if other.starts.isEmpty { return self }
    if starts.isEmpty { return other }
    var merged = GeoSteps()
    var (own, others) = (0, 0)
    while own < starts.count || others < other.starts.count {
      let start = min(
        own < starts.count ? starts[own] : .max,
        others < other.starts.count ? other.starts[others] : .max)
      if own < starts.count, starts[own] == start { own += 1 }
      if others < other.starts.count, other.starts[others] == start { others += 1 }
      let code = own > 0 ? codes[own - 1] : 0
      merged.step(start, code != 0 ? code : others > 0 ? other.codes[others - 1] : 0)
    }
    merged.end = nil
    return merged
  }
}
