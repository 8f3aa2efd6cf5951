import Aegis
import ArgumentParser

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "status", usage: "[options]",
    abstract: "Show what is loaded, where it is attached and how full it is.",
    discussion: """
      Drop entries of each family have the capacity set with load --max-drops. Keys are stored in several maps, \
      and each map has the capacity set with load --max-keys. -o wide and -o json also show how full the other maps are.

      Exits 69 if nothing is loaded, and 78 if pins of the loaded datapath were removed.

      EXAMPLES
          # for a person, and for a script
          aegisctl status
          aegisctl status -o json
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    try output.print(StatusReport(instance.look()))
  }
}
