internal import Glibc
internal import Linux

/// The right to read events, held by one process at a time.
enum EventLock {
  /// - Returns: A descriptor that holds the lock.
  /// - Throws: `timedOut` if another holds it for longer than `timeout`.
  static func take(at root: PinRoot, timeout: Duration) throws(AegisError) -> FileDescriptor {
    if try !root.has(root.events) { try make(root, timeout) }
    do {
      return try FileSystem.lock(root.events, timeout: timeout)
    } catch {
      guard error.errno == EWOULDBLOCK else { throw Datapath.diagnosis(error, at: root) }
      throw AegisError(
        .timedOut,
        "another aegisctl has read the events of \(root) for \(DurationText.format(timeout))",
        hint: "only one reader can run at a time: stop it, or wait longer: --timeout 1m")
    }
  }

  /// Creates the lock file, but not while something is being unloaded.
  private static func make(_ root: PinRoot, _ timeout: Duration) throws(AegisError) {
    let session = try Session(at: root, timeout: timeout)
    _ = try session.datapath()
    try kernel { () throws(SystemError) in _ = try FileSystem.makeDirectory(root.events) }
  }
}
