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

      --suggest-rate has the datapath note for a while (--interval, 10s by default) how much each source sends \
      that no entry drops, and proposes rates: how many of the sources and packets each would have touched.

      EXAMPLES
          # one interface, and what happens right now
          aegisctl stats eth0 --interval 1s
          # every reason, for a program
          aegisctl stats -o json
          # which rate would leave the usual traffic alone
          aegisctl stats --suggest-rate --interval 60s
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

  @Flag(name: .long, help: "Propose a rate from what sources send meanwhile.")
  var suggestRate = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if suggestRate, !interfaces.isEmpty {
      throw ValidationError("--suggest-rate is for all interfaces together")
    }
  }

  func run() throws {
    if suggestRate {
      let survey = Survey(at: instance.root, timeout: .seconds(10))
      let result = try survey.take(interval ?? .seconds(10), wait: Self.sleep)
      return try output.print(SuggestionReport(result))
    }
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
