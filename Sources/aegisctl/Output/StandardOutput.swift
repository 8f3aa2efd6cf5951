import Aegis
import Glibc

/// Data only.
enum StandardOutput {
  /// Writes the whole text. If there is no reader any longer, ends the process as SIGPIPE does.
  static func write(_ text: String) throws(OutputError) {
    let errno = DescriptorWriter.write(text, to: STDOUT_FILENO)
    if errno == EPIPE { DescriptorWriter.dieOfSIGPIPE() }
    if errno != 0 { throw OutputError(errno: errno) }
  }

  /// The same for a report of a change: if there is no reader, standard error still says that the change was made.
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
