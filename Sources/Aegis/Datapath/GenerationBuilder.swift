internal import BPF
internal import CAegis
internal import Linux

/// What a new generation takes over from the one in force, as defined by the catalogue.
struct GenerationBuilder {
  let datapath: Datapath?
  let directory: String

  init(from datapath: Datapath?, into directory: String) {
    self.datapath = datapath
    self.directory = directory
  }

  /// Makes an object use the maps that are kept.
  func reuseMaps(in object: borrowing BPFObject, capacity: Capacity) throws(SystemError) {
    guard let datapath else { return }
    var kept: [aegis_map] = []
    for map in aegis_map.all where map.row.replace != AEGIS_REPLACE_OWN {
      if try isKept(map, of: datapath, capacity) { kept.append(map) }
    }
    // Rates store the place of their lines in the table of buckets, and a block of counters lies in one of several
    // maps.
    for fate in [AEGIS_REPLACE_RATES, AEGIS_REPLACE_CARRY] {
      let group = aegis_map.with(fate)
      if !group.allSatisfy(kept.contains) { kept.removeAll(where: group.contains) }
    }
    for map in kept {
      let pinned = try AnyBPFMap(pinnedAt: datapath.root.map(map))
      try object.reuse(pinned.descriptor, forMap: map.name)
    }
  }

  /// Whether a map already has the shape and the size that it should have.
  private func isKept(
    _ map: aegis_map, of datapath: Datapath, _ capacity: Capacity
  ) throws(SystemError) -> Bool {
    let path = datapath.root.map(map)
    guard try FileSystem.exists(path), !Migration.isReshaped(map, since: datapath.origin.abi) else {
      return false
    }
    let (info, row) = (try AnyBPFMap(pinnedAt: path).info(), map.row)
    // The kernel sets this flag of maps of devices by itself.
    let flags = map == AEGIS_MAP_wire ? info.flags & ~UInt32(BPF_F_RDONLY_PROG) : info.flags
    return info.type == row.type && flags == row.flags && info.keySize == row.key_size
      && info.valueSize == row.value_size && info.maxEntries == capacity.entries(of: map)
  }

  /// - Parameter object: The hash of the build of this generation's program.
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
      try BPFMap<UInt32, aegis_config>(pinnedAt: AEGIS_MAP_config.pin(in: directory))
        .update(final, forKey: 0)
      try BPFMap<UInt32, aegis_meta>(pinnedAt: AEGIS_MAP_meta.pin(in: directory))
        .update(Origin.meta(object: object), forKey: 0)
    }
    guard let datapath else { return }
    for map in aegis_map.with(AEGIS_REPLACE_KEEP) {
      try copy(map, from: datapath.root.current)
    }
    try Migration(from: datapath, to: directory).finish()
  }

  /// Copies what an operator declared, and with which version, into maps that are all empty.
  func copyPolicy(from source: String) throws(AegisError) {
    for map in SavedPolicy.maps { try copy(map, from: source) }
  }

  /// Copies the entries of a map of `source`, unless this generation has the same map. Fields that a later layout added
  /// are zero.
  private func copy(_ map: aegis_map, from source: String) throws(AegisError) {
    do {
      let path = map.pin(in: source)
      guard try FileSystem.exists(path), try !map.isShared(by: source, directory) else { return }
      // The maps of a map of maps are copied by their pins.
      if map == AEGIS_MAP_geo, let datapath {
        return try GeoStore(datapath).fill(map.pin(in: directory))
      }
      try AnyBPFMap(pinnedAt: map.pin(in: directory))
        .replaceEntries(with: AnyBPFMap(pinnedAt: path))
    } catch {
      guard error.isFull else { throw AegisError(error) }
      throw AegisError(.failed, "the entries of \(map.name) do not fit the new capacity")
    }
  }

  /// Moves rates together with the table of their buckets, which may be the same one.
  private func moveRates(
    of datapath: Datapath, _ config: inout aegis_config, _ capacity: Capacity
  ) throws(AegisError) {
    let (source, directory) = (datapath.root.current, directory)
    let isShared = try kernel { () throws(SystemError) in
      try AEGIS_MAP_cells.isShared(by: source, directory)
    }
    if isShared { return }
    var prefixes: [UInt32: Prefix] = [:]
    for (key, entry, _) in try KeyList(datapath).list.all() where entry.rate != 0 {
      prefixes[entry.rate] = key.key.source
    }
    try RateMove(
      source: source, abi: datapath.origin.abi, directory: directory, capacity: capacity
    ).make(&config, prefixes: prefixes)
  }
}
