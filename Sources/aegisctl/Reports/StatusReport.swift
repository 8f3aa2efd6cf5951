import Aegis

struct StatusReport: Report {
  struct Fill: Encodable {
    let used: Int
    let capacity: UInt32
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Status"
    let loaded = true
    let pinRoot: String
    let abi: UInt32
    let version: String
    let loadedAt: UInt64
    let defaultAction: String
    let rate: RateObject?
    let memoryBytes: UInt64
    /// `used` counts the fullest of the maps that share a capacity.
    let entries: [String: Fill]
    let limitedSources: UInt32
    let interfaces: [LinkObject]
  }

  let object: Object

  init(_ datapath: Datapath) throws(AegisError) {
    let limits = Limits(datapath)
    let capacity = try datapath.capacity()
    let drops = try DropList(datapath).counts()
    let keys = try KeyList(datapath).counts()
    object = try Object(
      pinRoot: datapath.root.path, abi: datapath.origin.abi, version: datapath.origin.version,
      loadedAt: datapath.origin.loadedAt, defaultAction: limits.defaultAction().rawValue,
      rate: limits.rate().map(RateObject.init), memoryBytes: datapath.memory(),
      entries: [
        "dropHosts": Fill(used: drops.hosts, capacity: capacity.drops),
        "dropPrefixes": Fill(used: drops.prefixes, capacity: capacity.drops),
        "keys": Fill(used: keys.plain, capacity: capacity.keys),
        "protectedKeys": Fill(used: keys.protected, capacity: capacity.keys),
      ],
      limitedSources: capacity.sources,
      interfaces: Interfaces(datapath).attachments().filter(\.isAttached).map(LinkObject.init))
  }

  var names: [String] { [object.pinRoot] }

  private func fill(_ name: String) -> String {
    object.entries[name].map { "\($0.used) of \($0.capacity)" } ?? ""
  }

  func table(wide: Bool) -> Table {
    let interfaces = object.interfaces.map { "\($0.name) (\($0.mode))" }
    var rows = [
      ["loaded", "\(object.pinRoot), by aegisctl \(object.version), ABI \(object.abi)"],
      ["attached to", interfaces.isEmpty ? "nothing" : interfaces.joined(separator: ", ")],
      ["default", object.defaultAction],
      ["rate", object.rate?.text ?? "off"],
      ["drop hosts", fill("dropHosts")],
      ["drop prefixes", fill("dropPrefixes")],
      ["keys", fill("keys")],
      ["protected keys", fill("protectedKeys")],
    ]
    if wide {
      rows += [
        ["limited sources", "room for \(object.limitedSources)"],
        ["memory", ByteCount.format(object.memoryBytes)],
      ]
    }
    return Table(["", ""], rows: rows)
  }
}

struct RateObject: Encodable {
  let rate: String
  let packets: UInt64
  let periodSeconds: UInt32
  let burst: UInt32

  init(_ rate: Rate) {
    self.rate = rate.description
    packets = rate.packets
    periodSeconds = rate.period.seconds
    burst = rate.effectiveBurst
  }

  var text: String { "\(rate) a source, burst \(burst)" }
}

struct LinkObject: Encodable {
  let name: String
  let ifindex: UInt32
  let mode: String
  let link: UInt32?
  let program: UInt32?
  let elsewhere: Bool

  init(_ attachment: Attachment) {
    name = attachment.name
    ifindex = attachment.ifindex
    mode = attachment.mode.rawValue
    link = attachment.link
    program = attachment.program
    elsewhere = attachment.isElsewhere
  }
}
