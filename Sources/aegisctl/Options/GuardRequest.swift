import Aegis
import ArgumentParser
import Glibc

/// Whom a change must not cut off, however the arguments were read.
struct GuardRequest {
  var isForced = false
  var hosts: [AllowKey] = []

  /// Refuses a change that would cut off one of them, before it is made.
  func check(
    _ change: @autoclosure () -> PolicyChange, to datapath: Datapath, attaching: [String] = []
  ) throws {
    if isForced { return }
    let connection = getenv("SSH_CONNECTION").map { String(cString: $0) }
    let lockOutGuard = LockOutGuard(datapath, sshConnection: connection, asked: hosts)
    let notes = try lockOutGuard.check(change(), attaching: attaching)
    for note in notes where Verbosity.isVerbose { StandardError.write("note: \(note)\n") }
  }

  /// Reads what `--guard` is given.
  static func host(_ text: String) throws -> AllowKey {
    let key: AllowKey
    do {
      key = try InputArgument.read { notes throws(InputError) in
        try AllowKey(text, in: .argument, noting: &notes)
      }
    } catch {
      throw ValidationError(error.message + (error.hint.map { "; \($0)" } ?? ""))
    }
    guard let source = key.source, source.isHost else {
      throw ValidationError("--guard takes a host, not '\(text)'")
    }
    return key
  }
}
