import Aegis
import ArgumentParser

/// The output formats of counters, including one for scraping.
enum StatsFormat: String, CaseIterable, ExpressibleByArgument {
  case table, wide, json, yaml, name, prometheus

  /// nil for Prometheus, which does not use a report.
  var report: OutputFormat? { OutputFormat(rawValue: rawValue) }
}

struct StatsOutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Output format.")
  var output = StatsFormat.table

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With -o prometheus: write to this file, for node_exporter.", valueName: "path"),
    completion: .file(extensions: ["prom"]))
  var textfile: String?

  @Flag(name: .shortAndLong, help: "Print nothing unless something goes wrong.")
  var quiet = false

  mutating func validate() throws {
    if textfile != nil, output != .prometheus {
      throw ValidationError("--textfile requires -o prometheus")
    }
  }

  func print(_ report: some Report) throws {
    if !quiet { try StandardOutput.write(report.text(as: output.report ?? .table)) }
  }
}

struct WatchOptions: ParsableArguments {
  @Flag(
    name: .shortAndLong,
    help: "Keep running: redraw on a terminal, elsewhere print a line of JSON per sample.")
  var watch = false

  @Option(
    name: .long,
    help: ArgumentHelp("Time between two samples.", valueName: "duration"),
    transform: DurationArgument.parse)
  var interval: Duration?

  @Option(name: .long, help: ArgumentHelp("With --watch: stop after n samples.", valueName: "n"))
  var count: Int?

  mutating func validate() throws {
    try Bounds.check("--count", count, 1...)
    if count != nil, !watch { throw ValidationError("--count requires --watch") }
    if watch, let interval, interval < .milliseconds(100) {
      throw AegisError.outOfBounds("--interval", "must be at least 100ms with --watch")
    }
  }
}

struct CheckOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Exit 2 if this condition is true, as monitoring plugins do.", valueName: "condition"),
    transform: Self.parse)
  var failIf: [Condition] = []

  @Option(
    name: .long, help: ArgumentHelp("Exit 1 if this condition is true.", valueName: "condition"),
    transform: Self.parse)
  var warnIf: [Condition] = []

  var isGiven: Bool { !failIf.isEmpty || !warnIf.isEmpty }

  /// Whether a condition needs two reads of the counters.
  var needsInterval: Bool { (failIf + warnIf).contains { $0.quantity != .count } }

  static func parse(_ text: String) throws -> Condition {
    do {
      return try Condition(text)
    } catch {
      throw AegisError(error)
    }
  }
}
