internal import BPF
internal import CAegis
internal import Linux

/// The sets of `rules`. Each has two slots, of which the configuration names the one in force.
enum RuleSet: CaseIterable {
  case rules
  /// The allow keys of several ports.
  case portKeys
  /// The several ports that rates are for.
  case portGroups

  private var kind: aegis_rule_kind {
    switch self {
    case .rules: AEGIS_SET_RULES
    case .portKeys: AEGIS_SET_PORT_KEYS
    case .portGroups: AEGIS_SET_PORT_GROUPS
    }
  }

  /// - Parameter profile: The number of the profile that has the set.
  func pin(_ slot: UInt32, _ profile: UInt32) -> InnerPin {
    InnerPin(index: profile * AEGIS_PROFILE_RULE_SETS + 2 * kind.rawValue + slot)
  }

  /// The slot in force, plus one.
  private var number: WritableKeyPath<aegis_config, UInt32> {
    switch self {
    case .rules: \.rules
    case .portKeys: \.port_keys
    case .portGroups: \.port_groups
    }
  }

  /// The slot in force; nil if there is none.
  func slot(_ config: aegis_config) -> UInt32? {
    let number = config[keyPath: number]
    if number == 0 { return nil }
    let slot = (number - 1) % AEGIS_PROFILE_RULE_SETS
    return slot < 2 ? slot : nil
  }

  func set(_ slot: UInt32?, _ profile: UInt32, in config: inout aegis_config) {
    config[keyPath: number] = slot.map { profile * AEGIS_PROFILE_RULE_SETS + $0 + 1 } ?? 0
  }

  /// The slot that a new set goes to.
  func next(_ config: aegis_config) -> UInt32 { slot(config) == 0 ? 1 : 0 }

  /// The source form of the set in force; nil if there is none.
  func text(_ datapath: Datapath) throws(SystemError) -> String? {
    guard datapath.origin.isCurrent else { return nil }
    return try datapath.inForce(slot) { number throws(SystemError) in
      let array = try RulePlace(datapath).array(pin(number, datapath.profile.number))
      // Unmapped with the array, which nothing else holds.
      return withExtendedLifetime(array) { array.memory.ruleSource }
    }
  }

  /// The rows of the set in force, without what only rates of rules say.
  func rows(_ datapath: Datapath) throws(SystemError) -> [RuleSource.Row] {
    guard let text = try text(datapath) else { return [] }
    return RuleSource(parsing: text[...], rates: [:]).rows
  }

  /// Replaces a set that names neither lists nor classes nor interfaces.
  ///
  /// A call that is killed leaves the set that was in force, or the new one; what the other slot holds is garbage, which
  /// the next call removes.
  func replace(with rows: [RuleSource.Row], of datapath: Datapath) throws(AegisError) {
    try RuleTable(datapath).clearUnused()
    let place = RulePlace(datapath)
    let config = try Settings.read(datapath)
    let new = rows.isEmpty ? nil : next(config)
    let profile = datapath.profile.number
    if let new { try place.put(rows, datapath.direction, RuleNumbers(), at: pin(new, profile)) }
    try Settings.change(datapath) { set(new, profile, in: &$0) }
    try kernel { () throws(SystemError) in
      try GracePeriod.wait()
      if let past = slot(config) { try place.inner.clear([pin(past, profile)]) }
    }
  }
}
