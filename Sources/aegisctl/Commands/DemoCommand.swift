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

      With --wire the sandbox is an invisible gateway between two ends, in three network namespaces. It also \
      needs the commands ethtool and ping.

      With --relay the sandbox is a relay between its clients and a destination: what has no valid tag, and what \
      is repeated, is dropped. It also needs ethtool.

      EXAMPLES
          # takes a few seconds
          aegisctl demo
          aegisctl demo --attack
          aegisctl demo --wire
          aegisctl demo --relay
      """)

  @Flag(name: .long, help: "Show how an attack is found and stopped.")
  var attack = false

  @Flag(name: .long, help: "Show an invisible gateway that stops an attacker.")
  var wire = false

  @Flag(name: .long, help: "Show a relay that forwards for a user with a token.")
  var relay = false

  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if [attack, wire, relay].count(where: \.self) > 1 {
      throw ValidationError("give one of --attack, --wire and --relay only")
    }
  }

  func run() throws {
    if attack {
      try DemoAttack().run()
    } else if wire {
      try DemoWire().run()
    } else if relay {
      try DemoRelay().run()
    } else {
      try DemoTour().run()
    }
  }
}
