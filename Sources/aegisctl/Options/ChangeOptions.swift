import Aegis
import ArgumentParser

/// Options for changing something.
struct ChangeOptions: ParsableArguments {
  @Flag(name: .long, help: "Only show what would change.")
  var dryRun = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Why, for the system log and 'dump log' (at most 127 bytes).", valueName: "text"))
  var message: String?

  @OptionGroup var waiting: WaitOptions

  @OptionGroup var output: OutputOptions

  var timeout: Duration { waiting.timeout }

  var style: ChangeStyle {
    ChangeStyle(
      isDryRun: dryRun, isQuiet: output.quiet, timeout: timeout, format: output.output,
      message: message)
  }

  func session(at root: PinRoot) throws -> Session { try style.session(at: root) }

  func print(_ report: some ChangeReporting, at root: PinRoot) throws {
    try style.print(report, at: root)
  }
}

struct WaitOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long to wait for another aegisctl that is changing the same datapath (default: 10s).",
      valueName: "duration"),
    transform: DurationArgument.parse)
  var timeout = Duration.seconds(10)
}

enum DurationArgument {
  static func parse(_ text: String) throws -> Duration {
    do {
      return try DurationText.parse(text)
    } catch {
      throw AegisError(error)
    }
  }
}
