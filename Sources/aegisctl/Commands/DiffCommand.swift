import Aegis
import ArgumentParser

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "diff", usage: "[options] -f <file>",
    abstract: "Show what apply would change.",
    discussion: """
      Changes nothing, and takes no lock. Exits 0 if the policy matches, 1 if apply with the same options \
      would change something, and more than 1 on errors.

      Without --prune, entries that are loaded but not in the lists of the files stay. A note says how many.

      EXAMPLES
          # check that the policy matches exactly
          aegisctl diff -f policy.yaml --prune
          # for a script: only the exit status
          aegisctl diff -q -f /etc/aegis
      """)

  @OptionGroup var policy: PolicyOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if policy.file.isEmpty { throw ValidationError("give a policy with --file") }
  }

  func run() throws {
    let wanted = try PolicyFiles.read(policy.file, as: policy.profile.name())
    try policy.check(wanted)
    let datapath = try wanted.host == nil ? instance.look() : instance.lookIfLoaded()
    let plan = try policy.plan(wanted.policy, at: datapath)
    let profiles = try policy.plans(wanted, at: datapath)
    let host = try policy.plan(wanted.host, at: datapath)
    host?.giveNotes()
    let geo = try wanted.host?.geo.map { try GeoChange(to: GeoChange.table(of: $0), of: datapath) }
    let relay = try RelayChange(wanted, of: datapath, pruning: policy.prune)
    let hook = try wanted.host?.hook.map { declared in
      try HookChange(
        to: HookChange.read(declared), onMissing: declared.onMissing, of: datapath)
    }
    let report = PlanReport(
      plan, host, geo, relay, profiles, hook: hook, dryRun: true, comparison: true)
    try output.print(report)
    report.noteRemaining(output)
    if report.isChanged { throw ExitCode(1) }
  }
}
