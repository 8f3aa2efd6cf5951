import Aegis

/// How to make a change, and how to report it.
struct ChangeStyle {
  var isDryRun = false
  var isQuiet = false
  var timeout = Duration.seconds(10)
  var format = OutputFormat.table
  var message: String?

  func session(at root: PinRoot) throws -> Session {
    try Session(at: root, timeout: timeout, dryRun: isDryRun)
  }

  /// - Parameter isBan: Whether programs make such changes all the time: without a message the ring does not have
  ///   them, or nobody would find the others there.
  func print(
    _ report: some ChangeReporting, isBan: Bool = false, at root: PinRoot
  ) throws {
    if report.isChanged, !isDryRun {
      Audit(message: message).record(at: root, inRing: !isBan || message != nil)
    }
    if isQuiet { return }
    let text = try report.text(as: format)
    if isDryRun { try StandardOutput.write(text) } else { try StandardOutput.writeChange(text) }
  }
}
