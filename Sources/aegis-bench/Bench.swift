import ArgumentParser
import Glibc

@main
enum Program {
  static func main() throws {
    if try !MeasuredCommand.tell() { Bench.main() }
  }
}

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aegis-bench",
    abstract: "Measure the datapath of Aegis beside others.",
    discussion: """
      Everything happens in network namespaces and a BPF file system of its own, which go with the process. \
      Needs root and the ip command. Programs take turns in rounds; figures are medians over the rounds, and \
      ratios are taken within a round. It installs nothing and names what it did not find.

      EXAMPLES
          # all of it, in two minutes
          aegis-bench --quick
          # one part, thoroughly, with the figures in a file
          aegis-bench accuracy --rounds 9 --json accuracy.json
      """)

  enum Part: String, CaseIterable, ExpressibleByArgument {
    case startup, bulk, cost, addresses, rules, live, accuracy, isolation, latency, events, wire
    case relay, all
  }

  @Argument(help: "What to measure: \(Part.allCases.map(\.rawValue).joined(separator: ", ")).")
  var part = Part.all

  @Flag(help: "Finish within two minutes, less exactly.")
  var quick = false

  @Option(help: ArgumentHelp("Also write the figures to a file.", valueName: "file"))
  var json: String?

  @Option(
    help: ArgumentHelp("With live or all: also draw the packets a second.", valueName: "file"))
  var svg: String?

  @Option(help: ArgumentHelp("How often to measure each figure.", valueName: "n"))
  var rounds: Int?

  func validate() throws {
    if let rounds, !(1...99 ~= rounds) { throw ValidationError("--rounds takes 1 to 99.") }
    if svg != nil, part != .live, part != .all {
      throw ValidationError("--svg goes with live or all.")
    }
    if geteuid() != 0 { throw ValidationError("It needs root: namespaces and BPF programs.") }
  }

  func run() throws {
    let effort = Effort(isQuick: quick, rounds: rounds)
    let lab = try Lab()
    var report = Report(effort)
    for run in parts {
      let part = try run(lab, effort)
      print(part.text)
      report.parts.append(part)
    }
    if let json { try report.write(to: json) }
    if let svg, let table = report.parts.first(where: { $0.name == "live" })?.tables.first {
      try BarChart(
        "Packets a second", "As a share of an XDP program that only drops.", table
      ).write(to: svg)
    }
  }

  private var parts: [(Lab, Effort) throws -> Report.Part] {
    switch part {
    case .startup: [StartupPart.run]
    case .bulk: [BulkPart.run]
    case .cost: [CostPart.run]
    case .addresses: [AddressesPart.run]
    case .rules: [RulesPart.run]
    case .live: [LivePart.run]
    case .accuracy: [AccuracyPart.run]
    case .isolation: [IsolationPart.run]
    case .latency: [LatencyPart.run]
    case .events: [EventsPart.run]
    case .wire: [WirePart.run]
    case .relay: [RelayPart.run]
    case .all:
      [
        StartupPart.run, BulkPart.run, CostPart.run, AddressesPart.run, RulesPart.run,
        LivePart.run, AccuracyPart.run, IsolationPart.run, LatencyPart.run, EventsPart.run,
        WirePart.run,
        RelayPart.run,
      ]
    }
  }
}
