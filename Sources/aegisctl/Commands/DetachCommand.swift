import Aegis
import ArgumentParser

struct DetachCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "detach", usage: "[options] <iface> ... | --all",
    abstract: "Detach the datapath from an interface.",
    discussion: """
      Removes the link: from then on every packet passes. Policy and counters stay, and counting continues \
      when you attach the interface again. A name means an interface of this network namespace. Detach an \
      interface that was moved to another namespace from there, or with --all. A port of a wire takes the \
      other port with it: then only a bridge below the wire forwards, if there is one. Without --direction \
      both directions are detached.

      EXAMPLES
          # stop filtering everywhere, and keep the policy
          aegisctl detach --all
          # let everything leave, and go on judging what comes in
          aegisctl detach eth0 --direction out
      """)

  @Argument(
    help: ArgumentHelp("Interfaces to detach.", valueName: "iface"),
    completion: .custom { words, _, _ in Completions.attachedInterfaces(words) })
  var interfaces: [String] = []

  @Flag(name: .long, help: "Detach all interfaces, in every network namespace.")
  var all = false

  @Option(name: .long, help: "What to detach: packets that come in, that go out, or both.")
  var direction = Directions.both

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if all == !interfaces.isEmpty {
      throw ValidationError("give interface names or --all, not both")
    }
  }

  func run() throws {
    let session = try change.session(at: instance.root)
    let attachments = Interfaces(try session.datapath())
    var changes: [(name: String, action: String)] = []
    var errors: [AegisError] = []
    if all {
      let detached = try attachments.detachAll(direction, in: session)
      changes = detached.names.map { ($0, "detached") }
      errors = detached.errors
    }
    for name in interfaces.map(Interfaces.ownName).uniqued()
    where !changes.contains(where: { $0.name == name }) {
      do {
        let detached = try attachments.detach(name, direction, in: session)
        changes += detached.isEmpty ? [(name, "unchanged")] : detached.map { ($0, "detached") }
      } catch {
        errors.append(error)
      }
    }
    if !changes.isEmpty || errors.isEmpty {
      try change.print(ChangeReport(changes, dryRun: change.dryRun), at: instance.root)
    }
    try Failures.check(errors)
  }
}
