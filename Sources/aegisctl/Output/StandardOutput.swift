import Glibc

/// Data, and nothing else.
enum StandardOutput {
  /// Writes the whole text. Ends the process as SIGPIPE does if nobody reads it any more.
  static func write(_ text: String) throws(OutputError) {
    let errno = DescriptorWriter.write(text, to: STDOUT_FILENO)
    if errno == EPIPE { DescriptorWriter.dieOfSIGPIPE() }
    if errno != 0 { throw OutputError(errno: errno) }
  }
}
