internal import Linux

/// The readings of two clocks at one moment: entries expire by the time since boot, and are saved with wall-clock time.
public struct ClockReading: Sendable {
  /// ns since the Unix epoch.
  public let realtime: Int64
  /// ns of CLOCK_BOOTTIME.
  public let boottime: UInt64

  public init(realtime: Int64, boottime: UInt64) {
    self.realtime = realtime
    self.boottime = boottime
  }

  public static func now() -> ClockReading {
    ClockReading(realtime: Clock.realtimeNanoseconds(), boottime: Clock.boottime())
  }

  /// Rounded to the nearest millisecond.
  public func wallTime(of boottime: UInt64) -> WallTime {
    let nanoseconds = Int128(realtime) + Int128(boottime) - Int128(self.boottime)
    return WallTime(milliseconds: Int64(clamping: (nanoseconds + 500_000) / 1_000_000))
  }

  /// ns since the Unix epoch.
  public func nanoseconds(of boottime: UInt64) -> Int64 {
    Int64(clamping: Int128(realtime) + Int128(boottime) - Int128(self.boottime))
  }

  /// The moment that a time was or will be, in ns of CLOCK_BOOTTIME; 1 if it was before the boot.
  public func boottime(of time: WallTime) -> UInt64 {
    let away = Int128(time.milliseconds) * 1_000_000 - Int128(realtime)
    return max(1, UInt64(clamping: Int128(boottime) + away))
  }

  /// The time until a moment; nil if it has passed.
  public func remaining(until time: WallTime) -> Duration? {
    let away = Int128(time.milliseconds) * 1_000_000 - Int128(realtime)
    return away > 0 ? .nanoseconds(UInt64(clamping: away)) : nil
  }

  /// The position of a moment relative to now.
  public enum Moment: Hashable, Sendable {
    case passed
    /// ns of CLOCK_BOOTTIME.
    case ahead(UInt64)
    /// Further ahead than the maximum lifetime of an entry.
    case beyond
  }

  public func moment(of time: WallTime) -> Moment {
    let away = Int128(time.milliseconds) * 1_000_000 - Int128(realtime)
    let moment = Int128(boottime) + away
    if away <= 0 { return .passed }
    return UInt64(exactly: moment).map { .ahead($0) } ?? .beyond
  }
}
