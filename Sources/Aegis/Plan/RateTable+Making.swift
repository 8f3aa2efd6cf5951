internal import CAegis
internal import Linux

extension RateTable {
  /// Sets the rates of selectors, in this order. All rates of a selector change atomically.
  func make(_ changes: [Plan.RateDifference]) throws(AegisError) {
    let rules = try changes.map { change throws(AegisError) in (change, try Self.rule(change)) }
    let groups = try groups(for: changes)
    var config = try Settings.read(datapath)
    config.rate_shapes = changes.reduce(config.rate_shapes) { shapes, change in
      change.after.isEmpty ? shapes : shapes | change.selector.shape(isTotal: change.isTotal)
    }
    // Before the rules exist: a bit without a rule costs a lookup, a rule without its bit is ignored.
    try announce(&config)
    var lines = try RateLines(datapath)
    for (index, (change, rule)) in rules.enumerated() {
      let held = try kernel { () throws(SystemError) in
        try self.held(by: change.selector, isTotal: change.isTotal, config, groups)
      }
      let before = held ?? .fresh()
      var rates = before
      if change.isTotal { rates.total.change(to: rule) } else { rates.source.change(to: rule) }
      // That of another profile has lines as any rate has.
      let isDefault = change.selector == .rest && datapath.profile.isMain
      if isDefault { rates.putSources(where: before) }
      try lines.place(
        &rates, sources: config.sources(in: change.selector.prefix), isDefault: isDefault)
      if change.selector == .rest {
        config.rates = rates
        // The default rates, for each source and in total, change atomically.
        if rules.dropFirst(index + 1).first?.0.selector != .rest { try announce(&config) }
      } else {
        try store(rates, for: change.selector, isTotal: change.isTotal, groups)
      }
      lines.release(before, for: rates)
    }
    if changes.contains(where: \.after.isEmpty) { try settle() } else { try markSimple() }
  }

  /// The groups of ports, once there are those that the changes need: before it has a rate, a group matters to no packet.
  private func groups(for changes: [Plan.RateDifference]) throws(AegisError) -> PortGroups {
    if !changes.contains(where: \.isOfGroup) { return PortGroups() }
    // Those that an interrupted call left count to how many may have the same port.
    try settleGroups()
    var groups = try PortGroups(of: datapath)
    if try groups.add(changes) {
      try groups.store(datapath)
    }
    return groups
  }

  /// Removes groups of ports that have no rate.
  func settleGroups() throws(AegisError) {
    if try Settings.read(datapath).port_groups == 0 { return }
    var groups = try PortGroups(of: datapath)
    if groups.keep(Set(try stored().compactMap(\.selector.port))) { try groups.store(datapath) }
  }

  /// Makes the datapath look only for the rules that exist.
  func settle() throws(AegisError) {
    try settleGroups()
    let before = try Settings.read(datapath)
    var config = before
    config.rate_shapes = try stored().reduce(0) { $0 | $1.shape }
    if config.rate_shapes != before.rate_shapes {
      try announce(&config)
      try ClassTable(datapath).settle()
    }
    try markSimple()
  }

  /// Lets the datapath take its fast path where all rates are for classes, and of packets for each source.
  private func markSimple() throws(AegisError) {
    let config = try Settings.read(datapath)
    guard config.rate_shapes == AEGIS_RATE_BY_CLASS.rawValue, config.rates.isAtMostSimple,
      try stored().allSatisfy(\.rates.isAtMostSimple)
    else { return }
    try Settings.change(datapath) { $0.set(aegis_stage.rateSimple, true) }
  }

  static func rule(_ change: Plan.RateDifference) throws(AegisError) -> aegis_rule {
    var rule = aegis_rule()
    for rate in change.after { rule.put(try rate.limit(), rate.unit) }
    return rule
  }
}
