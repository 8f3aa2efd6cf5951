import Aegis
import ArgumentParser

/// The root command.
struct Aegisctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aegisctl",
    abstract: "Firewall and rate limit packets in the network driver, with XDP.",
    usage: "aegisctl [options] <verb> ...",
    discussion: """
      There is no daemon. Each call opens the maps and programs pinned in the BPF file system, does one thing, \
      prints the result and exits. The datapath keeps running between calls.

      Exit status: 0 done, 1 failed, 64 usage, 65 bad input, 69 not loaded or not attached, 71 the kernel \
      refused, 73 another program holds the interface, 75 timed out, 77 not permitted, 78 the pins have \
      another layout or are damaged, 79 the change would lock you out.

      EXAMPLES
          # see it work, in a sandbox that does not touch this host
          aegisctl demo
          # filter what eth0 receives
          aegisctl load
          aegisctl attach eth0
          # limit each source to 1000 packets a second, and block one address
          aegisctl set-rate 1000/s
          aegisctl drop-ip 203.0.113.7 --ttl 1h
          aegisctl stats
      """,
    version: "aegisctl \(Version.text)",
    groupedSubcommands: groups)

  @OptionGroup var common: CommonOptions

  private static let groups = [
    CommandGroup(
      name: "Set up",
      subcommands: [
        LoadCommand.self, AttachCommand.self, DetachCommand.self, UnloadCommand.self,
        TuneCommand.self, DemoCommand.self,
      ]),
    CommandGroup(
      name: "Policy",
      subcommands: [
        SetDefaultCommand.self, SetRateCommand.self, AllowKeyCommand.self, DropIPCommand.self,
        SetRuleCommand.self, SetModeCommand.self, SetListCommand.self, FeedCommand.self,
        SetClassCommand.self, SetGeoCommand.self, ApplyCommand.self, DiffCommand.self,
        SwitchCommand.self, ConfirmCommand.self, RollbackCommand.self,
      ]),
    CommandGroup(
      name: "Forward",
      subcommands: [
        SetHookCommand.self, SetRelayCommand.self, RelayUserCommand.self, RelayTokenCommand.self,
      ]),
    CommandGroup(
      name: "Look",
      subcommands: [
        StatusCommand.self, StatsCommand.self, EventsCommand.self, WhyCommand.self,
        ReplayCommand.self, LatencyCommand.self, DumpCommand.self, MetricsCommand.self,
      ]),
    CommandGroup(
      name: "As code", subcommands: [TestCommand.self, LintCommand.self]),
    CommandGroup(
      name: "Care", subcommands: [DoctorCommand.self, RepairCommand.self, CompletionCommand.self]),
  ]

  static var verbs: [String] {
    groups.flatMap(\.subcommands).compactMap { $0.configuration.commandName }
  }
}
