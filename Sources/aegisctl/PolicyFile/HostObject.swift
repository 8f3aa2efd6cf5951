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
    /// nil if it is off.
    let relay: Relay?
    /// nil if none is set, or its file is not known.
    let hook: Hook?
  }

  struct Hook: Encodable {
    let object: String
    let program: String
    let onMissing: String
  }

  /// Without the key file, which is not known.
  struct Relay: Encodable {
    let listen: [String]
    let portRange: String
    let forward: [String]
  }

  struct Capacities: Encodable {
    let drops: UInt32
    let keys: UInt32
    let sources: UInt32
    let users: UInt32
  }

  struct Interface: Encodable {
    let name: String
    /// nil for native, which `auto` tries first.
    let mode: String?
    /// nil for what comes in.
    let direction: String?
    /// nil for the one in force.
    let profile: String?
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
    let profiles = try ProfileTable(datapath).names()
    let attachments = try Interfaces(datapath).attachments()
      .filter { $0.isDeclared && !$0.isElsewhere }
    spec = Spec(
      capacities: Capacities(
        drops: capacity.drops, keys: capacity.keys, sources: capacity.sources,
        users: capacity.users),
      interfaces: attachments.map(\.name).uniqued().map { name in
        Self.interface(name, attachments.filter { $0.name == name }, profiles)
      }
      .filter { one in
        !attachments.contains { $0.name == one.wire?.to && $0.name < one.name }
      }.sorted { $0.name < $1.name },
      geo: try GeoStore(datapath).facts()?.files.map(\.name),
      relay: try Self.relay(datapath), hook: try Self.hook(datapath))
  }

  private static func hook(_ datapath: Datapath) throws(AegisError) -> Hook? {
    guard let status = try Aegis.Hook(datapath).status(), let name = status.name,
      let file = status.file
    else { return nil }
    return Hook(object: file, program: name, onMissing: status.onMissing.rawValue)
  }

  private static func relay(_ datapath: Datapath) throws(AegisError) -> Relay? {
    guard let settings = try RelayStore(datapath).settings() else { return nil }
    return Relay(
      listen: settings.listen.map { "\($0)" }, portRange: RelaySettings.text(settings.ports),
      forward: try RelayHost.interfaces(of: datapath))
  }

  private static func interface(
    _ name: String, _ attachments: [Attachment], _ profiles: [UInt32: String]
  ) -> Interface {
    let ingress = attachments.first { $0.direction == .in }
    let hasEgress = attachments.contains { $0.direction == .out }
    let mode = ingress?.mode ?? .auto
    return Interface(
      name: name, mode: [.native, .auto].contains(mode) ? nil : mode.rawValue,
      direction: !hasEgress ? nil : (ingress == nil ? Directions.out : .both).rawValue,
      profile: attachments.lazy.compactMap(\.profile).first.flatMap { profiles[$0] },
      wire: ingress?.declaredWire.map(Wire.init))
  }
}
