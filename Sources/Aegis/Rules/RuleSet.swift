internal import BPF
internal import CAegis
internal import Linux

/// The sets in a slot of `rules`; the configuration names the slot in force of each of them.
enum RuleSet: UInt32, CaseIterable {
  case rules
  /// The allow keys of several ports.
  case portKeys

  func pin(_ slot: UInt32) -> InnerPin { InnerPin(index: slot * 2 + rawValue) }

  /// The slot in force; nil if there is none.
  func slot(_ config: aegis_config) -> UInt32? {
    let number = self == .rules ? config.rules : config.port_keys
    return 1...2 ~= number ? number - 1 : nil
  }

  /// The source form of the set in force; nil if there is none.
  func text(_ datapath: Datapath) throws(SystemError) -> String? {
    var slot = try slotKnown(datapath)
    while true {
      guard let number = slot else { return nil }
      do {
        let array = try RulePlace(datapath).array(pin(number))
        // Unmapped with the array, which nothing else holds.
        return withExtendedLifetime(array) { array.memory.ruleSource }
      } catch {
        // A caller without the lock may have read the configuration before another set came into force.
        let now = try slotNow(datapath)
        guard error.isAbsence, now != slot else { throw error }
        slot = now
      }
    }
  }

  private func slotKnown(_ datapath: Datapath) throws(SystemError) -> UInt32? {
    guard let config = datapath.openMaps?.config else { return try slotNow(datapath) }
    return slot(config)
  }

  private func slotNow(_ datapath: Datapath) throws(SystemError) -> UInt32? {
    guard datapath.origin.isCurrent else { return nil }
    let map: BPFMap<UInt32, aegis_config> = try datapath.open(AEGIS_MAP_config)
    return try map.value(forKey: 0).flatMap { slot($0) }
  }
}
