internal import BPF
internal import CAegis

/// How long an entry holds, and what is noted with it.
public struct Terms: Sendable {
  /// nil is for good.
  public let lifetime: Duration?
  /// nil leaves the note of an entry that exists.
  public let note: Note?

  public init(lifetime: Duration? = nil, note: Note? = nil) {
    self.lifetime = lifetime
    self.note = note
  }

  /// When it ends, in ns of CLOCK_BOOTTIME; 0 is never.
  var expires: UInt64 {
    guard let lifetime else { return 0 }
    let (seconds, attoseconds) = lifetime.components
    return Clock.boottime() + UInt64(seconds) * 1_000_000_000
      + UInt64(attoseconds / 1_000_000_000)
  }
}
