import Aegis
import ArgumentParser

struct ConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "confirm", usage: "[options]",
    abstract: "Keep a change made with --confirm-within.",
    discussion: """
      Removes the deadline, and discards the previous policy. If you do not confirm, the datapath lets \
      everything pass after the deadline, so that you can reach the host again; then 'rollback', 'repair', or \
      the next command that changes something, restores the previous policy. After 'attach' there is none, and \
      everything passes until you confirm or detach. A late confirm is refused if it would lock you out.

      EXAMPLES
          # attach, check that the session still works, and keep it
          aegisctl attach eth0 --confirm-within 60s
          aegisctl confirm
      """)

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let isChanged = try Deadline(datapath).remaining() != nil
    try lockOut.request.run(Plan(deadline: nil), on: datapath, in: session)
    try SavedPolicy(at: instance.root).forget(in: session)
    try change.print(
      ChangeReport(
        [("policy", isChanged ? "confirmed" : "unchanged")], dryRun: change.dryRun),
      at: instance.root)
  }
}
