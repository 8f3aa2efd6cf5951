/// A set of numbers, as ranges in their order, none touching the next one.
struct NumberSpans: Equatable {
  private(set) var ranges: [ClosedRange<UInt128>]

  static let none = NumberSpans([])

  /// - Parameter ranges: In any order; they may overlap.
  init(_ ranges: some Sequence<ClosedRange<UInt128>>) {
    var merged: [ClosedRange<UInt128>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard let last = merged.last,
        last.upperBound == .max || range.lowerBound <= last.upperBound + 1
      else {
        merged.append(range)
        continue
      }
      merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
    }
    self.ranges = merged
  }

  init(_ range: ClosedRange<UInt128>) { ranges = [range] }

  init(_ ranges: [ClosedRange<UInt32>]) {
    self.init(ranges.map { UInt128($0.lowerBound)...UInt128($0.upperBound) })
  }

  init(_ numbers: Int...) { self.init(numbers.map { UInt128($0)...UInt128($0) }) }

  /// The left-aligned addresses of prefixes of one family.
  init(_ prefixes: [Prefix], width: Int) {
    self.init(
      prefixes.filter { $0.address.width == width }.map { prefix in
        let first = prefix.address.leftAligned
        return first...(first | (prefix.length == 0 ? .max : .max >> UInt128(prefix.length)))
      })
  }

  var isEmpty: Bool { ranges.isEmpty }

  func contains(_ number: Int) -> Bool { ranges.contains { $0.contains(UInt128(number)) } }

  func contains(_ other: NumberSpans) -> Bool {
    other.ranges.allSatisfy { range in
      ranges.contains {
        $0.lowerBound <= range.lowerBound && $0.upperBound >= range.upperBound
      }
    }
  }

  func meets(_ other: NumberSpans) -> Bool {
    ranges.contains { range in other.ranges.contains { $0.overlaps(range) } }
  }

  func subtracting(_ other: NumberSpans) -> NumberSpans {
    var left: [ClosedRange<UInt128>] = []
    for range in ranges {
      var next = range.lowerBound
      var isOver = false
      for gone in other.ranges where gone.overlaps(range) {
        if gone.lowerBound > next { left.append(next...(gone.lowerBound - 1)) }
        isOver = gone.upperBound >= range.upperBound
        if isOver { break }
        next = gone.upperBound + 1
      }
      if !isOver { left.append(next...range.upperBound) }
    }
    return NumberSpans(left)
  }

  func intersection(_ other: NumberSpans) -> NumberSpans {
    subtracting(subtracting(other))
  }
}
