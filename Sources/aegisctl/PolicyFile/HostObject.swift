import Aegis

/// The loaded and attached state, as the Host document that `apply` reads.
struct HostObject: Encodable {
  let apiVersion = APIVersion.current
  let kind = HostFields.kind
  let spec: Spec

  struct Spec: Encodable {
    let capacities: Capacities
    let interfaces: [Interface]
    /// nil if no countries are loaded.
    let geo: [String]?
  }

  struct Capacities: Encodable {
    let drops: UInt32
    let keys: UInt32
    let sources: UInt32
  }

  struct Interface: Encodable {
    let name: String
    /// nil for native, which `auto` tries first.
    let mode: String?
    /// nil unless it is a port of a wire, of which only the first is listed.
    let wire: Wire?
  }

  struct Wire: Encodable {
    let to: String
    let trust: String?
    let ifDetached: String
    let followLink: Bool

    init(_ options: WireOptions) {
      to = options.peer
      trust = options.trusted
      ifDetached = options.ifDetached.rawValue
      followLink = options.followsLink
    }
  }

  init(_ datapath: Datapath) throws(AegisError) {
    let capacity = try datapath.capacity()
    let attachments = try Interfaces(datapath).attachments()
      .filter { $0.isDeclared && !$0.isElsewhere }
    spec = Spec(
      capacities: Capacities(
        drops: capacity.drops, keys: capacity.keys, sources: capacity.sources),
      interfaces: attachments.map {
        Interface(
          name: $0.name,
          mode: [.native, .auto].contains($0.mode) ? nil : $0.mode.rawValue,
          wire: $0.declaredWire.map(Wire.init))
      }
      .filter { one in
        !attachments.contains { $0.name == one.wire?.to && $0.name < one.name }
      }.sorted { $0.name < $1.name },
      geo: try GeoStore(datapath).facts()?.files.map(\.name))
  }
}
