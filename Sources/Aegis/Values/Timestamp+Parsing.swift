extension Timestamp {
  /// Reads RFC 3339: `2026-12-01T08:00:00Z`, `2026-12-01T09:00:00.5+01:00`. A blank may stand for the T.
  ///
  /// - Throws: `InputError` for other text, days that do not exist and leap seconds.
  public init(_ text: some StringProtocol) throws(InputError) {
    let bytes = Array(text.utf8)
    guard let parts = TimestampParts(bytes.span) else {
      throw InputError(
        text, text.isEmpty ? "is empty, not a time" : "is not a time with its offset from UTC",
        hint: "write it as 2026-12-01T08:00:00Z or 2026-12-01T09:00:00+01:00")
    }
    guard let date = CivilDate(year: parts.year, month: parts.month, day: parts.day) else {
      throw InputError(text, "is a day that does not exist")
    }
    guard parts.hour < 24, parts.minute < 60, parts.second < 60, parts.isOffsetValid else {
      throw InputError(text, "is a time of day that does not exist")
    }
    let time = (parts.hour * 60 + parts.minute - parts.offset) * 60 + parts.second
    self.init(seconds: Int64(date.number * 86400 + time), nanoseconds: parts.nanoseconds)
  }
}

/// Numbers, whether there is such a time or not.
private struct TimestampParts {
  let year, month, day, hour, minute, second: Int
  let nanoseconds: UInt32
  /// East of UTC, in minutes.
  let offset: Int
  let isOffsetValid: Bool

  init?(_ text: Span<UInt8>) {
    var at = 0
    guard let year = Self.digits(4, text, &at), QuickScan.skip("-", text, &at),
      let month = Self.digits(2, text, &at), QuickScan.skip("-", text, &at),
      let day = Self.digits(2, text, &at),
      QuickScan.skip("T", text, &at) || QuickScan.skip("t", text, &at)
        || QuickScan.skip(" ", text, &at),
      let hour = Self.digits(2, text, &at), QuickScan.skip(":", text, &at),
      let minute = Self.digits(2, text, &at), QuickScan.skip(":", text, &at),
      let second = Self.digits(2, text, &at), let fraction = Self.fraction(text, &at),
      let (offset, isValid) = Self.offset(text, &at), at == text.count
    else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
    (self.hour, self.minute, self.second) = (hour, minute, second)
    (nanoseconds, self.offset, isOffsetValid) = (fraction, offset, isValid)
  }

  private static func digits(
    _ count: Int, _ text: borrowing Span<UInt8>, _ at: inout Int
  ) -> Int? {
    guard at + count <= text.count else { return nil }
    var value = 0
    for index in at..<at + count {
      guard let digit = text[index].asDigit else { return nil }
      value = value * 10 + Int(digit)
    }
    at += count
    return value
  }

  /// 0 without one. Beyond a nanosecond digits are read and mean nothing.
  private static func fraction(_ text: borrowing Span<UInt8>, _ at: inout Int) -> UInt32? {
    guard QuickScan.skip(".", text, &at) else { return 0 }
    var value: UInt32 = 0
    var scale: UInt32 = 100_000_000
    let start = at
    while at < text.count, let digit = text[at].asDigit {
      value += UInt32(digit) * scale
      scale /= 10
      at += 1
    }
    return at > start ? value : nil
  }

  private static func offset(
    _ text: borrowing Span<UInt8>, _ at: inout Int
  ) -> (minutes: Int, isValid: Bool)? {
    if QuickScan.skip("Z", text, &at) || QuickScan.skip("z", text, &at) { return (0, true) }
    let isEast = QuickScan.skip("+", text, &at)
    guard isEast || QuickScan.skip("-", text, &at), let hours = digits(2, text, &at),
      QuickScan.skip(":", text, &at), let minutes = digits(2, text, &at)
    else { return nil }
    let sum = hours * 60 + minutes
    return (isEast ? sum : -sum, hours < 24 && minutes < 60)
  }
}
