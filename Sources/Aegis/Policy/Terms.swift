internal import BPF
internal import CAegis

/// How long an entry holds, and what is noted with it.
public struct Terms: Sendable {
  /// nil is for good.
  public let lifetime: Duration?
  /// nil leaves the note of an entry that exists.
  public let note: Note?

  /// Of a key, for each source that it lets in.
  public let rate: RateTerm

  /// What is to become of the rate of a key.
  public enum RateTerm: Sendable {
    case keep
    case off
    case set(Rate)
  }

  /// Of a drop: only to count what it would drop; nil leaves that of an entry that exists.
  public let isMonitored: Bool?

  public init(
    lifetime: Duration? = nil, note: Note? = nil, rate: RateTerm = .keep, isMonitored: Bool? = nil
  ) {
    self.lifetime = lifetime
    self.note = note
    self.rate = rate
    self.isMonitored = isMonitored
  }

  /// When it ends, in ns of CLOCK_BOOTTIME; 0 is never.
  var expires: UInt64 {
    guard let lifetime else { return 0 }
    return Clock.boottime(after: lifetime)
  }
}
