internal import BPF
internal import CAegis
internal import Linux

/// Compares the pins of the generation in force with what the kernel runs.
struct PinRepair {
  /// A pin that is missing, or that belongs to another object.
  enum Loss {
    /// The kernel still holds the program.
    case program(name: String, id: UInt32)
    case map(name: String, id: UInt32)
    /// Nothing holds the map any more: it is created again, empty.
    case contents(map: String)
  }

  let root: PinRoot
  let direction: Direction
  var directory: String { PinRoot.maps(of: direction, in: root.current) }

  init(_ root: PinRoot, _ direction: Direction = .in) {
    self.root = root
    self.direction = direction
  }

  /// The pins of both directions.
  static func steps(_ root: PinRoot) throws(AegisError) -> [Repair.Step] {
    let first = PinRepair(root)
    let names = try kernel { () throws(SystemError) in try first.object().mapNames }
    let pinned = first.pinnedMaps(names)
    let (program, isPinned) = try first.program(using: pinned)
    var steps: [Repair.Step] = []
    if !isPinned {
      steps.append(first.step(AEGIS_PROGRAM, .program(name: AEGIS_PROGRAM, id: program.id)))
    }
    for (direction, id) in first.unpinnedTraffic(using: pinned) {
      let name = TrafficProgram.name(direction)
      steps.append(first.step(name, .program(name: name, id: id)))
    }
    let second = PinRepair(root, .out)
    let other = second.pinnedMaps(names)
    var unpinned = try first.unpinnedMaps(of: program.mapIDs, pinned)
    var lost = try second.unpinnedMaps(of: first.mapsOfProgramOut(using: pinned), other)
    for name in aegis_map.all.filter({ !$0.isOfOneDirection }).map(\.name) {
      if pinned[name]?.name != name, unpinned[name] == nil, other[name]?.name == name {
        unpinned[name] = other[name]?.id
      }
      let id = unpinned[name] ?? pinned[name]?.id
      lost[name] = other[name]?.id == id ? nil : id
    }
    steps += first.steps(names, pinned, unpinned)
    return steps + second.steps(names, other, lost)
  }

  private func steps(
    _ names: [String], _ pinned: [String: MapInfo], _ unpinned: [String: UInt32]
  ) -> [Repair.Step] {
    var steps: [Repair.Step] = []
    for name in names {
      if let id = unpinned[name] {
        steps.append(step(name, .map(name: name, id: id)))
      } else if pinned[name]?.name != name {
        steps.append(step(name, .contents(map: name)))
      }
    }
    return steps
  }

  private func step(_ name: String, _ loss: Loss) -> Repair.Step {
    let detail =
      if case .contents = loss { found(name) + ", and its contents are lost" } else { found(name) }
    let place = direction == .out ? "current/\(PinRoot.outName)/" : "current/"
    return Repair.Step(RepairItem(place + name, .adopted, detail), .pin(loss, direction))
  }

  private func found(_ name: String) -> String {
    (try? FileSystem.exists(directory + "/" + name)) ?? true
      ? "its pin was another object" : "its pin was missing"
  }

  func restore(_ loss: Loss) throws(AegisError) {
    if direction == .in, case .contents(AEGIS_MAP_meta.name) = loss { return try restoreMeta() }
    // The program holds the maps of the first direction that have other sizes.
    let capacity = try direction == .out ? Capacity(of: root.current) : Capacity()
    try kernel { () throws(SystemError) in
      switch loss {
      case .program(let name, let id):
        let path = directory + "/" + name
        _ = try FileSystem.remove(path)
        try BPFProgram.open(id: id)?.pin(at: path)
      case .map(let name, let id):
        let path = directory + "/" + name
        if direction == .out { try FileSystem.makeDirectory(directory) }
        _ = try FileSystem.remove(path)
        try AnyBPFMap.open(id: id)?.pin(at: path)
      case .contents(let name):
        if direction == .out { try FileSystem.makeDirectory(directory) }
        _ = try FileSystem.remove(directory + "/" + name)
        let map = aegis_map.all.first { $0.name == name }
        if direction == .out, let map, !map.isOfOneDirection {
          return try AnyBPFMap(pinnedAt: root.map(map)).pin(at: map.pin(in: directory))
        }
        try make(name, capacity)
        if direction == .out, map == AEGIS_MAP_config { try begin(capacity) }
      }
    }
  }

  /// It can only be restored for this version: the meaning of another version's maps is not known.
  private func restoreMeta() throws(AegisError) {
    var object = try kernel { () throws(SystemError) in try self.object() }
    let running = try program(using: pinnedMaps(object.mapNames)).info
    let isSame: Bool
    do {
      try reuse(in: object, besides: AEGIS_MAP_meta.name)
      try object.load()
      let program = BPFProgram(
        try object.programDescriptor(AEGIS_PROGRAM), name: AEGIS_PROGRAM)
      isSame = try program.info().tag == running.tag
    } catch {
      isSame = false
    }
    guard isSame else {
      throw AegisError(
        .otherLayout, "the datapath at \(root) was not loaded by this version of aegisctl",
        hint: "use the version that loaded it; or, to discard the policy: aegisctl unload --force")
    }
    try kernel { () throws(SystemError) in
      let path = AEGIS_MAP_meta.pin(in: directory)
      _ = try FileSystem.remove(path)
      try object.pinMap(AEGIS_MAP_meta.name, at: path)
      try BPFMap<UInt32, aegis_meta>(pinnedAt: path).update(Origin.meta(), forKey: 0)
    }
  }

  /// Creates it from the object that describes it, with the other maps that exist.
  private func make(_ name: String, _ capacity: Capacity) throws(SystemError) {
    var object = try object()
    try reuse(in: object, besides: name)
    if let map = aegis_map.all.first(where: { $0.name == name }) {
      try object.setMaxEntries(capacity.entries(of: map), ofMap: name)
      try object.setFlags(map.flags(direction), ofMap: name)
    }
    try object.loadMaps()
    try object.pinMap(name, at: directory + "/" + name)
  }

  /// Gives what leaves a new configuration.
  private func begin(_ capacity: Capacity) throws(SystemError) {
    let other = try BPFMap<UInt32, aegis_config>(pinnedAt: root.map(AEGIS_MAP_config))
      .value(forKey: 0)
    var config = Settings.fresh(beside: other ?? aegis_config())
    config.rates.putSources(on: capacity)
    try BPFMap<UInt32, aegis_config>(pinnedAt: AEGIS_MAP_config.pin(in: directory))
      .update(config, forKey: 0)
  }

  private func reuse(in object: borrowing BPFObject, besides name: String) throws(SystemError) {
    for other in object.mapNames where other != name {
      guard let map = try? AnyBPFMap(pinnedAt: directory + "/" + other) else {
        try object.setMaxEntries(1, ofMap: other)
        continue
      }
      try object.reuse(map.descriptor, forMap: other)
    }
  }

  private func object() throws(SystemError) -> BPFObject {
    try BPFObject(BPFObjects.decode(BPFObjects.aegis), name: AEGIS_PROGRAM)
  }
}
