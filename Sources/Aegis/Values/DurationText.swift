/// The format of durations: `90s`, `1h30m`, `7d`.
public enum DurationText {
  /// Ten years of 365 days.
  public static let longest = Duration.seconds(10 * year)
  private static let year = 365 * 86_400 as Int64

  /// In milliseconds, largest first.
  private static let units: [(name: String, milliseconds: UInt64)] = [
    ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// Reads numbers with units from weeks to milliseconds, largest first; digits alone are seconds.
  ///
  /// - Throws: `InputError` for other text, for 0 and for more than the longest.
  public static func parse(
    _ text: some StringProtocol, atMost longest: Duration = longest
  ) throws(InputError) -> Duration {
    let tooLong = InputError(text, "is more than \(longest.components.seconds / year) years")
    var rest = Substring(String(text))
    if rest.isDigits { rest += "s" }
    var milliseconds: UInt64 = 0
    var remaining = units[...]
    repeat {
      let number = rest.prefix { $0.isASCII && $0.isNumber }
      let unit = rest[number.endIndex...].prefix { !($0.isASCII && $0.isNumber) }
      rest = rest[unit.endIndex...]
      guard number.isDigits, let index = remaining.firstIndex(where: { $0.name == unit }) else {
        throw malformed(text, unit: unit)
      }
      guard let count = UInt64(number) else { throw tooLong }
      let (product, overflow) = count.multipliedReportingOverflow(by: units[index].milliseconds)
      guard !overflow, product <= .max - milliseconds else { throw tooLong }
      milliseconds += product
      remaining = units[(index + 1)...]
    } while !rest.isEmpty
    guard milliseconds > 0 else { throw InputError(text, "is zero") }
    guard milliseconds <= UInt64(longest / .milliseconds(1)) else { throw tooLong }
    return .milliseconds(milliseconds)
  }

  private static func malformed(_ text: some StringProtocol, unit: Substring) -> InputError {
    if text.isEmpty { return InputError(text, "is empty, not a duration") }
    let isKnown = units.contains { $0.name == unit }
    return InputError(
      text, isKnown ? "is not a duration with its units largest first" : "is not a duration",
      hint: "write it as 90s, 10m, 1h30m or 7d")
  }

  /// Writes the largest unit up to days and, unless it is 0, the next: `1h30m`. Rounds down.
  ///
  /// Below a second it is `<1s`, and `0s` if nothing is left.
  public static func format(_ duration: Duration) -> String {
    guard duration > .zero else { return "0s" }
    let total = duration.components.seconds
    guard total > 0 else { return "<1s" }
    let parts = [
      (total / 86400, "d"), (total / 3600 % 24, "h"), (total / 60 % 60, "m"), (total % 60, "s"),
    ]
    return parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
      .map { "\($0.0)\($0.1)" }.joined()
  }
}
