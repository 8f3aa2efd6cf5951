public import Aegis
public import ArgumentParser

struct SetModeCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-mode", usage: "[options] enforce|monitor",
    abstract: "Enforce the policy, or only count what it would drop.",
    discussion: """
      monitor evaluates every packet as usual, but lets packets that would be dropped pass (pass.monitored), \
      and counts them by reason; status and stats show the mode. Rates are tracked as if they were enforced. \
      To try out a single drop entry or rate, use its --monitor option instead. enforce is refused if the \
      policy would cut off an SSH session, a gateway, a name server, a DHCP lease or a tunnel.

      EXAMPLES
          # try a policy on real traffic, then enforce it
          aegisctl set-mode monitor
          aegisctl stats
          aegisctl set-mode enforce
      """)

  @Argument(help: "enforce or monitor.")
  var mode: PolicyDefaults.Mode

  @OptionGroup var profile: ProfileOptions
  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try profile.view(of: session.datapath())
    let plan = try Plan(mode: mode, of: datapath)
    try lockOut.request.listCut(
      by: plan, of: datapath, isDryRun: change.dryRun, isQuiet: change.output.quiet)
    try lockOut.request.check(plan, to: datapath)
    var report = ChangeReport(
      "mode \(mode.rawValue)", changed: !plan.isEmpty, dryRun: change.dryRun)
    report.confirmation = try confirm.run(plan, on: datapath, in: session, change)
    try change.print(report, at: instance.root)
  }
}

extension PolicyDefaults.Mode: ExpressibleByArgument {}
