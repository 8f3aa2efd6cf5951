import Glibc
import Linux

enum DescriptorWriter {
  /// - Returns: 0 if all is written, or the errno of the failure.
  ///
  /// The corresponding C function is `write`.
  static func write(_ text: String, to descriptor: CInt) -> CInt {
    write(text.utf8.span.bytes, to: descriptor)
  }

  /// The same for bytes.
  static func write(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
    write(bytes.span.bytes, to: descriptor)
  }

  private static func write(_ bytes: RawSpan, to descriptor: CInt) -> CInt {
    do {
      _ = try Descriptors.write(bytes, to: descriptor) { isFull in
        if isFull { Descriptors.wait(for: POLLOUT, on: descriptor, until: nil) }
        return true
      }
      return 0
    } catch {
      return error.errno
    }
  }

  /// For a caller that ignored the signal: its parent sees the death that is expected of a filter.
  static func dieOfSIGPIPE() -> Never {
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    signal(SIGPIPE, SIG_DFL)
    sigprocmask(SIG_UNBLOCK, &pipe, nil)
    raise(SIGPIPE)
    _exit(128 + SIGPIPE)
  }
}
