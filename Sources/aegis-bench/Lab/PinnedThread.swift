import CBench
import Glibc

/// A thread that stays on one processor.
final class PinnedThread {
  private final class Work {
    let processor: UInt32
    let body: () throws -> Void
    var error: (any Error)?

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
        return nil
      }, argument)
  }

  func join() throws {
    pthread_join(thread, nil)
    if let error = work.error { throw error }
  }
}
