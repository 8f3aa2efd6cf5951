import Aegis
import ArgumentParser
import Glibc

struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "stats", usage: "[options] [<iface> ...]",
    abstract: "Show how many packets passed and were dropped, and why.",
    discussion: """
      Packets and whole frames' bytes by reason, for each interface and in total, since it was attached. \
      Every packet has exactly one reason. SHARE is of the packets the interface received. With --interval \
      it looks twice and adds packets and bytes a second.

      EXAMPLES
          # one interface, and what happens right now
          aegisctl stats eth0 --interval 1s
          # every reason, for a program
          aegisctl stats -o json
      """)

  @Argument(
    help: ArgumentHelp("Interfaces (default: all).", valueName: "iface"),
    completion: .custom { words, _, _ in Completions.attachedInterfaces(words) })
  var interfaces: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Look twice, so long apart, and show rates.", valueName: "duration"),
    transform: DurationArgument.parse)
  var interval: Duration?

  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let datapath = try instance.datapath()
    let attachments = try Self.chosen(interfaces, Interfaces(datapath).attachments())
    let withOthers = interfaces.isEmpty
    let first = try StatsSample(datapath, attachments, withOthers: withOthers)
    guard let interval else { return try output.print(StatsReport(first, since: nil)) }
    Self.sleep(interval)
    let second = try StatsSample(datapath, attachments, withOthers: withOthers)
    try output.print(StatsReport(second, since: first))
  }

  private static func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = timespec()
    while nanosleep(&time, &left) != 0, errno == EINTR { time = left }
  }

  private static func chosen(
    _ names: [String], _ all: [Attachment]
  ) throws -> [Attachment] {
    if names.isEmpty { return all }
    let unknown = names.filter { name in !all.contains { $0.name == name } }
    try Failures.check(
      unknown.map {
        AegisError(.notLoaded, "\($0) is not attached", hint: "aegisctl attach \($0)")
      })
    return all.filter { names.contains($0.name) }
  }
}
