import Glibc

/// The kernel's clocks.
public enum Clock {
  /// Nanoseconds since boot, sleep included: the clock of what expires.
  ///
  /// The corresponding C function is `clock_gettime` with `CLOCK_BOOTTIME`.
  public static func boottime() -> UInt64 { nanoseconds(CLOCK_BOOTTIME) }

  /// Nanoseconds since boot, sleep excluded.
  ///
  /// The corresponding C function is `clock_gettime` with `CLOCK_MONOTONIC`.
  public static func monotonic() -> UInt64 { nanoseconds(CLOCK_MONOTONIC) }

  /// Seconds since the Unix epoch.
  ///
  /// The corresponding C function is `clock_gettime` with `CLOCK_REALTIME`.
  public static func realtime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec)
  }

  /// Nanoseconds since the Unix epoch.
  ///
  /// The corresponding C function is `clock_gettime` with `CLOCK_REALTIME`.
  public static func realtimeNanoseconds() -> Int64 {
    Int64(clamping: nanoseconds(CLOCK_REALTIME))
  }

  private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
