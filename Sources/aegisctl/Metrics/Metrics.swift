import Aegis

/// The metrics of a datapath for Prometheus.
struct Metrics {
  struct Interface {
    let name: String
    /// `in`, `out` or, for interfaces without a slot, `unknown`.
    var direction = Direction.in.rawValue
    let mode: String
    let isAttached: Bool
    let isDeclared: Bool
    /// Whether it is a port of a wire.
    var isWire = false
    var counts: Counts
  }

  struct Fill {
    let list: String
    let used: Int
    let capacity: UInt32
  }

  /// A list of drop entries in a direction.
  struct List {
    let counts: ListCounts
    let entries: Int
  }

  /// The policy of a direction.
  struct Side {
    var fills: [Fill] = []
    var defaultAction = PolicyDefaults.Default.allow
    /// Empty where nothing asks for classes.
    var classes: [ClassCounts] = []
    /// Empty where there is no list besides `manual`.
    var lists: [List] = []
    /// In their order.
    var rules: [RuleCounts] = []

    init() {}

    init(_ datapath: Datapath) throws(AegisError) {
      let capacity = try datapath.capacity()
      let drops = try DropList(datapath).counts()
      let keys = try KeyList(datapath).counts()
      fills = [
        Fill(list: "drops_ipv4", used: drops.v4, capacity: capacity.drops),
        Fill(list: "drops_ipv6", used: drops.v6, capacity: capacity.drops),
        Fill(list: "keys", used: keys.plain, capacity: capacity.keys),
        Fill(list: "protected_keys", used: keys.protected, capacity: capacity.keys),
      ]
      defaultAction = try PolicyDefaults(datapath).defaultAction()
      classes = try ClassTable(datapath).counts()
      lists = try Self.lists(of: datapath)
      rules = try RuleTable(datapath).counted()
    }
  }

  var interfaces: [Interface] = []
  /// What feeds did to each list but `manual`.
  var feeds: [ListName: ListFeeds] = [:]
  /// Seconds since the Unix epoch.
  var time: UInt64 = 0
  var mode = PolicyDefaults.Mode.enforce
  /// The names of all profiles, which of them is in force, and how often somebody switched; nil if there is only main.
  var profiles: (names: [String], inForce: String, switches: UInt64)?
  var policy = Side()
  /// nil if nothing is declared for what leaves, and no interface was attached for it.
  var out: Side?
  /// Time until the policy must be confirmed; negative after the deadline, when everything passes.
  var secondsToConfirm: Double?
  /// The sum of all measurements.
  var latency: [Verdict: LatencyHistogram] = [:]
  /// The countries of addresses; nil if none are loaded.
  var geo: GeoStore.Facts?
  /// nil if there is no relay.
  var relay: Relay?
  /// Bytes of kernel memory.
  var memory: UInt64 = 0
  /// Who loaded it; nil if nothing is loaded.
  var origin: Origin?

  /// The metrics of a host where nothing is loaded.
  init() {}

  init(_ datapath: Datapath) throws(AegisError) {
    let attachments = try Interfaces(datapath).attachments()
    for attachment in attachments {
      add(
        Interface(
          name: attachment.name, direction: attachment.direction.rawValue,
          mode: attachment.mode.rawValue,
          isAttached: attachment.isAttached && !attachment.isGone,
          isDeclared: attachment.isDeclared, isWire: attachment.wire != nil,
          counts: try datapath.counts(of: attachment)))
    }
    let others = try datapath.otherCounts()
    if others.packets > 0 {
      add(
        Interface(
          name: "(other)", direction: "unknown", mode: "unknown", isAttached: false,
          isDeclared: false, counts: others))
    }
    mode = try PolicyDefaults(datapath).mode()
    let table = ProfileTable(datapath)
    let names = try table.all().map(\.name.text)
    let now = try table.inForce()
    if names.count > 1 { profiles = (names, now.profile.name.text, now.switches) }
    policy = try Side(datapath)
    let out = try Side(datapath[.out])
    if out.isDeclared || attachments.contains(where: { $0.direction == .out }) { self.out = out }
    secondsToConfirm = try Deadline(datapath).remaining().map { $0 / .seconds(1) }
    latency = try datapath.latency()
    feeds = try ListTable(datapath).feeds()
    time = UInt64(max(ClockReading.now().realtime, 0)) / 1_000_000_000
    geo = try GeoStore(datapath).facts()
    relay = try Relay(datapath)
    memory = try datapath.memory()
    origin = datapath.origin
  }

  /// Merges interfaces with the same name and direction, for example in two namespaces: no series may occur twice.
  mutating func add(_ interface: Interface) {
    let index = interfaces.firstIndex {
      $0.name == interface.name && $0.direction == interface.direction
    }
    guard let index else { return interfaces.append(interface) }
    let known = interfaces[index]
    let counts = known.counts + interface.counts
    let current = interface.isAttached ? interface : known
    interfaces[index] = Interface(
      name: current.name, direction: current.direction, mode: current.mode,
      isAttached: current.isAttached,
      isDeclared: known.isDeclared || interface.isDeclared,
      isWire: known.isWire || interface.isWire, counts: counts)
  }

  var text: String { families.map(\.text).joined() }
}

extension Metrics.Side {
  /// Lists that hold for the direction.
  fileprivate static func lists(
    of datapath: Datapath
  ) throws(AegisError) -> [Metrics.List] {
    let table = ListTable(datapath)
    let counts = try table.counts()
    if counts.isEmpty { return [] }
    let entries = try DropList(datapath).countsByList()
    let definitions = try table.definitions()
    return counts.filter {
      definitions[$0.name]?.directions.contains(datapath.direction) ?? ($0.name == .manual)
    }.map { Metrics.List(counts: $0, entries: entries[$0.name] ?? 0) }
  }

  fileprivate var isDeclared: Bool {
    defaultAction == .deny || !rules.isEmpty || fills.contains { $0.used > 0 }
  }
}

extension Counts {
  fileprivate static func + (left: Counts, right: Counts) -> Counts {
    var sum = left
    sum += right
    return sum
  }
}
