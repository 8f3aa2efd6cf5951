internal import BPF
internal import CAegis
internal import Linux

/// What the maps of one direction of a new generation take over from the one in force, as defined by the catalogue.
struct GenerationBuilder {
  /// The direction of the datapath in force; nil if there is none.
  let datapath: Datapath?
  let direction: Direction
  /// Where its maps are pinned.
  let directory: String
  private let generation: String

  init(_ direction: Direction, from datapath: Datapath?, into generation: String) {
    self.datapath = datapath?[direction]
    self.direction = direction
    self.generation = generation
    directory = PinRoot.maps(of: direction, in: generation)
  }

  static func both(from datapath: Datapath?, into generation: String) -> [GenerationBuilder] {
    Direction.allCases.map { GenerationBuilder($0, from: datapath, into: generation) }
  }

  /// The maps that it makes, and does not share with the other direction.
  private var maps: [aegis_map] {
    direction == .in ? aegis_map.all : aegis_map.all.filter(\.isOfOneDirection)
  }

  /// The datapath in force, if it has maps of this direction.
  private var past: Datapath? {
    get throws(AegisError) { try datapath?.exists == true ? datapath : nil }
  }

  /// Makes maps without a program, and pins them. What both directions share is pinned with the first one.
  ///
  /// - Parameters:
  ///   - size: The number of entries of a map.
  ///   - capacity: nil takes over none.
  func makeMaps(
    _ maps: [aegis_map] = aegis_map.all, keeping capacity: Capacity? = nil,
    _ size: (aegis_map) -> UInt32
  ) throws(SystemError) {
    try FileSystem.makeDirectory(directory)
    var object = try BPFObject(BPFObjects.decode(BPFObjects.aegis), name: AEGIS_PROGRAM)
    try prepare(object, size)
    if let capacity { try reuseMaps(in: object, capacity: capacity) }
    for map in maps where direction == .out && !map.isOfOneDirection {
      try object.reuse(AnyBPFMap(pinnedAt: map.pin(in: generation)).descriptor, forMap: map.name)
    }
    try object.loadMaps()
    for map in maps { try object.pinMap(map.name, at: map.pin(in: directory)) }
  }

  /// Gives the maps of an object their sizes.
  func prepare(
    _ object: borrowing BPFObject, _ size: (aegis_map) -> UInt32
  ) throws(SystemError) {
    for map in Capacity.sized { try object.setMaxEntries(size(map), ofMap: map.name) }
    for map in maps where map.flags(direction) != map.row.flags {
      try object.setFlags(map.flags(direction), ofMap: map.name)
    }
  }

  /// Makes an object use the maps that are kept.
  func reuseMaps(in object: borrowing BPFObject, capacity: Capacity) throws(SystemError) {
    guard let datapath else { return }
    var kept: [aegis_map] = []
    for map in maps where map.row.replace != AEGIS_REPLACE_OWN {
      if try isKept(map, of: datapath, capacity) { kept.append(map) }
    }
    // Rates store the place of their lines in the table of buckets, and a block of counters lies in one of several
    // maps.
    for fate in [AEGIS_REPLACE_RATES, AEGIS_REPLACE_CARRY] {
      let group = aegis_map.with(fate)
      if !group.allSatisfy(kept.contains) { kept.removeAll(where: group.contains) }
    }
    for map in kept {
      let pinned = try AnyBPFMap(pinnedAt: datapath.pin(of: map))
      try object.reuse(pinned.descriptor, forMap: map.name)
    }
  }

  /// Whether a map already has the shape and the size that it should have.
  private func isKept(
    _ map: aegis_map, of datapath: Datapath, _ capacity: Capacity
  ) throws(SystemError) -> Bool {
    let path = datapath.pin(of: map)
    guard try FileSystem.exists(path), !Migration.isReshaped(map, since: datapath.origin.abi) else {
      return false
    }
    let (info, row) = (try AnyBPFMap(pinnedAt: path).info(), map.row)
    // The kernel sets this flag of maps of devices by itself.
    let flags = map == AEGIS_MAP_wire ? info.flags & ~UInt32(BPF_F_RDONLY_PROG) : info.flags
    return info.type == row.type && flags == map.flags(direction)
      && info.keySize == row.key_size && info.valueSize == row.value_size
      && info.maxEntries == capacity.entries(of: map)
  }

  /// - Parameter object: The hash of the build of this generation's program.
  func fillMaps(
    capacity: Capacity, object: UInt64 = BPFObjects.hash
  ) throws(AegisError) {
    let past = try past
    var config = try other.map { Settings.fresh(beside: $0) } ?? Settings.fresh()
    // By number, of the other profiles.
    var own: [UInt32: aegis_config] = [:]
    if let past {
      config = try Migration.config(of: past.directory, abi: past.origin.abi)
      for view in try past.profileViews.dropFirst() {
        own[view.profile.number] = try Settings.read(view).own
      }
      try Migration.moveDrops(
        of: past, to: DropPlace(past.root, direction, in: directory), &config)
      try moveRates(of: past, &config, &own, capacity)
      try moveRules(of: past, &config)
      for view in try past.profileViews.dropFirst() {
        guard var moved = own[view.profile.number] else { continue }
        try moveRules(of: view, &moved)
        own[view.profile.number] = moved
      }
    } else {
      config.rates.putSources(on: capacity)
    }
    own[AEGIS_PROFILE_MAIN] = config
    let configs = own
    try kernel { () throws(SystemError) in
      let map = try BPFMap<UInt32, aegis_config>(pinnedAt: AEGIS_MAP_config.pin(in: directory))
      for profile in 0..<AEGIS_PROFILES {
        try map.update(configs[profile] ?? aegis_config(), forKey: profile)
      }
      if direction == .in {
        try BPFMap<UInt32, aegis_meta>(pinnedAt: AEGIS_MAP_meta.pin(in: directory))
          .update(Origin.meta(object: object, drops: capacity.drops), forKey: 0)
      }
    }
    guard let past else { return }
    for map in maps where map.row.replace == AEGIS_REPLACE_KEEP {
      try copy(map, from: past.directory)
    }
    if direction == .in { try Migration(from: past, to: directory).finish() }
  }

  /// The configuration of the other direction, which comes first.
  private var other: aegis_config? {
    get throws(AegisError) {
      if direction == .in { return nil }
      return try kernel { () throws(SystemError) in
        try BPFMap<UInt32, aegis_config>(pinnedAt: AEGIS_MAP_config.pin(in: generation))
          .value(forKey: 0)
      }
    }
  }

  /// Copies what an operator declared, and with which version, into maps that are all empty.
  func copyPolicy() throws(AegisError) {
    guard let past = try past else { return }
    let tables = [AEGIS_ROLE_DROPS, AEGIS_ROLE_RULES]
    for map in SavedPolicy.maps where maps.contains(map) && !tables.contains(map.row.role) {
      try copy(map, from: past.directory)
    }
    let root = PinRoot(generation.parentDirectory ?? "/")
    try DropList(past).copy(to: DropPlace(root, direction, in: directory))
    try RuleTable(past).copy(to: RulePlace(root, direction, in: directory))
  }

  /// Copies the entries of a map of `source`, unless this generation has the same map. Fields that a later layout added
  /// are zero.
  private func copy(_ map: aegis_map, from source: String) throws(AegisError) {
    do {
      let path = map.pin(in: source)
      guard try FileSystem.exists(path), try !map.isShared(by: source, directory) else { return }
      // The maps of a map of maps are copied by their pins.
      if map == AEGIS_MAP_geo, let datapath {
        return try GeoStore(datapath).inner.fill(map.pin(in: directory))
      }
      if map == AEGIS_MAP_drop, let datapath {
        return try DropPlace(datapath).inner.fill(map.pin(in: directory))
      }
      if map == AEGIS_MAP_rules, let datapath {
        return try RulePlace(datapath).inner.fill(
          map.pin(in: directory), valueSize: UInt32(RuleCompiler.bytes))
      }
      // The program in place holds this very map.
      if map == AEGIS_MAP_hook_exit || map == AEGIS_MAP_hook_packet {
        _ = try FileSystem.remove(map.pin(in: directory))
        return try AnyBPFMap(pinnedAt: path).pin(at: map.pin(in: directory))
      }
      if map == AEGIS_MAP_relay_user {
        return try RelayTable.copyUsers(from: path, to: map.pin(in: directory))
      }
      try AnyBPFMap(pinnedAt: map.pin(in: directory))
        .replaceEntries(with: AnyBPFMap(pinnedAt: path))
    } catch {
      guard error.isFull else { throw AegisError(error) }
      throw AegisError(.failed, "the entries of \(map.name) do not fit the new capacity")
    }
  }

  /// Compiles sets of rules again that a build with other dimensions made. They come into the slots that are free, since
  /// the generation in force still has its own.
  private func moveRules(of past: Datapath, _ config: inout aegis_config) throws(AegisError) {
    let place = RulePlace(past.root, direction, in: directory)
    let profile = past.profile.number
    for set in RuleSet.allCases {
      guard let slot = set.slot(config) else { continue }
      let text = try kernel { () throws(SystemError) in
        try place.textOfOtherShape(set.pin(slot, profile))
      }
      guard let text else { continue }
      let rows = RuleSource(parsing: text[...], rates: try KeyRates.rules(past)).rows
      let next = set.next(config)
      try place.put(
        rows, direction, try RuleTable(past).numbers(of: rows), at: set.pin(next, profile))
      set.set(next, profile, in: &config)
    }
  }

  /// Moves rates together with the table of their buckets, which may be the same one.
  private func moveRates(
    of datapath: Datapath, _ config: inout aegis_config, _ own: inout [UInt32: aegis_config],
    _ capacity: Capacity
  ) throws(AegisError) {
    let (source, directory) = (datapath.directory, directory)
    let isShared = try kernel { () throws(SystemError) in
      try AEGIS_MAP_cells.isShared(by: source, directory)
    }
    if isShared { return }
    var prefixes: [UInt32: Prefix] = [:]
    for view in try datapath.profileViews {
      for (key, entry, _) in try KeyList(view).list.all() where entry.rate != 0 {
        prefixes[entry.rate] = key.key.source
      }
    }
    try RateMove(
      source: source, abi: datapath.origin.abi, directory: directory, capacity: capacity
    ).make(&config, &own, prefixes: prefixes)
  }
}
