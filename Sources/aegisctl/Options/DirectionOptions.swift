public import Aegis
public import ArgumentParser

extension Direction: ExpressibleByArgument {}

/// Which of the two policies a command is about.
struct DirectionOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: "For packets that leave this host; destinations take the place of sources.")
  var out = false

  var direction: Direction { out ? .out : .in }
}
