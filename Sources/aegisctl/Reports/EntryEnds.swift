import Aegis

/// When entries expire, as of now.
struct EntryEnds {
  private let clock = ClockReading.now()
  /// Most entries of a list expire together.
  private var last: (expires: UInt64, time: String)?

  /// In RFC 3339; nil if there is no entry, or it never expires.
  mutating func time(_ conditions: Policy.Conditions?) -> String? {
    guard let expires = conditions?.expires else { return nil }
    if let last, last.expires == expires { return last.time }
    let time = "\(clock.wallTime(of: expires))"
    last = (expires, time)
    return time
  }

  /// `expires in 1h, was never`; empty if there is no entry any longer.
  func text(from before: Policy.Conditions?, to after: Policy.Conditions?) -> String {
    guard let after else { return "" }
    let now = after.expires.map { "expires in \(left($0))" } ?? "never expires"
    guard let before, before.expires != after.expires else { return now }
    return "\(now), was \(before.expires.map(left) ?? "never")"
  }

  /// Rounded to the nearest second: what was set to an hour a moment ago reads as an hour.
  private func left(_ expires: UInt64) -> String {
    let left = Duration.nanoseconds(expires - min(expires, clock.boottime))
    return DurationText.format(left < .seconds(1) ? left : left + .milliseconds(500))
  }
}
