import Aegis
import ArgumentParser
import Glibc

struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "repair", usage: "[options]",
    abstract: "Restore attachments and pins that were lost.",
    discussion: """
      Reattaches interfaces that were recreated or whose link was removed. Restores the program of a link if \
      somebody replaced it. Restores pins that were removed, even 'current' or a whole generation, and removes \
      stale pins. Finishes what an interrupted command began. Restores the previous policy if a new one was \
      not confirmed in time. What was detached stays detached. If all is well it does nothing, so you can run \
      it from a timer.

      Exits 0 if all is well afterwards, even if an interface that should be attached does not exist. Exits 73 \
      if another program holds the interface; that program stays. Exits 65 if an earlier version attached an \
      interface whose packets have no Ethernet header. With --dry-run it exits 1 if there is something to \
      repair.

      EXAMPLES
          # every minute, from cron
          aegisctl repair -q
          # check whether anything needs repair
          aegisctl repair --dry-run
      """)

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let outcome = try Repair(instance.root).run(in: session)
    try change.print(
      RepairReport(outcome, root: instance.root, isDryRun: change.dryRun), at: instance.root)
    try Failures.check(outcome.errors)
    if change.dryRun, outcome.isChanged { throw ExitCode(EXIT_FAILURE) }
  }
}
