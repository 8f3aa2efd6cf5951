import ArgumentParser

/// Whether a change undoes itself.
struct ConfirmOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Let everything pass after this time, unless confirmed first.", valueName: "duration"),
    transform: DurationArgument.parse)
  var confirmWithin: Duration?
}
