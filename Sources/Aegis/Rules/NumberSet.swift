/// A set of numbers, written as `80`, `8000-8099` or `80,443,8000-8099`.
public struct NumberSet: Hashable, Sendable {
  /// In order; none touches the next one.
  public let ranges: [ClosedRange<UInt16>]

  public init(_ ranges: some Sequence<ClosedRange<UInt16>>) {
    var merged: [ClosedRange<UInt16>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard let last = merged.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 else {
        merged.append(range)
        continue
      }
      merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
    }
    self.ranges = merged
  }

  /// Reads numbers and ranges with commas between them; a range may have only one end.
  ///
  /// - Parameters:
  ///   - bounds: The least and the greatest number.
  ///   - noun: What a number is: "a port".
  ///   - value: Reads one number that is not written with digits; nil for a text that it does not know.
  /// - Throws: `InputError` for other text, and for a number outside of the bounds.
  init(
    _ text: some StringProtocol, in bounds: ClosedRange<UInt16>, noun: String,
    named value: (Substring) -> UInt16? = { _ in nil }
  ) throws(InputError) {
    func number(_ part: Substring) throws(InputError) -> UInt16 {
      if let known = value(part) { return known }
      guard let number = UInt64(digits: part), let number = UInt16(exactly: number),
        bounds.contains(number)
      else {
        throw InputError(
          part, "is not \(noun) from \(bounds.lowerBound) to \(bounds.upperBound)",
          hint: "write a number, a range such as 1-5, or several with commas between them")
      }
      return number
    }
    var ranges: [ClosedRange<UInt16>] = []
    for part in Substring(String(text)).split(separator: ",", omittingEmptySubsequences: false) {
      let (first, last) = value(part) == nil ? part.split(at: "-") : (part, nil)
      guard let last else {
        let only = try number(first)
        ranges.append(only...only)
        continue
      }
      if first.isEmpty, last.isEmpty { _ = try number(part) }
      let low = first.isEmpty ? bounds.lowerBound : try number(first)
      let high = last.isEmpty ? bounds.upperBound : try number(last)
      guard low <= high else {
        throw InputError(part, "ends before it begins", hint: "write \(high)-\(low)")
      }
      ranges.append(low...high)
    }
    self.init(ranges)
  }

  public func contains(_ number: UInt16) -> Bool { ranges.contains { $0.contains(number) } }

  /// How many numbers it has.
  public var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// - Parameter name: Of a number that is written otherwise than with digits.
  func text(_ name: (UInt16) -> String? = { _ in nil }) -> String {
    ranges.map { range in
      let (low, high) = (range.lowerBound, range.upperBound)
      if low == high { return name(low) ?? "\(low)" }
      if high == low + 1 { return "\(name(low) ?? "\(low)"),\(name(high) ?? "\(high)")" }
      return "\(low)-\(high)"
    }.joined(separator: ",")
  }
}

extension NumberSet: CustomStringConvertible {
  public var description: String { text() }
}
