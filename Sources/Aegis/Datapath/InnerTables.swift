internal import BPF
internal import CAegis
internal import Linux

/// What lies in the maps of a map of maps, of which the configuration names those in force.
protocol InnerTables {
  var inner: InnerMaps { get }
  /// The pins of the maps in force.
  var used: [InnerPin] { get throws(AegisError) }

  /// Pins of maps in force that differ from what the datapath has.
  func differing() throws(AegisError) -> [InnerPin]
  /// Makes a pin and the datapath's map the same again.
  func mend(_ pin: InnerPin) throws(AegisError)
  /// Removes what an interrupted call left.
  func clearUnused() throws(AegisError)
}

extension InnerTables {
  /// What an interrupted call left: maps that are not in force.
  func unused() throws(AegisError) -> [InnerPin] {
    try inner.unused { () throws(AegisError) in try used }
  }

  func differing() throws(AegisError) -> [InnerPin] { try inner.differing(among: used) }

  func mend(_ pin: InnerPin) throws(AegisError) {
    try kernel { () throws(SystemError) in try inner.mend(pin) }
  }

  func clearUnused() throws(AegisError) {
    let unused = try unused()
    if unused.isEmpty { return }
    try kernel { () throws(SystemError) in try inner.clear(unused) }
  }
}

extension Datapath {
  /// All tables of both directions.
  var innerTables: [any InnerTables] {
    [GeoStore(self)]
      + directions.flatMap { [DropList($0), RuleTable($0)] as [any InnerTables] }
  }

  /// Opens what a slot has.
  ///
  /// - Parameters:
  ///   - slot: The one in force; nil if there is none.
  ///   - open: May be called again: a caller without the lock may have read the configuration before another slot came
  ///     into force.
  func inForce<Value>(
    _ slot: (aegis_config) -> UInt32?, _ open: (UInt32) throws(SystemError) -> Value
  ) throws(SystemError) -> Value? {
    func now() throws(SystemError) -> UInt32? {
      let map: BPFMap<UInt32, aegis_config> = try self.open(AEGIS_MAP_config)
      let common = try map.value(forKey: AEGIS_PROFILE_MAIN)
      guard !profile.isMain, let common else { return common.flatMap(slot) }
      return try map.value(forKey: profile.number).flatMap { slot(common.with(own: $0)) }
    }
    let known = openMaps?[config: AEGIS_PROFILE_MAIN]
    let own = profile.isMain ? known : openMaps?[config: profile.number]
    var number =
      if let known, let own { slot(known.with(own: own)) } else { try now() }
    while let one = number {
      do {
        return try open(one)
      } catch {
        let other = try now()
        guard error.isAbsence, other != one else { throw error }
        number = other
      }
    }
    return nil
  }
}
