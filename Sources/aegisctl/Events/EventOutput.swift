import Glibc
import Linux

/// Writes standard output or a capture at the reader's pace, and never waits without a limit.
enum EventOutput {
  /// A pipe that is ready takes this many bytes without blocking.
  private static let piece = 4096
  private static let patience = Duration.milliseconds(100)

  /// Whether the reader of a pipe is gone. A write would report it, but there may be nothing to write.
  ///
  /// The corresponding C function is `poll`.
  static var isAbandoned: Bool {
    var request = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    return poll(&request, 1, 0) > 0 && request.revents & Int16(POLLERR) != 0
  }

  /// Writes the whole text to standard output, or as much as the function below writes.
  static func write(_ text: String, wait: (_ isStuck: Bool) -> Bool) throws(OutputError) -> Bool {
    try write(Array(text.utf8), to: STDOUT_FILENO, wait: wait)
  }

  /// Writes all bytes, unless `wait` gives up.
  ///
  /// - Parameter wait: Called between pieces, and ten times a second while the reader takes nothing, with `isStuck`
  ///   true; it returns false to give up the rest.
  /// - Returns: Whether all was written.
  /// - Throws: The error of the reader or the file system; EPIPE if the reader is gone.
  ///
  /// The corresponding C functions are `poll` and `write`.
  static func write(
    _ bytes: [UInt8], to descriptor: CInt, wait: (_ isStuck: Bool) -> Bool
  ) throws(OutputError) -> Bool {
    var isFirst = true
    do {
      return try Descriptors.write(bytes.span.bytes, to: descriptor, atMost: piece) { _ in
        if !isFirst, !wait(false) { return false }
        isFirst = false
        while !Descriptors.wait(for: POLLOUT, on: descriptor, until: .now + patience) {
          if !wait(true) { return false }
        }
        return true
      }
    } catch {
      throw OutputError(errno: error.errno)
    }
  }
}
