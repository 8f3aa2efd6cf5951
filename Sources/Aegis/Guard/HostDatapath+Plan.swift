internal import CAegis
internal import Linux

extension HostDatapath {
  /// Applies a plan to the policy in memory; no source owes anything after that.
  ///
  /// - Returns: The packets that each new rate is for, by the number that identifies buckets.
  func lay(_ steps: [Plan.Step]) throws(AegisError) -> [UInt32: String] {
    var config = try config()
    beginAnew(AEGIS_MAP_cells, entries: .max)
    var names: [UInt32: String] = [:]
    for step in steps {
      switch step {
      case .mode(let mode): config.set(aegis_stage.monitor, mode == .monitor)
      case .defaultAction(let action): config.set(aegis_stage.deny, action == .deny)
      case .replies(let pass): config.setReplies(pass, to: LocalPorts.now)
      case .deadline(let time): if time == nil { config.set(aegis_stage.deadline, false) }
      case .sourcePrefix: break
      case .rates(let changes):
        for change in changes { try lay(change, &config, &names) }
      case .nameClasses(let names): try lay(named: names, &config)
      case .classes(let changes): try lay(changes, &config)
      case .forgetClasses(let names): try forget(names)
      case .rules(let rules): try lay(rules, &config, &names)
      case .lists(let changes): try lay(changes, &config)
      case .forgetLists(let names): try forgetLists(names)
      case .putDrops(let drops, let list), .removeDrops(let drops, let list):
        try lay(drops, of: list, &config)
      case .putKeys(let keys), .removeKeys(let keys):
        let list = HostKeys(on: self)
        for key in keys { try lay(key, in: list, &config, &names) }
      }
    }
    config.announceRates()
    try put(config)
    return names
  }

  func lay(named names: [ClassName], _ config: inout aegis_config) throws(AegisError) {
    if names.isEmpty { return }
    try add(names)
    config.set(aegis_stage.classes, true)
  }

  func lay(_ changes: [Plan.ClassDifference], _ config: inout aegis_config) throws(AegisError) {
    if changes.isEmpty { return }
    if changes.contains(where: { $0.after?.prefixes.isEmpty == false }) {
      config.set(aegis_stage.classPrefixes, true)
    }
    try move(changes)
  }

  func lay(_ changes: [Plan.ListDifference], _ config: inout aegis_config) throws(AegisError) {
    if changes.isEmpty { return }
    config.set(aegis_stage.lists, true)
    try put(config)
    try put(changes, notes: [:])
  }

  /// - Parameter name: Of the list.
  func lay(
    _ drops: [Plan.Difference<Prefix>], of name: ListName, _ config: inout aegis_config
  ) throws(AegisError) {
    if drops.isEmpty { return }
    guard let list = try number(of: name) else { throw .noList(name) }
    for isIPv6 in [false, true] {
      let some = drops.only { ($0.element.address.width == 128) == isIPv6 }
      if some.isEmpty { continue }
      let count = some.count { $0.after != nil }
      try lay(isIPv6: isIPv6, putting: count, list: list, &config) { change in
        for drop in some {
          change(drop.element, drop.after.map { PrefixRecord($0, note: 0, list: list) })
        }
      }
    }
  }

  private func lay(
    _ key: Plan.Difference<Policy.Key>, in list: HostKeys, _ config: inout aegis_config,
    _ names: inout [UInt32: String]
  ) throws(AegisError) {
    guard let after = key.after else { return try list.remove(key.element, in: &config) }
    var number: UInt32 = 0
    if let rate = after.rate {
      let rates = try KeyRates.rates(rate)
      number = rates.id
      try put(rates, for: number, in: AEGIS_MAP_key_rate)
      names[number] = "key \(key.element.key)"
    }
    try list.put(key.element, as: after, rate: number, in: &config)
  }

  private func lay(
    _ change: Plan.RateDifference, _ config: inout aegis_config, _ names: inout [UInt32: String]
  ) throws(AegisError) {
    let (selector, isTotal) = (change.selector, change.isTotal)
    let rule = try RateTable.rule(change)
    var rates =
      selector == .rest
      ? config.rates : try self.rates(of: selector, isTotal: isTotal) ?? .fresh()
    if isTotal { rates.total.change(to: rule) } else { rates.source.change(to: rule) }
    names[rates.id] = "\(selector)"
    guard selector != .rest else {
      config.rates = rates
      return
    }
    try put(rates, of: selector, isTotal: isTotal, &config)
  }
}
