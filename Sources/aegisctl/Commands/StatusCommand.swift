import Aegis
import ArgumentParser

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "status", usage: "[options]",
    abstract: "Show what is loaded, where it is attached and how full it is.",
    discussion: """
      Drop entries and keys lie in several maps, and each of them has room for as many as load --max-drops or \
      --max-keys says. -o wide and -o json also tell how full the other maps are.

      Exits 69 when nothing is loaded, and 78 when pins of what is loaded were removed.

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
