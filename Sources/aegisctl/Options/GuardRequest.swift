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
    let notes = try lockOutGuard(of: datapath).check(change(), attaching: attaching)
    for note in notes where Verbosity.isVerbose { StandardError.write("note: \(note)\n") }
  }

  /// Tells of what attaching will be refused for after a change that is made while nothing is attached.
  func warn(of change: PolicyChange, to datapath: Datapath) throws {
    if isForced { return }
    guard let refusal = try lockOutGuard(of: datapath).foresee(change) else { return }
    StandardError.write(
      "warning: nothing is attached yet, and attach will be refused: \(refusal.message)\n"
        + (refusal.hint.map { "hint: \($0)\n" } ?? ""))
  }

  /// Whom a change would cut off.
  func endangered(by change: PolicyChange, of datapath: Datapath) throws -> Endangered {
    try lockOutGuard(of: datapath).endangered(by: change)
  }

  private func lockOutGuard(of datapath: Datapath) -> LockOutGuard {
    let connection = getenv("SSH_CONNECTION").map { String(cString: $0) }
    return LockOutGuard(datapath, sshConnection: connection, asked: hosts)
  }

  /// Reads what `--guard` is given.
  static func host(_ text: String) throws -> AllowKey {
    let key = try InputArgument.read { notes throws(InputError) in
      try AllowKey(text, in: .argument, noting: &notes)
    }
    guard let source = key.source, source.isHost else {
      throw AegisError(InputError(input: text, problem: "is not a host"))
    }
    return key
  }
}
