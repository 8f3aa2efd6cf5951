import Glibc

/// Standard output, or a capture, that is written as its reader takes it, and never waited for without an end.
enum EventOutput {
  /// What a pipe that is ready takes without blocking.
  private static let piece = 4096
  private static let patience: CInt = 100

  /// Whether the reader of a pipe is gone, which to write would tell; but perhaps there is nothing to write.
  ///
  /// The corresponding C function is `poll`.
  static var isAbandoned: Bool {
    var request = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    return poll(&request, 1, 0) > 0 && request.revents & Int16(POLLERR) != 0
  }

  /// Writes the whole text to standard output, or as much as below.
  static func write(_ text: String, wait: (_ isStuck: Bool) -> Bool) throws(OutputError) -> Bool {
    try write(Array(text.utf8), to: STDOUT_FILENO, wait: wait)
  }

  /// Writes all bytes, or until `wait` says otherwise.
  ///
  /// - Parameter wait: Is called between pieces, and ten times a second while the reader takes nothing, which it is
  ///   told; false gives up the rest.
  /// - Returns: Whether all was written.
  /// - Throws: What the reader or the file system refused; EPIPE if there is no reader any more.
  ///
  /// The corresponding C functions are `poll` and `write`.
  static func write(
    _ bytes: [UInt8], to descriptor: CInt, wait: (_ isStuck: Bool) -> Bool
  ) throws(OutputError) -> Bool {
    var written = 0
    while written < bytes.count {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let isStuck = poll(&request, 1, patience) <= 0
      if !isStuck {
        let end = min(bytes.count, written + piece)
        let count = bytes[written..<end].withUnsafeBytes {
          Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count >= 0 {
          written += count
        } else if errno != EINTR, errno != EAGAIN {
          throw OutputError(errno: errno)
        }
      }
      if written < bytes.count, !wait(isStuck) { return false }
    }
    return true
  }
}
