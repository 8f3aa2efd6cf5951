internal import CAegis
internal import Linux

/// How long an entry holds, and what is noted with it.
public struct Terms: Sendable {
  public enum End: Sendable {
    case never
    case after(Duration)
    /// By the wall clock as it is now: when that is set anew, the end stays as far away as it was.
    case at(WallTime)
  }

  public let end: End
  /// Whether the end of an entry that exists is moved only to later.
  public let extends: Bool
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
  /// Whether an entry that exists loses the note that these do not name.
  public let isWhole: Bool

  public init(
    end: End, extends: Bool = false, note: Note? = nil, rate: RateTerm = .keep,
    isMonitored: Bool? = nil, isWhole: Bool = false
  ) {
    self.end = end
    self.extends = extends
    self.note = note
    self.rate = rate
    self.isMonitored = isMonitored
    self.isWhole = isWhole
  }

  /// - Parameter lifetime: nil is for good.
  public init(
    lifetime: Duration? = nil, note: Note? = nil, rate: RateTerm = .keep, isMonitored: Bool? = nil
  ) {
    self.init(
      end: lifetime.map { .after($0) } ?? .never, note: note, rate: rate, isMonitored: isMonitored)
  }

  /// When it ends, in ns of CLOCK_BOOTTIME; 0 is never.
  var expires: UInt64 {
    switch end {
    case .never: 0
    case .after(let lifetime): Self.boottime(in: lifetime)
    case .at(let time): Self.boottime(of: time)
    }
  }

  /// Nanoseconds by which two ends are the same: reading two clocks takes time, and one of them is steered.
  var tolerance: UInt64 {
    switch end {
    case .never, .after: 0
    case .at: 500_000_000
    }
  }

  private static func boottime(of time: WallTime) -> UInt64 {
    let now = ClockReading.now()
    switch now.moment(of: time) {
    case .passed: return now.boottime
    case .ahead(let end): return min(end, boottime(in: Lifetime.longest))
    case .beyond: return boottime(in: Lifetime.longest)
    }
  }

  private static func boottime(in duration: Duration) -> UInt64 {
    Clock.boottime(after: min(duration, Lifetime.longest))
  }
}
