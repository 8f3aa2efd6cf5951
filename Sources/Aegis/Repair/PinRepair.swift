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
  var directory: String { root.current }

  init(_ root: PinRoot) {
    self.root = root
  }

  func steps() throws(AegisError) -> [Repair.Step] {
    let names = try kernel { () throws(SystemError) in try object().mapNames }
    let pinned = pinnedMaps(names)
    let (program, isPinned) = try program(using: pinned)
    var steps: [Repair.Step] = []
    if !isPinned {
      steps.append(step(AEGIS_PROGRAM, .program(name: AEGIS_PROGRAM, id: program.id)))
    }
    for (direction, id) in unpinnedTraffic(using: pinned) {
      let name = TrafficProgram.name(direction)
      steps.append(step(name, .program(name: name, id: id)))
    }
    let unpinned = try unpinnedMaps(of: program, pinned)
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
    return Repair.Step(RepairItem("current/" + name, .adopted, detail), .pin(loss))
  }

  private func found(_ name: String) -> String {
    (try? FileSystem.exists(directory + "/" + name)) ?? true
      ? "its pin was another object" : "its pin was missing"
  }

  func restore(_ loss: Loss) throws(AegisError) {
    if case .contents(AEGIS_MAP_meta.name) = loss { return try restoreMeta() }
    try kernel { () throws(SystemError) in
      switch loss {
      case .program(let name, let id):
        let path = directory + "/" + name
        _ = try FileSystem.remove(path)
        try BPFProgram.open(id: id)?.pin(at: path)
      case .map(let name, let id):
        let path = directory + "/" + name
        _ = try FileSystem.remove(path)
        try AnyBPFMap.open(id: id)?.pin(at: path)
      case .contents(let name):
        _ = try FileSystem.remove(directory + "/" + name)
        try make(name)
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
  private func make(_ name: String) throws(SystemError) {
    var object = try object()
    try reuse(in: object, besides: name)
    try object.loadMaps()
    try object.pinMap(name, at: directory + "/" + name)
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
