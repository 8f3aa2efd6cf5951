import Aegis
import ArgumentParser

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "demo", usage: "[options]",
    abstract: "Demonstrate the tool in a private sandbox.",
    discussion: """
      Creates two network namespaces joined by a veth pair, and a private BPF file system, and runs the other \
      commands there on real packets. It does not touch this host, and leaves nothing behind, however it ends. \
      Needs root and the ip command.

      With --attack a flood hits the sandbox, is found and is stopped.

      EXAMPLES
          # takes a few seconds
          aegisctl demo
          aegisctl demo --attack
      """)

  @Flag(name: .long, help: "Show how an attack is found and stopped.")
  var attack = false

  @OptionGroup var instance: InstanceOptions

  func run() throws {
    if attack { try DemoAttack().run() } else { try DemoTour().run() }
  }
}
