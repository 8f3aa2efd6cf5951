internal import BPF
internal import CAegis
internal import Linux

/// The rates: a default, and rules for ports, prefixes and classes.
public struct RateTable: Sendable {
  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// All of them, the least specific first.
  public func rules() throws(AegisError) -> [RateRule] {
    let config = try Settings.read(datapath)
    var rules = config.rates.rules(for: .rest)
    if config.rate_shapes != 0 {
      for one in try stored() { rules += one.rates.rules(for: one.selector) }
    }
    return rules.sorted { RateSelector.isBefore($0.selector, $1.selector) }
  }

  /// Selectors by the number that identifies buckets and offenders.
  func selectors() throws(AegisError) -> [UInt32: RateSelector] {
    var selectors = [try Settings.read(datapath).rates.id: RateSelector.rest]
    for one in try stored() { selectors[one.rates.id] = one.selector }
    return selectors
  }

  /// The packets that each rate is for, including rates of keys and rules, by the same number.
  func names() throws(AegisError) -> [UInt32: String] {
    var names: [UInt32: String] = [:]
    for view in try datapath.profileViews {
      let table = RateTable(view)
      let suffix = view.profile.isMain ? "" : " (profile \(view.profile.name))"
      var own = try table.selectors().mapValues(\.description)
      for (key, entry, _) in try KeyList(view).list.all() where entry.rate != 0 {
        own[entry.rate] = "key \(key.key)"
      }
      own.merge(try RuleTable(view).rateNames()) { one, _ in one }
      names.merge(own.mapValues { $0 + suffix }) { one, _ in one }
    }
    return names
  }

  /// Forgets all debts at once: buckets are now found with another secret, and are empty.
  public func reset(in session: borrowing Session) throws(AegisError) {
    if session.isDryRun { return }
    var config = try Settings.read(datapath)
    config.seed = Settings.seed()
    try Settings.write(config, to: datapath)
    let cells: BPFMap<UInt32, aegis_line> = try datapath.map(AEGIS_MAP_cells)
    let lines = try StoredRates.lines(of: datapath)
    let own = try datapath.capacity().packetLines
    try kernel { () throws(SystemError) in for lines in [own] + lines { try cells.clear(lines) } }
  }

  /// The number of leading bits of an address that identify a source.
  public func sourcePrefix() throws(AegisError) -> Policy.SourcePrefix {
    let config = try Settings.read(datapath)
    return Policy.SourcePrefix(
      v4: Settings.length(of: config.mask_v4), v6: Settings.length(of: config.mask_v6))
  }

  func setSourcePrefix(_ lengths: Policy.SourcePrefix) throws(AegisError) {
    for side in datapath.directions {
      let isChanged = try Settings.change(side) { config in
        config.mask_v4 = Settings.mask(lengths.v4)
        config.mask_v6 = Settings.mask(lengths.v6)
      }
      // Offenders recorded with the old lengths would be misread.
      if isChanged { try Offenders(side).clear() }
    }
  }
}

extension RateTable {
  private typealias Ports = BPFMap<aegis_port, aegis_rates>
  private typealias Prefixes = BPFMap<aegis_key_prefix, aegis_rates>

  private func ports() throws(SystemError) -> Ports {
    try datapath.open(AEGIS_MAP_rate_port)
  }

  private func classes() throws(SystemError) -> BPFMap<UInt32, aegis_rates> {
    try datapath.open(AEGIS_MAP_rate_class)
  }

  private func prefixes(isTotal: Bool) throws(SystemError) -> Prefixes {
    try datapath.open(isTotal ? AEGIS_MAP_total_prefix : AEGIS_MAP_rate_prefix)
  }

  /// Everything the maps hold.
  func stored() throws(AegisError) -> [Stored] {
    let all = try StoredRates.read(
      datapath.directory, abi: datapath.origin.abi, StoredRates.rules
    ).filter { $0.profile == datapath.profile.number }
    let hasClasses = all.contains { if case .addressClass = $0.place { true } else { false } }
    let classes = hasClasses ? try ClassTable(datapath).names() : [:]
    let groups = all.contains(where: \.isOfGroup) ? try PortGroups(of: datapath) : PortGroups()
    return all.compactMap { one in
      switch one.place {
      case .port(let key):
        RateSelector(key, groups).map { Stored(selector: $0, rates: one.rates, isTotal: false) }
      case .prefix(let key, let isTotal):
        RateSelector(key, groups).map { Stored(selector: $0, rates: one.rates, isTotal: isTotal) }
      case .addressClass(let number):
        classes[number % AEGIS_CLASSES].map {
          Stored(selector: RateSelector(className: $0), rates: one.rates, isTotal: false)
        }
      case .key: nil
      }
    }
  }

  struct Stored {
    let selector: RateSelector
    let rates: aegis_rates
    let isTotal: Bool

    var shape: UInt32 { selector.shape(isTotal: isTotal) }
  }

  /// Makes the datapath look for the existing rates.
  func announce(_ config: inout aegis_config) throws(AegisError) {
    config.announceRates()
    try Settings.write(config, to: datapath)
  }

  func held(
    by selector: RateSelector, isTotal: Bool, _ config: aegis_config, _ groups: PortGroups
  ) throws(SystemError) -> aegis_rates? {
    if selector == .rest { return config.rates }
    if let name = selector.className {
      guard let number = try? key(of: name) else { return nil }
      let rates = try classes().value(forKey: number)
      return rates?.isEmpty == false ? rates : nil
    }
    guard let key = selector.prefixKey(groups)?.of(datapath.profile.number) else {
      return try ports().value(forKey: selector.portKey(groups).of(datapath.profile.number))
    }
    let found = try prefixes(isTotal: isTotal).value(forKey: key)
    // A trie returns a shorter prefix if it lacks this one.
    return found?.length == key.length ? found : nil
  }

  /// The key of the rates of a class.
  private func key(of name: ClassName) throws(AegisError) -> UInt32 {
    guard let number = try ClassTable(datapath).classNumbers()[name] else {
      throw .noClass(name)
    }
    return datapath.profile.number * AEGIS_CLASSES + number
  }

  private func store(
    _ rates: aegis_rates, forClass name: ClassName
  ) throws(AegisError) {
    let number = try key(of: name)
    try kernel { () throws(SystemError) in
      let map = try classes()
      let before = try map.value(forKey: number) ?? aegis_rates()
      // The kernel copies into an array while packets are judged by it: without an interval, a rate is ignored.
      try map.update(rates.halfway(from: before), forKey: number)
      try map.update(rates.isEmpty ? aegis_rates() : rates, forKey: number)
    }
  }

  func store(
    _ rates: aegis_rates, for selector: RateSelector, isTotal: Bool, _ groups: PortGroups
  ) throws(AegisError) {
    var rates = rates
    rates.length = selector.prefixKey()?.length ?? 0
    if let name = selector.className { return try store(rates, forClass: name) }
    do {
      if let key = selector.prefixKey(groups)?.of(datapath.profile.number) {
        let map = try prefixes(isTotal: isTotal)
        if rates.isEmpty { try map.remove(key) } else { try map.update(rates, forKey: key) }
      } else {
        let map = try ports()
        let key = selector.portKey(groups).of(datapath.profile.number)
        if rates.isEmpty { try map.remove(key) } else { try map.update(rates, forKey: key) }
      }
    } catch {
      guard error.isFull else { throw AegisError(error) }
      throw AegisError(
        .failed,
        """
        there is no room for more than \(AEGIS_RATE_PORTS) rules for ports and \
        \(AEGIS_RATE_PREFIXES) for prefixes
        """)
    }
  }
}
