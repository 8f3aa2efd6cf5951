internal import BPF
internal import CAegis

/// What a new generation takes over from the one in force.
struct Carry {
  let datapath: Datapath?
  let directory: String

  init(from datapath: Datapath?, into directory: String) {
    self.datapath = datapath
    self.directory = directory
  }

  /// Of one size in every capacity, and in use while links move.
  private static let alwaysShared = [
    AEGIS_MAP_COUNTERS, AEGIS_MAP_INTERFACES, AEGIS_MAP_NOTES, AEGIS_MAP_OFFENDERS,
    AEGIS_MAP_CARRIED, AEGIS_MAP_SURVEY, AEGIS_MAP_EVENTS, AEGIS_MAP_EVENT_FILTER,
    AEGIS_MAP_EVENT_STATE, AEGIS_MAP_LATENCY,
  ]

  func reuseMaps(in object: borrowing BPFObject, capacity: Capacity) throws(SystemError) {
    guard let datapath else { return }
    var shared = Self.alwaysShared
    for (name, count) in capacity.entries
    where try AnyBPFMap(pinnedAt: datapath.root.map(name)).info().maxEntries == count {
      shared += name == AEGIS_MAP_CELLS ? [name] + StoredRates.maps : [name]
    }
    for name in shared
    where try FileSystem.exists(datapath.root.map(name))
      && !Migration.isReshaped(name, since: datapath.origin.abi)
    {
      try object.reuse(AnyBPFMap(pinnedAt: datapath.root.map(name)).descriptor, forMap: name)
    }
  }

  /// - Parameter object: The hash of the build that the program of this generation is of.
  func fillMaps(
    capacity: Capacity, object: UInt64 = BPFObjects.hash
  ) throws(AegisError) {
    var config = Settings.fresh()
    if let datapath {
      config = try Migration.config(of: datapath.root.current, abi: datapath.origin.abi)
      try moveRates(of: datapath, &config, capacity)
    } else {
      config.rates.putSources(on: capacity)
    }
    let final = config
    try kernel { () throws(SystemError) in
      try BPFMap<UInt32, aegis_config>(pinnedAt: directory + "/" + AEGIS_MAP_CONFIG)
        .update(final, forKey: 0)
      try BPFMap<UInt32, aegis_meta>(pinnedAt: directory + "/" + AEGIS_MAP_META)
        .update(Origin.meta(object: object), forKey: 0)
    }
    guard let datapath else { return }
    try copyEntries(from: datapath.root.current)
    if datapath.origin.abi == 1 {
      let carried = try kernel { () throws(SystemError) in
        try BPFMap<UInt32, aegis_counters>(pinnedAt: directory + "/" + AEGIS_MAP_CARRIED)
      }
      try Migration.carryCounters(from: datapath.root.current, to: carried)
      try Migration.retireDetached(in: datapath)
    }
  }

  /// Settings, rules and entries, of maps that are all empty.
  func copyPolicy(from source: String) throws(AegisError) {
    try copyEntries(from: source)
    try copyAll(AEGIS_MAP_CONFIG, UInt32.self, aegis_config.self, from: source)
    try copyAll(AEGIS_MAP_META, UInt32.self, aegis_meta.self, from: source)
    try copyAll(AEGIS_MAP_RATE_PORT, aegis_port.self, aegis_rates.self, from: source)
    try copyAll(AEGIS_MAP_RATE_PREFIX, aegis_key_prefix.self, aegis_rates.self, from: source)
    try copyAll(AEGIS_MAP_TOTAL_PREFIX, aegis_key_prefix.self, aegis_rates.self, from: source)
    try copyAll(AEGIS_MAP_KEY_RATE, UInt32.self, aegis_rates.self, from: source)
    try copyAll(AEGIS_MAP_NOTES, UInt32.self, aegis_note.self, from: source)
  }

  private func copyAll<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ name: String, _: Key.Type, _: Value.Type, from source: String
  ) throws(AegisError) {
    try kernel { () throws(SystemError) in
      let old = try BPFMap<Key, Value>(pinnedAt: source + "/" + name)
      try BPFMap<Key, Value>(pinnedAt: directory + "/" + name).update(old.entries())
    }
  }

  /// What the maps of `source` hold that are not the very maps of this generation.
  func copyEntries(from source: String) throws(AegisError) {
    try copy(AEGIS_MAP_DROP_V4, UInt32.self, from: source)
    try copy(AEGIS_MAP_DROP_V6, aegis_address.self, from: source)
    try copy(AEGIS_MAP_DROP_PREFIX_V4, aegis_prefix_v4.self, from: source)
    try copy(AEGIS_MAP_DROP_PREFIX_V6, aegis_prefix_v6.self, from: source)
    for name in [AEGIS_MAP_KEY, AEGIS_MAP_PROTECT] {
      try copy(name, aegis_key.self, from: source)
    }
    for name in [AEGIS_MAP_KEY_PREFIX, AEGIS_MAP_PROTECT_PREFIX] {
      try copy(name, aegis_key_prefix.self, from: source)
    }
  }

  /// Copies the entries of a map that has another size now; a map that is shared has them already.
  private func copy<Key: BitwiseCopyable>(
    _ name: String, _: Key.Type, from source: String
  ) throws(AegisError) {
    do {
      let old = try BPFMap<Key, aegis_entry>(pinnedAt: source + "/" + name)
      let new = try BPFMap<Key, aegis_entry>(pinnedAt: directory + "/" + name)
      if try old.info().id == new.info().id { return }
      if try !new.isEmpty() { try new.remove(new.entries().map(\.key)) }
      try new.update(old.entries())
    } catch {
      guard error.isFull else { throw AegisError(error) }
      throw AegisError(.failed, "the entries of \(name) do not fit the new capacity")
    }
  }

  /// Rates go with the table of their buckets, which may be the same.
  private func moveRates(
    of datapath: Datapath, _ config: inout aegis_config, _ capacity: Capacity
  ) throws(AegisError) {
    let (source, directory) = (datapath.root.current, directory)
    let isShared = try kernel { () throws(SystemError) in
      try AnyBPFMap(pinnedAt: source + "/" + AEGIS_MAP_CELLS).info().id
        == AnyBPFMap(pinnedAt: directory + "/" + AEGIS_MAP_CELLS).info().id
    }
    if isShared { return }
    var prefixes: [UInt32: Prefix] = [:]
    for (key, entry, _) in try KeyList(datapath).list.all() where entry.rate != 0 {
      prefixes[entry.rate] = key.source
    }
    try RateMove(
      source: source, abi: datapath.origin.abi, directory: directory, capacity: capacity
    ).make(&config, prefixes: prefixes)
  }
}
