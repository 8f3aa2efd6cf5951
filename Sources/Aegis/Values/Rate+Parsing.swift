extension Rate {
  private static let periods: [(name: String, period: Period)] = [
    ("s", .second), ("sec", .second), ("second", .second),
    ("m", .minute), ("min", .minute), ("minute", .minute),
    ("h", .hour), ("hour", .hour),
  ]

  /// Reads `1000/s`, `1.5k/s`, `1M/s`, `600/min` or `10/h`; k is a thousand, M a million.
  ///
  /// - Throws: `InputError` for other text, for part of a packet, for 0 and for more than 100M/s.
  public init(_ text: some StringProtocol, burst: UInt32? = nil) throws(InputError) {
    let (number, unit) = Substring(String(text)).split(at: "/")
    guard let unit else {
      throw InputError(
        text, text.isEmpty ? "is empty, not a rate" : "has no period",
        hint: "write a rate as 1000/s, 50k/s or 600/m")
    }
    guard let period = Self.periods.first(where: { $0.name == unit })?.period else {
      throw InputError(text, "has no known period after the /", hint: "write /s, /m or /h")
    }
    try self.init(packets: Self.packets(number, of: text), period: period, burst: burst)
  }

  private static func packets(
    _ number: Substring, of text: some StringProtocol
  ) throws(InputError) -> UInt64 {
    let decimals =
      switch number.utf8.last {
      case UInt8(ascii: "k"), UInt8(ascii: "K"): 3
      case UInt8(ascii: "M"): 6
      default: 0
      }
    let (whole, fraction) = (decimals > 0 ? number.beforeLastByte : number).split(at: ".")
    guard let units = UInt64(digits: whole), fraction?.isDigits ?? true else {
      throw InputError(
        text, "does not begin with a number of packets", hint: "k is a thousand, M a million")
    }
    var digits = fraction ?? ""
    while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
    guard digits.utf8.count <= decimals else {
      throw InputError(text, "is not a whole number of packets")
    }
    var packets = units
    for digit in digits.utf8.map({ UInt64($0.asDigit ?? 0) })
      + Array(repeating: 0, count: decimals - digits.utf8.count)
    {
      let (tens, overflow) = packets.multipliedReportingOverflow(by: 10)
      guard !overflow, tens <= .max - digit else { throw InputError(text, "is more than 100M/s") }
      packets = tens + digit
    }
    return packets
  }
}
