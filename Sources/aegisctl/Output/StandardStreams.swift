import Glibc

enum StandardStreams {
  /// Opens `/dev/null` for each standard stream that is closed: otherwise the next opened file would get its number,
  /// and output for the stream would go to that file.
  ///
  /// The corresponding C function is `open`.
  static func open() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = Glibc.open("/dev/null", O_RDWR)
    }
  }
}
