import Aegis

/// By when a change is to be confirmed, and how.
struct Confirmation {
  let deadline: String
  let command: String

  /// nil when nothing waits to be confirmed.
  init?(_ datapath: Datapath, at root: PinRoot) throws {
    guard let time = try Deadline(datapath).time() else { return nil }
    // Without the fraction of a second, which rounds to the safe side.
    deadline = "\(WallTime(milliseconds: time.milliseconds / 1000 * 1000))"
    command = "aegisctl confirm" + (root == .standard ? "" : " --pin-root \(root)")
  }

  /// What `--confirm-within` says of itself.
  static func report(_ confirmation: Confirmation?, changed: Bool) {
    let nothing = "nothing was changed, so there is nothing to confirm"
    guard let confirmation else { return Notice.give(nothing) }
    let (deadline, command) = (confirmation.deadline, confirmation.command)
    Notice.give(
      changed
        ? "everything passes from \(deadline) on, unless this is confirmed: \(command)"
        : "nothing was changed; what was changed before is to be confirmed until \(deadline): \(command)"
    )
  }
}
