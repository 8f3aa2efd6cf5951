import Aegis
import ArgumentParser
import Glibc

struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "repair", usage: "[options]",
    abstract: "Bring back what was attached and is lost.",
    discussion: """
      Attaches an interface again that was created anew under its name or whose link somebody removed, \
      puts the program back under a link that somebody gave another, pins again what lost its pin, also where \
      'current' or a whole generation was removed, removes pins that lead nowhere, finishes what an interrupted command began, and returns to the policy before \
      one that was not confirmed in time. What was detached stays detached, and nothing happens when all is \
      well: it is made for a timer.

      Exits 0 when all is well afterwards, also while an interface that is to be attached does not exist; 73 \
      if somebody else's program is in its place, which stays; 65 if an earlier version attached an interface \
      whose packets have no Ethernet header. With --dry-run it exits 1 when something \
      would be done.

      EXAMPLES
          # every minute, from cron
          aegisctl repair -q
          # has anybody changed anything?
          aegisctl repair --dry-run
      """)

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let outcome = try Repair(instance.root).run(in: session)
    try change.print(RepairReport(outcome, root: instance.root, isDryRun: change.dryRun))
    try Failures.check(outcome.errors)
    if change.dryRun, outcome.isChanged { throw ExitCode(EXIT_FAILURE) }
  }
}
