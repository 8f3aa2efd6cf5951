extension Rate {
  private static let periods: [(name: String, period: Period)] = [
    ("s", .second), ("sec", .second), ("second", .second),
    ("m", .minute), ("min", .minute), ("minute", .minute),
    ("h", .hour), ("hour", .hour),
  ]

  /// Reads packets, `1000/s`, `1.5k/s`, `1M/s`, `600/min`, or bits or bytes, `10Mbit/s`, `2MB/s`. k is a
  /// thousand, M a million, G a billion.
  ///
  /// - Throws: `InputError` for other text, for part of a unit, for 0 and for more than the maximum.
  public init(_ text: some StringProtocol, burst: UInt32? = nil) throws(InputError) {
    let (quantity, name) = Substring(String(text)).split(at: "/")
    guard let name else {
      throw InputError(
        text, text.isEmpty ? "is empty, not a rate" : "has no period",
        hint: "write a rate as 1000/s, 50k/s, 600/m or 10Mbit/s")
    }
    guard let period = Self.periods.first(where: { $0.name == name })?.period else {
      throw InputError(text, "has no known period after the /", hint: "write /s, /m or /h")
    }
    let digits = quantity.utf8.prefix { $0.asDigit != nil || $0 == UInt8(ascii: ".") }
    let number = quantity[..<digits.endIndex]
    guard let (unit, decimals) = Unit.named(quantity[digits.endIndex...]) else {
      throw InputError(
        text, "does not begin with a number of packets, bits or bytes",
        hint: "packets: 1000, 50k, 1M; bits: 64kbit, 10Mbit, 1Gbit; bytes: 500kB, 2MB, 1GB")
    }
    let amount = try Self.amount(number, decimals, unit, of: text)
    try self.init(amount, unit, period: period, burst: burst)
  }

  static func amount(
    _ number: Substring, _ decimals: Int, _ unit: Unit, of text: some StringProtocol
  ) throws(InputError) -> UInt64 {
    let (whole, fraction) = number.split(at: ".")
    guard let units = UInt64(digits: whole), fraction?.isDigits ?? true else {
      throw InputError(
        text, "does not begin with a number of packets, bits or bytes",
        hint: "packets: 1000, 50k, 1M; bits: 64kbit, 10Mbit, 1Gbit; bytes: 500kB, 2MB, 1GB")
    }
    var digits = fraction ?? ""
    while digits.utf8.last == UInt8(ascii: "0") { digits = digits.beforeLastByte }
    guard digits.utf8.count <= decimals else {
      throw InputError(text, "is not a whole number of \(unit.noun)s")
    }
    var amount = units
    for digit in digits.utf8.map({ UInt64($0.asDigit ?? 0) })
      + Array(repeating: 0, count: decimals - digits.utf8.count)
    {
      let (tens, overflow) = amount.multipliedReportingOverflow(by: 10)
      guard !overflow, tens <= .max - digit else {
        throw InputError(text, "is more than \(unit.maximumText)")
      }
      amount = tens + digit
    }
    return amount
  }
}
