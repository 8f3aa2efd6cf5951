import Aegis
public import ArgumentParser

/// The options of `attach` for a wire.
struct WireArguments: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Join the interface with this one: a wire.", valueName: "iface"),
    completion: .custom { _, _, _ in Completions.attachable() })
  var wire: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The port whose packets are not judged; none judges those of both (default: none).",
      valueName: "iface"),
    completion: .custom { _, _, _ in Completions.attachable() })
  var trust: String?

  @Option(
    name: .long,
    help: "What happens on the wire without the datapath: nothing crosses, or a bridge forwards.")
  var ifDetached: WireOptions.IfDetached?

  @Flag(
    name: .long,
    help: "Let 'repair' take a port down while the other one has no carrier.")
  var followLink = false

  var isGiven: Bool { wire != nil }

  mutating func validate() throws {
    if !isGiven, trust != nil || ifDetached != nil || followLink {
      throw ValidationError("--trust, --if-detached and --follow-link require --wire")
    }
  }

  /// nil without `--wire`.
  var options: WireOptions? {
    wire.map { peer in
      let trusted = trust == "none" ? nil : trust.map(Interfaces.ownName)
      return WireOptions(
        peer: Interfaces.ownName(of: peer), trusted: trusted, ifDetached: ifDetached ?? .closed,
        followsLink: followLink)
    }
  }
}

extension WireOptions.IfDetached: ExpressibleByArgument {}
