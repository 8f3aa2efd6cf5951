/// How long an entry lasts.
public enum Lifetime: Hashable, Sendable {
  case forGood
  case limited(Duration)

  /// 500 years of 365 days: the kernel's clock counts no further than 584.
  public static let longest = Duration.seconds(500 * 365 * 86_400)
  static let tooLong = "lasts more than 500 years"

  /// Words of other programs for no end: ipset 0, fail2ban -1, also with a unit.
  private static let forGoodWords = ["never", "0", "0s", "-1", "-1s"]

  /// Reads a duration, or a word for no end.
  public init(_ text: some StringProtocol) throws(InputError) {
    if Self.forGoodWords.contains(text.lowercased()) {
      self = .forGood
    } else {
      self = .limited(try DurationText.parse(text, atMost: Self.longest))
    }
  }
}
