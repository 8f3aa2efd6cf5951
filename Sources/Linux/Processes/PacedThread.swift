import Glibc
import Synchronization

/// Something done again and again by a second thread, at a steady pace.
public final class PacedThread {
  private let isStopped: Flag
  private let thread: BackgroundThread

  private final class Flag: Sendable {
    let value = Atomic(false)
  }

  /// Begins at once.
  ///
  /// - Parameters:
  ///   - rate: Times a second, in a batch each millisecond; 1000 at least.
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
        // What is behind is not made up for.
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
