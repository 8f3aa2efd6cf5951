public import Aegis
public import ArgumentParser

struct SetModeCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-mode", usage: "[options] enforce|monitor",
    abstract: "Drop what the policy drops, or only count it.",
    discussion: """
      monitor judges every packet as usual, counts what would be dropped by its reason, and lets it pass \
      (pass.monitored); status and stats say so. Rates are kept as if they were enforced. A single drop \
      entry or rate is tried out with --monitor instead. enforce is refused where the policy would cut off an \
      SSH session, a gateway, a name server, a DHCP lease or a tunnel.

      EXAMPLES
          # try a policy on real traffic, look, then mean it
          aegisctl set-mode monitor
          aegisctl stats
          aegisctl set-mode enforce
      """)

  @Argument(help: "enforce or monitor.")
  var mode: PolicyDefaults.Mode

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let plan = try Plan(mode: mode, of: datapath)
    try lockOut.request.run(plan, on: datapath, in: session)
    try change.print(
      ChangeReport("mode \(mode.rawValue)", changed: !plan.isEmpty, dryRun: change.dryRun))
  }
}

extension PolicyDefaults.Mode: ExpressibleByArgument {}
