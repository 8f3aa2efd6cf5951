import Glibc

enum StandardStreams {
  /// Opens `/dev/null` for each standard stream that is closed: the next file that is opened would take its number,
  /// and what is meant for the stream would go into the file.
  ///
  /// The corresponding C function is `open`.
  static func open() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = Glibc.open("/dev/null", O_RDWR)
    }
  }
}
