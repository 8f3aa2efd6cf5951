/// A duration in Go's format, which CrowdSec uses: `3h59m48.5s`, `-1m`, `250ms`.
enum GoDuration {
  private static let units: [Substring: Int128] = [
    "h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "µs": 1000,
    "us": 1000, "ns": 1,
  ]

  /// - Returns: A negative duration for a time that has passed.
  static func parse(_ text: String) throws(InputError) -> Duration {
    var rest = text[...]
    let isNegative = rest.utf8.first == UInt8(ascii: "-")
    if isNegative { rest = rest.afterFirstByte }
    let malformed = InputError(text, "is not a duration like 3h59m48.5s")
    guard !rest.isEmpty else { throw malformed }
    let longest = Int128(Lifetime.longest / .nanoseconds(1))
    var nanoseconds: Int128 = 0
    while !rest.isEmpty, rest != "0" {
      let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      let unit = rest[number.endIndex...].prefix { !($0.isASCII && $0.isNumber) }
      let (whole, fraction) = number.split(at: ".")
      guard let scale = units[unit], let count = Int64(whole), fraction.map(\.isDigits) ?? true
      else { throw malformed }
      nanoseconds += Int128(count) * scale
      var place = scale
      for digit in (fraction ?? "").utf8 {
        place /= 10
        nanoseconds += Int128(digit.asDigit ?? 0) * place
      }
      // Checked within the loop, so that a text of many parts cannot overflow the sum.
      guard nanoseconds <= longest else { throw InputError(text, Lifetime.tooLong) }
      rest = rest[unit.endIndex...]
    }
    return .nanoseconds(isNegative ? -nanoseconds : nanoseconds)
  }
}
