import Glibc
import Synchronization

/// Work that a second thread repeats at a steady pace.
public final class PacedThread {
  private let isStopped: Flag
  private let thread: BackgroundThread

  private final class Flag: Sendable {
    let value = Atomic(false)
  }

  /// Starts at once.
  ///
  /// - Parameters:
  ///   - rate: Calls per second, in one batch each millisecond; at least 1000.
  ///   - limit: Seconds after which it ends by itself.
  public init(rate: Int, limit: Int, _ work: @escaping @Sendable () -> Void) {
    let flag = Flag()
    isStopped = flag
    thread = BackgroundThread {
      let batch = max(1, rate / 1000)
      let end = Clock.monotonic() + UInt64(limit) * 1_000_000_000
      var next = Clock.monotonic()
      while !flag.value.load(ordering: .relaxed), next < end {
        for _ in 0..<batch { work() }
        next += 1_000_000
        let now = Clock.monotonic()
        // Missed calls are not made up for.
        if next > now { usleep(UInt32((next - now) / 1000)) } else { next = now }
      }
      return 0
    }
  }

  deinit {
    isStopped.value.store(true, ordering: .relaxed)
    _ = thread.wait()
  }
}
