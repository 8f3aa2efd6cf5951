internal import CAegis
internal import Linux

extension HostDatapath {
  /// Lays a change over the policy, in which then nobody owes anything.
  ///
  /// - Returns: Which packets each new rate is for, by the number that buckets are known by.
  func lay(_ change: PolicyChange) throws(AegisError) -> [UInt32: String] {
    var config = try config()
    beginAnew(AEGIS_MAP_cells, entries: .max)
    if let mode = change.mode { config.set(aegis_stage.monitor, mode == .monitor) }
    if let action = change.defaultAction { config.set(aegis_stage.deny, action == .deny) }
    if change.isConfirmed { config.set(AEGIS_STAGE_DEADLINE.rawValue, false) }
    try layDrops(change, &config)
    var names = try layKeys(change, &config)
    try layRates(change, &config, &names)
    config.announceRates()
    try put(config, for: 0 as UInt32, in: AEGIS_MAP_config)
    return names
  }

  private func layDrops(
    _ change: PolicyChange, _ config: inout aegis_config
  ) throws(AegisError) {
    let list = HostList<DropList>(on: self)
    for prefix in change.removedDrops { try list.remove(prefix) }
    for prefix in change.drops { try list.put(prefix, in: &config) }
  }

  private func layKeys(
    _ change: PolicyChange, _ config: inout aegis_config
  ) throws(AegisError) -> [UInt32: String] {
    let list = HostList<KeyList>(on: self)
    var names: [UInt32: String] = [:]
    for (key, state) in change.keys {
      // It is in one of the two places at the most.
      try list.remove(key, protected: true)
      switch state {
      case .absent: try list.remove(key)
      case .protected:
        try list.remove(key)
        try list.put(key, protected: true, in: &config)
      case .plain(.off): try list.put(key, in: &config)
      case .plain(.keep):
        let old = try list.entry(of: key)
        let rate = old.flatMap { $0.isExpired(at: Clock.boottime()) ? nil : $0.rate } ?? 0
        try list.put(key, rate: rate, in: &config)
      case .plain(.set(let rate)):
        let rates = try KeyRates.rates(rate)
        try put(rates, for: rates.id, in: AEGIS_MAP_key_rate)
        try list.put(key, rate: rates.id, in: &config)
        names[rates.id] = "key \(key)"
      }
    }
    return names
  }

  private func layRates(
    _ change: PolicyChange, _ config: inout aegis_config, _ names: inout [UInt32: String]
  ) throws(AegisError) {
    for slot in change.removedRates {
      try edit(slot.selector, isTotal: slot.isTotal, &config, &names) { rule in rule = aegis_rule()
      }
    }
    for rule in change.rates {
      let limit = try rule.rate.limit()
      try edit(rule.selector, isTotal: rule.isTotal, &config, &names) {
        $0.put(limit, rule.rate.unit)
      }
    }
  }

  private func edit(
    _ selector: RateSelector, isTotal: Bool, _ config: inout aegis_config,
    _ names: inout [UInt32: String], _ body: (inout aegis_rule) -> Void
  ) throws(AegisError) {
    var rates =
      selector == .rest
      ? config.rates : try self.rates(of: selector, isTotal: isTotal) ?? .fresh()
    if isTotal { body(&rates.total) } else { body(&rates.source) }
    names[rates.id] = "\(selector)"
    guard selector != .rest else {
      config.rates = rates
      return
    }
    try put(rates, of: selector, isTotal: isTotal, &config)
  }
}

extension HostDatapath {
  /// The longest prefix that drops all of another, or a host; nil if none does.
  func drop(of whole: Prefix) throws(AegisError) -> Prefix? {
    let isV4 = whole.address.width == 32
    let now = Clock.boottime()
    if whole.isHost, let entry = try HostList<DropList>(on: self).entry(of: whole),
      entry.decides(at: now)
    {
      return whole
    }
    var next: Prefix? = whole
    while let wanted = next {
      let found: aegis_entry? =
        isV4
        ? try longest(wanted.v4PrefixKey, in: AEGIS_MAP_drop_prefix_v4)
        : try longest(wanted.v6PrefixKey, in: AEGIS_MAP_drop_prefix_v6)
      guard let found else { return nil }
      let length = Int(found.prefix_length)
      if found.decides(at: now) { return Prefix(masking: whole.address, length: length) }
      next = length == 0 ? nil : Prefix(masking: whole.address, length: length - 1)
    }
    return nil
  }
}

extension aegis_entry {
  /// One that is expired is none, and one that monitors only counts.
  fileprivate func decides(at now: UInt64) -> Bool { !isExpired(at: now) && !isMonitored }
}

extension aegis_config {
  fileprivate mutating func set(_ stage: UInt32, _ isSet: Bool) {
    if isSet { stages |= stage } else { stages &= ~stage }
  }
}
