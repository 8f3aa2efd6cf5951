import CBench
import Glibc

/// A thread that stays on one processor.
final class PinnedThread {
  private final class Work {
    let processor: UInt32
    let body: () throws -> Void
    var error: (any Error)?
    /// Processor time used until the end of `body`.
    var processorSeconds = 0.0

    init(_ processor: UInt32, _ body: @escaping () throws -> Void) {
      self.processor = processor
      self.body = body
    }
  }

  private let work: Work
  private var thread = pthread_t()

  init(on processor: Int, _ body: @escaping () throws -> Void) {
    work = Work(UInt32(processor), body)
    let argument = Unmanaged.passRetained(work).toOpaque()
    pthread_create(
      &thread, nil,
      { argument in
        let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
        _ = bench_pin(work.processor)
        do { try work.body() } catch { work.error = error }
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        work.processorSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        return nil
      }, argument)
  }

  /// Returns the processor time it used in seconds, including kernel time.
  @discardableResult
  func join() throws -> Double {
    pthread_join(thread, nil)
    if let error = work.error { throw error }
    return work.processorSeconds
  }
}
