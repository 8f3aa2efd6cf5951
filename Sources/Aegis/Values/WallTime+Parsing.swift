extension WallTime {
  /// Reads RFC 3339: `2026-12-01T08:00:00Z`, optionally with a fraction of a second and an offset other than Z.
  ///
  /// - Throws: `InputError` for other text, and for a day or a time of day that does not exist.
  public init(_ text: some StringProtocol) throws(InputError) {
    var digits = TimeText(bytes: Array(text.utf8)[...])
    guard let milliseconds = digits.milliseconds() else {
      throw InputError(text, "is not a time")
    }
    self.init(milliseconds: milliseconds)
  }
}

/// Parses a time from left to right; nil at the first error.
private struct TimeText {
  var bytes: ArraySlice<UInt8>

  mutating func milliseconds() -> Int64? {
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
      let date = CivilDate(year: year, month: month, day: day), take("Tt "),
      let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60, take(":"),
      let second = number(2), second <= 60, let fraction = fraction(), let offset = offset(),
      bytes.isEmpty
    else { return nil }
    let seconds = date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second - offset
    return seconds * 1000 + fraction
  }

  private mutating func number(_ width: Int) -> Int64? {
    guard bytes.count >= width else { return nil }
    var value: Int64 = 0
    for byte in bytes.prefix(width) {
      guard let digit = byte.asDigit else { return nil }
      value = value * 10 + Int64(digit)
    }
    bytes = bytes.dropFirst(width)
    return value
  }

  /// One of these characters.
  private mutating func take(_ characters: String) -> Bool {
    guard let first = bytes.first, characters.utf8.contains(first) else { return false }
    bytes = bytes.dropFirst()
    return true
  }

  /// In milliseconds, truncated.
  private mutating func fraction() -> Int64? {
    guard take(".") else { return 0 }
    let digits = bytes.prefix { $0.asDigit != nil }
    guard !digits.isEmpty else { return nil }
    bytes = bytes[digits.endIndex...]
    let three = digits.prefix(3).compactMap(\.asDigit) + [0, 0]
    return three.prefix(3).reduce(0) { $0 * 10 + Int64($1) }
  }

  /// In seconds, east of Greenwich.
  private mutating func offset() -> Int64? {
    if take("Zz") { return 0 }
    let isWest = bytes.first == UInt8(ascii: "-")
    guard take("+-"), let hours = number(2), hours < 24, take(":"), let minutes = number(2),
      minutes < 60
    else { return nil }
    return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
  }
}
