import Aegis
import ArgumentParser

struct ConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "confirm", usage: "[options]",
    abstract: "Keep what was changed with --confirm-within.",
    discussion: """
      Takes the deadline away, and forgets the policy that 'apply' kept. Without it, once the deadline has passed the datapath lets everything pass, so \
      that whoever locked themselves out is let in again. To confirm after that is refused where it would lock \
      them out once more.

      EXAMPLES
          # attach, see that the session still lives, and keep it
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
        [("policy", isChanged ? "confirmed" : "unchanged")], dryRun: change.dryRun))
  }
}
