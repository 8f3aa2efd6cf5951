internal import Linux
internal import Synchronization

/// The kernel memory of a datapath's maps, counted on a second thread: there are many maps, and each must be opened.
public final class MemoryCount: Sendable {
  private final class Result: Sendable {
    let value = Mutex<Swift.Result<UInt64, AegisError>>(.success(0))
  }

  private let result = Result()
  private nonisolated(unsafe) let thread: BackgroundThread

  /// Starts counting at once.
  public init(of datapath: Datapath) {
    let (directory, result) = (datapath.root.current, result)
    thread = BackgroundThread {
      let counted = Swift.Result { () throws(AegisError) in try Datapath.memory(of: directory) }
      result.value.withLock { $0 = counted }
      return 0
    }
  }

  /// Returns the memory in bytes. Must be called once.
  public func bytes() throws(AegisError) -> UInt64 {
    _ = thread.wait()
    return try result.value.withLock { $0 }.get()
  }
}
