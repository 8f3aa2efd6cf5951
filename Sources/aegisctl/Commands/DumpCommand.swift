import Aegis
import ArgumentParser

struct DumpCommand: ParsableCommand {
  /// What there is to dump.
  enum Part: String, CaseIterable, ExpressibleByArgument {
    case drops, keys, rates, links, all
  }

  static let configuration = CommandConfiguration.verb(
    "dump",
    abstract: "Show the entries that the kernel holds now.",
    discussion: """
      Drop entries and keys with the time they have left, the packets they decided and their notes. Expired \
      entries no longer count and are not shown. -o name prints what drop-ip and allow-key take.

      EXAMPLES
          # everything, for a program
          aegisctl dump -o json
          # lift all bans
          aegisctl dump drops -o name | aegisctl drop-ip --remove -f -
      """)

  @Argument(help: "drops, keys, rates, links or all.")
  var part = Part.all

  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let datapath = try instance.datapath()
    var report = DumpReport(part: part)
    if part == .drops || part == .all { report.drops = try DropList(datapath).entries() }
    if part == .keys || part == .all { report.keys = try KeyList(datapath).entries() }
    if part == .rates || part == .all { report.rate = try Limits(datapath).rate() }
    if part == .links || part == .all {
      report.links = try Interfaces(datapath).attachments().filter(\.isAttached)
    }
    try output.print(report)
  }
}
