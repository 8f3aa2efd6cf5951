import Aegis
import Glibc

/// Data, and nothing else.
enum StandardOutput {
  /// Writes the whole text. Ends the process as SIGPIPE does if nobody reads it any more.
  static func write(_ text: String) throws(OutputError) {
    let errno = DescriptorWriter.write(text, to: STDOUT_FILENO)
    if errno == EPIPE { DescriptorWriter.dieOfSIGPIPE() }
    if errno != 0 { throw OutputError(errno: errno) }
  }

  /// The same of what was changed: that it was done is said even to whoever reads no more.
  static func writeChange(_ text: String) throws(OutputError) {
    let before = signal(SIGPIPE, SIG_IGN)
    let errno = DescriptorWriter.write(text, to: STDOUT_FILENO)
    signal(SIGPIPE, before)
    if errno == 0 { return }
    let error = OutputError(errno: errno, isDone: true)
    if errno != EPIPE { throw error }
    FailureReport.write(AegisError(.failed, "\(error)"))
    DescriptorWriter.dieOfSIGPIPE()
  }
}
