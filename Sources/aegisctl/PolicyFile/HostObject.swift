import Aegis

/// The loaded and attached state, as the Host document that `apply` reads.
struct HostObject: Encodable {
  let apiVersion = APIVersion.current
  let kind = HostFields.kind
  let spec: Spec

  struct Spec: Encodable {
    let capacities: Capacities
    let interfaces: [Interface]
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
  }

  init(_ datapath: Datapath) throws(AegisError) {
    let capacity = try datapath.capacity()
    let attachments = try Interfaces(datapath).attachments()
    spec = Spec(
      capacities: Capacities(
        drops: capacity.drops, keys: capacity.keys, sources: capacity.sources),
      interfaces: attachments.filter { $0.isDeclared && !$0.isElsewhere }
        .map {
          Interface(
            name: $0.name,
            mode: [.native, .auto].contains($0.mode) ? nil : $0.mode.rawValue)
        }.sorted { $0.name < $1.name })
  }
}
