import Aegis
import ArgumentParser

struct ConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "confirm", usage: "[options]",
    abstract: "Keep what was changed with --confirm-within.",
    discussion: """
      Takes the deadline away. Without it, once the deadline has passed the datapath lets everything pass, so \
      that whoever locked themselves out is let in again.

      EXAMPLES
          # attach, see that the session still lives, and keep it
          aegisctl attach eth0 --confirm-within 60s
          aegisctl confirm
      """)

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let isChanged = try Deadline(session.datapath()).clear(in: session)
    try change.print(
      ChangeReport(
        [("policy", isChanged ? "confirmed" : "unchanged")], dryRun: change.dryRun))
  }
}
