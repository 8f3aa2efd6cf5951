import Aegis

struct StatusReport: Report {
  struct GeoObject: Encodable {
    let countries: Int
    let rangesV4: Int
    let rangesV6: Int
    let files: [String]
    /// The day of the oldest file.
    let dated: String?

    init(_ facts: GeoStore.Facts) {
      countries = facts.codes
      rangesV4 = facts.rangesV4
      rangesV6 = facts.rangesV6
      files = facts.files.map(\.name)
      dated = facts.files.filter { $0.dated == facts.oldest }.first?.day
    }
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
    /// Whether replies to this host's own connections pass under deny.
    let replies: Bool
    let mode: String
    /// Absent if there is only main.
    let profile: ProfileStatus?
    /// Time until the policy must be confirmed; negative after the deadline, when everything passes.
    let secondsToConfirm: Double?
    /// Absent if no countries are loaded.
    let geo: GeoObject?
    /// The names of the classes that are defined.
    let classes: [String]
    /// Of drop entries, besides `manual`; absent if there are none.
    let lists: Int?
    /// For what comes in; absent if there are none.
    let rules: Int?
    let rates: [RateObject]
    /// Number of leading bits that distinguish sources, for IPv4 and IPv6.
    let sourcePrefix: [Int]
    let memoryBytes: UInt64
    /// `used` counts the fullest of the maps that share a capacity; `maps` has each of them.
    let entries: [String: PolicyStatus.Fill]
    /// By map name.
    let maps: [String: PolicyStatus.Fill]
    let limitedSources: UInt32
    /// The policy for what leaves.
    let out: PolicyStatus.Object
    let interfaces: [LinkObject]
    /// Declared interfaces that are not attached; absent if there are none.
    let lost: [String]?
    /// Interfaces that were attached here but are now in another network namespace; absent if there are none.
    let moved: [String]?
    /// What packets of an attached direction do not pass; absent if there is nothing to say.
    let notes: [String]?
    /// Absent if there is no relay.
    let relay: RelayStatus?
    /// Absent if none is set.
    let hook: HookStatus?
    /// A latency measurement, running or abandoned; absent without one.
    let measurement: String?
  }

  let object: Object
  private let policy: PolicyStatus
  /// nil if nothing is declared for what leaves, and no interface is attached for it.
  private let out: PolicyStatus?

  init(_ datapath: Datapath) throws(AegisError) {
    let memory = MemoryCount(of: datapath)
    let policy = try PolicyStatus(datapath)
    let out = try PolicyStatus(datapath[.out])
    self.policy = policy
    let attachments = try Interfaces(datapath).attachments()
    let lost = attachments.filter(\.isLost).map(\.label)
    let moved = attachments.filter(\.isGone).map(\.label)
    let attached = attachments.filter(\.isAttached)
    self.out = out.isDeclared || attached.contains { $0.direction == .out } ? out : nil
    let isRedirecting =
      attached.contains { $0.wire != nil } && attached.contains { $0.direction == .out }
    let lists = try ListTable(datapath).definitions()
    let lengths = try RateTable(datapath).sourcePrefix()
    object = try Object(
      pinRoot: datapath.root.path, abi: datapath.origin.abi, version: datapath.origin.version,
      loadedAt: datapath.origin.loadedAt, defaultAction: policy.object.defaultAction,
      replies: PolicyDefaults(datapath).replies(),
      mode: PolicyDefaults(datapath).mode().rawValue, profile: ProfileStatus(datapath),
      secondsToConfirm: Deadline(datapath).remaining().map { $0 / .seconds(1) },
      geo: GeoStore(datapath).facts().map { GeoObject($0) },
      classes: ClassTable(datapath).definitions().keys.sorted().map(\.text),
      lists: lists.isEmpty ? nil : lists.count, rules: policy.object.rules,
      rates: policy.object.rates, sourcePrefix: [lengths.v4, lengths.v6],
      memoryBytes: memory.bytes(),
      entries: policy.object.entries, maps: policy.object.maps,
      limitedSources: datapath.capacity().sources, out: out.object,
      interfaces: attached.map { LinkObject($0, after: $0.predecessor(at: datapath.root)) },
      lost: lost.isEmpty ? nil : lost, moved: moved.isEmpty ? nil : moved,
      notes: isRedirecting ? ["frames that a wire sends on do not pass egress"] : nil,
      relay: RelayStatus(datapath), hook: HookStatus(datapath),
      measurement: datapath.measurement()?.rawValue)
  }

  var names: [String] { [object.pinRoot] }

  /// The classes, and where countries come from, if there are any.
  private var origins: [[String]] {
    let classes =
      object.classes.isEmpty ? [] : [["classes", object.classes.joined(separator: ", ")]]
    guard let geo = object.geo else { return classes }
    let dated = geo.dated.map { ", of \($0)" } ?? ""
    return classes + [["countries", "\(geo.countries)\(dated)"]]
  }

  /// Conditions that make the rest of the report void.
  private var alarms: [[String]] {
    var alarms: [[String]] = []
    if let seconds = object.secondsToConfirm {
      let left = DurationText.format(.seconds(seconds.magnitude))
      alarms.append([
        "UNCONFIRMED",
        seconds > 0
          ? "all packets pass in \(left), unless you run: aegisctl confirm"
          : "ALL PACKETS PASS since the deadline \(left) ago, until you run: aegisctl confirm",
      ])
    }
    if object.mode == PolicyDefaults.Mode.monitor.rawValue {
      alarms.append([
        "MONITOR", "packets are counted, not dropped, until you run: aegisctl set-mode enforce",
      ])
    }
    if let lost = object.lost {
      alarms.append(["LOST", "\(lost.joined(separator: ", ")), until you run: aegisctl repair"])
    }
    if let moved = object.moved {
      alarms.append(["MOVED", "\(moved.joined(separator: ", ")), to another network namespace"])
    }
    if object.measurement == Datapath.Measurement.left.rawValue {
      alarms.append([
        "MEASURED", "an interrupted latency left its program behind; to remove it: aegisctl repair",
      ])
    }
    return alarms.map { [$0[0], SuggestedCommand.text($0[1])] }
  }

  func table(wide: Bool) -> Table {
    let interfaces = object.interfaces.filter { !$0.isSecondPort(among: object.interfaces) }
      .map { $0.text(among: object.interfaces) }
    var rows =
      alarms + [
        ["loaded", "\(object.pinRoot), by aegisctl \(object.version), ABI \(object.abi)"],
        [
          "attached to",
          interfaces.isEmpty ? "nothing: every packet passes" : interfaces.joined(separator: ", "),
        ],
      ] + (object.notes ?? []).map { ["", $0] } + [
        ["default", object.defaultAction + (object.replies ? ", replies pass" : "")],
        ["mode", object.mode],
        ["rates", policy.rates],
      ] + (object.profile?.rows ?? [])
      + (object.rules.map { [["rules", "\($0)"]] } ?? []) + origins
      + (object.relay.map { [["relay", $0.text]] } ?? [])
      + (object.hook.map { [["hook", $0.text]] } ?? [])
      + (object.lists.map { [["lists", "\($0)"]] } ?? []) + policy.fills
      + (out?.outRows ?? [])
    if object.measurement == Datapath.Measurement.goesOn.rawValue {
      rows.append(["measuring", "latency"])
    }
    if wide {
      rows += policy.otherFills
      rows += [
        ["limited sources", "room for \(object.limitedSources)"],
        ["memory", ByteCount.format(object.memoryBytes)],
      ]
    }
    return Table(["", ""], rows: rows)
  }
}

/// A direction of an interface.
struct LinkObject: Encodable {
  let name: String
  let ifindex: UInt32
  let direction: String
  let mode: String
  let link: UInt32?
  let program: UInt32?
  let elsewhere: Bool
  /// Whether it was in another network namespace, or had another index, when it was attached.
  let moved: Bool
  /// What comes before the program behind tc and may let packets past it; absent if nothing does.
  let after: String?
  /// Absent unless it is a port of a wire.
  let wire: WireObject?

  init(_ attachment: Attachment, after: String? = nil) {
    name = attachment.name
    ifindex = attachment.ifindex
    direction = attachment.direction.rawValue
    self.after = after
    mode = attachment.mode.rawValue
    link = attachment.link
    program = attachment.program
    elsewhere = attachment.isElsewhere
    moved = attachment.isMoved
    wire = attachment.wire.map { WireObject($0, attachment) }
  }

  /// Whether the other port of its wire, which comes first, shows both.
  func isSecondPort(among all: [LinkObject]) -> Bool {
    guard let wire, let other = all.first(where: { $0.name == wire.peer }) else { return false }
    return other.wire?.peer == name && other.name < name
  }

  func text(among all: [LinkObject]) -> String {
    let ports = [self] + all.filter { $0.name == wire?.peer && $0.wire?.peer == name }
    let facts =
      [mode] + (after.map { ["after \($0)"] } ?? [])
      + (elsewhere ? ["in another network namespace"] : []) + (wire?.facts ?? [])
      + ports.filter { $0.wire?.heldDown == true }.map { "\($0.name) held down" }
      + ports.filter { $0.wire?.carrier == false }.map { "no carrier on \($0.name)" }
    let out = direction == Direction.out.rawValue ? " out" : ""
    return "\(WireText.ports(name, wire?.peer))\(out) (\(facts.joined(separator: ", ")))"
  }
}

/// A port of a wire.
struct WireObject: Encodable {
  let peer: String
  /// Whether packets that come in by it are never judged.
  let trusted: Bool
  let ifDetached: String
  let followLink: Bool
  /// Whether `repair` took it down because the other port has no carrier.
  let heldDown: Bool
  /// Whether its link has a carrier; null if it is not in this network namespace.
  let carrier: Bool?

  private let trustedPort: String?

  private enum CodingKeys: String, CodingKey {
    case peer, trusted, ifDetached, followLink, heldDown, carrier
  }

  init(_ wire: WireEnd, _ attachment: Attachment) {
    peer = wire.peer
    trusted = wire.isTrusted
    ifDetached = wire.ifDetached.rawValue
    followLink = wire.followsLink
    heldDown = wire.isHeldDown
    carrier = attachment.hasCarrier
    trustedPort = attachment.declaredWire?.trusted
  }

  var facts: [String] {
    [ifDetached] + (trustedPort.map { ["\($0) trusted"] } ?? [])
  }
}
