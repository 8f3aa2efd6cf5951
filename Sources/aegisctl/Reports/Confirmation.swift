import Aegis

/// When a change must be confirmed, and how.
struct Confirmation {
  let deadline: String
  let command: String

  /// nil if nothing waits to be confirmed.
  init?(_ datapath: Datapath, at root: PinRoot) throws {
    guard let time = try Deadline(datapath).time() else { return nil }
    // Without the fraction of a second, which rounds to the earlier time.
    deadline = "\(WallTime(milliseconds: time.milliseconds / 1000 * 1000))"
    command = "aegisctl confirm" + (root == .standard ? "" : " --pin-root \(root)")
  }

  /// After a deadline of `attach` has passed, a change has no effect until it is confirmed.
  static func warnIfOverdue(_ datapath: Datapath) throws {
    guard let left = try Deadline(datapath).remaining(), left <= .zero else { return }
    Notice.give(
      "all packets pass, because a change was not confirmed in time; to enforce the policy: aegisctl confirm"
    )
  }

  /// The message of `--confirm-within`.
  static func report(_ confirmation: Confirmation?, changed: Bool) {
    let nothing = "nothing was changed, so there is nothing to confirm"
    guard let confirmation else { return Notice.give(nothing) }
    let (deadline, command) = (confirmation.deadline, confirmation.command)
    Notice.give(
      changed
        ? "all packets pass from \(deadline) on, unless you confirm with: \(command)"
        : "nothing was changed; confirm the earlier change before \(deadline) with: \(command)"
    )
  }
}
