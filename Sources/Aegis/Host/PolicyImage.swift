internal import BPF
internal import CAegis
internal import Linux

/// A policy in the form of the datapath's maps, in this process: the result of loading it into an empty datapath.
struct PolicyImage {
  let host: HostDatapath
  let policy: Policy
  /// The countries of addresses; nil if they are unknown.
  let geo: GeoTable?
  private(set) var config = Settings.fresh()
  /// The packets that each rate is for, by the number that identifies buckets.
  private(set) var names: [UInt32: String] = [:]

  private var lines: LineTable
  private let capacity: Capacity
  private let cpus = (try? CPUs.possible()) ?? 1

  /// - Throws: `badInput` for a rate that the limiter's clock cannot keep; `failed` if its table has no room.
  init(
    _ policy: Policy, _ direction: Direction = .in, geo: GeoTable? = nil,
    capacity: Capacity = Capacity()
  ) throws(AegisError) {
    host = try HostDatapath(direction)
    let policy = policy.placed().part(of: direction)
    self.policy = policy
    self.geo = geo
    self.capacity = capacity
    lines = LineTable(capacity)
    host.beginAnew(AEGIS_MAP_cells, entries: capacity.cells)
    if policy.defaultAction == .deny { config.stages |= aegis_stage.deny }
    if policy.replies == true { config.setReplies(true, to: LocalPorts.usual) }
    if policy.mode == .monitor { config.stages |= aegis_stage.monitor }
    if let lengths = policy.sourcePrefix {
      config.mask_v4 = Settings.mask(lengths.v4)
      config.mask_v6 = Settings.mask(lengths.v6)
    }
    try putDrops()
    try putKeys()
    try putClasses()
    try putRates()
    try putRules()
    config.announceRates()
    try host.put(config)
    if let geo { try host.lay(geo) }
  }

  private mutating func putDrops() throws(AegisError) {
    let lists = (policy.lists ?? [:]).map { Plan.ListDifference($0.key, from: nil, to: $0.value) }
    try host.lay(lists, &config)
    for (name, entries) in [(.manual, policy.drops ?? [:])] + policy.listed.map({ ($0, $1) }) {
      try host.lay(entries.map { Plan.Difference($0, from: nil, to: $1) }, of: name, &config)
    }
  }

  private mutating func putKeys() throws(AegisError) {
    let list = HostKeys(on: host)
    for (key, conditions) in policy.keys ?? [:] {
      var number: UInt32 = 0
      if let rate = conditions.rate {
        var rates = try KeyRates.rates(rate)
        try place(&rates, for: key.key.source)
        try host.put(rates, for: rates.id, in: AEGIS_MAP_key_rate)
        number = rates.id
        names[number] = "key \(key.key)"
      }
      try list.put(key, as: conditions, rate: number, in: &config)
    }
  }

  private mutating func putClasses() throws(AegisError) {
    let classes = policy.classes ?? [:]
    try host.lay(named: classes.keys.sorted(), &config)
    try host.lay(
      classes.map { Plan.ClassDifference($0.key, from: nil, to: $0.value) }, &config)
  }

  private mutating func putRules() throws(AegisError) {
    var (config, names, image) = (config, names, self)
    let direction = host.direction
    try host.lay(policy.rules ?? [], &config, &names) { rates, rule throws(AegisError) in
      try image.place(&rates, for: rule.onlyPeer(direction))
    }
    (self.config, self.names, lines) = (config, names, image.lines)
  }

  private struct Slot: Hashable {
    let selector: RateSelector
    /// For rules with a prefix, totals are stored separately.
    let isTotal: Bool
  }

  private mutating func putRates() throws(AegisError) {
    let slots = Dictionary(grouping: policy.rates ?? []) {
      Slot(selector: $0.selector, isTotal: $0.selector.prefix != nil && $0.isTotal)
    }
    config.rates.putSources(on: capacity)
    names[config.rates.id] = "\(RateSelector.rest)"
    for (slot, rules) in slots {
      var rates = slot.selector == .rest ? config.rates : aegis_rates.fresh()
      for rule in rules {
        let limit = try rule.rate.limit()
        if rule.isTotal {
          rates.total.put(limit, rule.rate.unit)
        } else {
          rates.source.put(limit, rule.rate.unit)
        }
      }
      if slot.selector == .rest { rates.putSources(on: capacity) }
      try place(&rates, for: slot.selector.prefix, isDefault: slot.selector == .rest)
      try put(rates, slot)
    }
  }

  private mutating func put(_ rates: aegis_rates, _ slot: Slot) throws(AegisError) {
    names[rates.id] = "\(slot.selector)"
    guard slot.selector != .rest else {
      config.rates = rates
      return
    }
    try host.put(rates, of: slot.selector, isTotal: slot.isTotal, &config)
  }

  private mutating func place(
    _ rates: inout aegis_rates, for prefix: Prefix?, isDefault: Bool = false
  ) throws(AegisError) {
    var table = lines
    defer { lines = table }
    let sources = config.sources(in: prefix)
    try rates.place(sources: sources, cpus: cpus, isDefault: isDefault) { need throws(AegisError) in
      guard let lines = table.take(need) else { throw LineNeed.isNotMet }
      return lines
    }
  }
}
