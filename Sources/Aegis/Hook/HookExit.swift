internal import CAegis

/// Where an operator's program continues when it is done with a packet.
struct HookExit {
  let verdict: Verdict

  static let all = [Verdict.pass, .drop, .reply].map(HookExit.init)

  /// Of its program.
  var name: String { "\(AEGIS_PROGRAM)_hook_\(verdict.rawValue)" }

  func pin(in directory: String) -> String { directory + "/" + name }

  /// In `hook_exit`.
  var place: UInt32 { verdict.action }
}
