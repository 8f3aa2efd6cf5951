import Aegis
import ArgumentParser

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "demo", usage: "[options]",
    abstract: "Show the tool at work in a private sandbox.",
    discussion: """
      Makes two network namespaces joined by a veth pair and a BPF file system of its own, and runs the \
      other commands there on real packets, each a process of its own. Nothing of this host is touched, \
      and nothing is left, however it ends. Needs root and the ip command.

      With --attack somebody floods the sandbox, is found and is stopped.

      EXAMPLES
          # all of it takes a few seconds
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
