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
    let mode: String
    /// Until the policy must be confirmed; negative once that is over and everything passes.
    let secondsToConfirm: Double?
    let rates: [RateObject]
    /// Leading bits that tell sources apart, IPv4 and IPv6.
    let sourcePrefix: [Int]
    let memoryBytes: UInt64
    /// `used` counts the fullest of the maps that share a capacity.
    let entries: [String: Fill]
    let limitedSources: UInt32
    let interfaces: [LinkObject]
    /// Interfaces that are to be attached and are not; absent if there are none.
    let lost: [String]?
    /// Of latency, going on or left; absent without one.
    let measurement: String?
  }

  let object: Object
  private let rules: [RateRule]

  init(_ datapath: Datapath) throws(AegisError) {
    let limits = Limits(datapath)
    let capacity = try datapath.capacity()
    let drops = try DropList(datapath).counts()
    let keys = try KeyList(datapath).counts()
    let attachments = try Interfaces(datapath).attachments()
    let lost = attachments.filter { $0.isDeclared && !$0.isAttached }.map(\.name)
    let lengths = try RateTable(datapath).sourcePrefix()
    rules = try RateTable(datapath).rules()
    object = try Object(
      pinRoot: datapath.root.path, abi: datapath.origin.abi, version: datapath.origin.version,
      loadedAt: datapath.origin.loadedAt, defaultAction: limits.defaultAction().rawValue,
      mode: limits.mode().rawValue,
      secondsToConfirm: Deadline(datapath).remaining().map { $0 / .seconds(1) },
      rates: rules.map(RateObject.init), sourcePrefix: [lengths.v4, lengths.v6],
      memoryBytes: datapath.memory(),
      entries: [
        "dropHosts": Fill(used: drops.hosts, capacity: capacity.drops),
        "dropPrefixes": Fill(used: drops.prefixes, capacity: capacity.drops),
        "keys": Fill(used: keys.plain, capacity: capacity.keys),
        "protectedKeys": Fill(used: keys.protected, capacity: capacity.keys),
      ],
      limitedSources: capacity.sources,
      interfaces: attachments.filter(\.isAttached).map(LinkObject.init),
      lost: lost.isEmpty ? nil : lost, measurement: datapath.measurement()?.rawValue)
  }

  var names: [String] { [object.pinRoot] }

  /// The default ones; rules are in `dump rates`.
  private var rates: String {
    let defaults = rules.filter { $0.selector == .rest }
      .map { "\($0.rate) \(RateText.how($0.rate)) \(RateText.scope($0))" }
    let others = rules.count - defaults.count
    let more = others > 0 ? ["\(others) more for ports and prefixes"] : []
    return rules.isEmpty ? "off" : (defaults + more).joined(separator: ", ")
  }

  private func fill(_ name: String) -> String {
    object.entries[name].map { "\($0.used) of \($0.capacity)" } ?? ""
  }

  /// What makes the rest of it void.
  private var alarms: [[String]] {
    var alarms: [[String]] = []
    if let seconds = object.secondsToConfirm {
      let left = DurationText.format(.seconds(seconds.magnitude))
      alarms.append([
        "UNCONFIRMED",
        seconds > 0
          ? "everything passes in \(left) unless: aegisctl confirm"
          : "EVERYTHING PASSES, for \(left) now, until: aegisctl confirm",
      ])
    }
    if object.mode == Limits.Mode.monitor.rawValue {
      alarms.append([
        "MONITOR", "nothing is dropped, only counted, until: aegisctl set-mode enforce",
      ])
    }
    if let lost = object.lost {
      alarms.append(["LOST", "\(lost.joined(separator: ", ")), until: aegisctl repair"])
    }
    if object.measurement == Datapath.Measurement.left.rawValue {
      alarms.append([
        "MEASURED", "by an interrupted latency, whose program is left until: aegisctl repair",
      ])
    }
    return alarms
  }

  func table(wide: Bool) -> Table {
    let interfaces = object.interfaces.map { "\($0.name) (\($0.mode))" }
    var rows =
      alarms + [
        ["loaded", "\(object.pinRoot), by aegisctl \(object.version), ABI \(object.abi)"],
        ["attached to", interfaces.isEmpty ? "nothing" : interfaces.joined(separator: ", ")],
        ["default", object.defaultAction],
        ["mode", object.mode],
        ["rates", rates],
        ["drop hosts", fill("dropHosts")],
        ["drop prefixes", fill("dropPrefixes")],
        ["keys", fill("keys")],
        ["protected keys", fill("protectedKeys")],
      ]
    if object.measurement == Datapath.Measurement.goesOn.rawValue {
      rows.append(["measuring", "latency"])
    }
    if wide {
      rows += [
        ["limited sources", "room for \(object.limitedSources)"],
        ["memory", ByteCount.format(object.memoryBytes)],
      ]
    }
    return Table(["", ""], rows: rows)
  }
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
