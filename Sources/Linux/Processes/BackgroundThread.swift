import Glibc

/// Work that runs on a second thread.
public final class BackgroundThread {
  private let work: () -> CInt
  private var thread = pthread_t()
  private var result: CInt = 0

  /// Starts the work, or runs it at once if no thread can be created.
  ///
  /// The corresponding C function is `pthread_create`.
  public init(_ work: @escaping () -> CInt) {
    self.work = work
    let context = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let thread = Unmanaged<BackgroundThread>.fromOpaque(context).takeUnretainedValue()
        thread.result = thread.work()
        return nil
      }, context.toOpaque())
    if code == 0 { return }
    context.release()
    thread = pthread_t()
    result = work()
  }

  /// Waits for the work and returns its result. Must be called once.
  ///
  /// The corresponding C function is `pthread_join`.
  public func wait() -> CInt {
    if thread == pthread_t() { return result }
    pthread_join(thread, nil)
    Unmanaged.passUnretained(self).release()
    return result
  }
}
