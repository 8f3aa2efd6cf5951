import Glibc

/// The kernel's clocks, as the datapath reads them: a time namespace shifts only the clocks of processes.
public enum Clock {
  /// Nanoseconds since boot, including sleep: the clock of expiries.
  ///
  /// The corresponding C function is `clock_gettime` with `CLOCK_BOOTTIME`.
  public static func boottime() -> UInt64 {
    kernelTime(nanoseconds(CLOCK_BOOTTIME), shift: shifts.boottime)
  }

  /// Nanoseconds since boot, excluding sleep.
  ///
  /// The corresponding C function is `clock_gettime` with `CLOCK_MONOTONIC`.
  public static func monotonic() -> UInt64 {
    kernelTime(nanoseconds(CLOCK_MONOTONIC), shift: shifts.monotonic)
  }

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

  private static func kernelTime(_ own: UInt64, shift: Int64) -> UInt64 {
    UInt64(clamping: Int128(own) - Int128(shift))
  }

  /// The offsets are fixed once a time namespace has a process. A kernel without time namespaces has no such file.
  private static let shifts = shifts(in: (try? readFile("/proc/self/timens_offsets")) ?? "")

  /// The offsets in `/proc/PID/timens_offsets`, in nanoseconds: each line has a clock, seconds and nanoseconds.
  static func shifts(in text: String) -> (monotonic: Int64, boottime: Int64) {
    func shift(_ clock: String) -> Int64 {
      let words = text.split(separator: "\n").map { $0.split(separator: " ") }
        .first { $0.first.map(String.init) == clock }
      guard let words, words.count == 3, let seconds = Int64(words[1]),
        let nanoseconds = Int64(words[2])
      else { return 0 }
      return Int64(clamping: Int128(seconds) * 1_000_000_000 + Int128(nanoseconds))
    }
    return (shift("monotonic"), shift("boottime"))
  }
}
