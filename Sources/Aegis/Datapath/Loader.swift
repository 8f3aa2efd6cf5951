internal import BPF
internal import CAegis
internal import Linux

/// Loads the datapath, replaces it under its links, and unloads it.
public struct Loader: Sendable {
  public let root: PinRoot

  public init(_ root: PinRoot) {
    self.root = root
  }

  /// Whether there is a datapath to open, even a damaged one.
  public var isLoaded: Bool {
    get throws(AegisError) {
      if try root.has(root.current) { return true }
      return try Damage.find(at: root) != nil
    }
  }

  /// What a load did, or would do.
  public struct Outcome: Sendable {
    public enum Action: String, Sendable {
      case loaded, replaced
      case rolledBack = "rolled back"
      case unchanged
    }

    public let action: Action
    public let capacity: Capacity
    /// Kernel memory of the maps in bytes; nil when nothing was loaded for a dry run.
    public let memory: UInt64?
  }

  /// What the caller wants; nil keeps the loaded value, or uses the default.
  public struct Request: Sendable, Equatable {
    public var drops: UInt32?
    public var keys: UInt32?
    public var sources: UInt32?
    public var users: UInt32?

    public init(
      drops: UInt32? = nil, keys: UInt32? = nil, sources: UInt32? = nil, users: UInt32? = nil
    ) {
      self.drops = drops
      self.keys = keys
      self.sources = sources
      self.users = users
    }

    func applied(to capacity: Capacity) -> Capacity {
      Capacity(
        drops: drops ?? capacity.drops, keys: keys ?? capacity.keys,
        sources: sources ?? capacity.sources, users: users ?? capacity.users)
    }
  }

  /// Loads the datapath if nothing is loaded. Otherwise returns `unchanged`, or replaces the program and resizes its
  /// maps: entries, settings and counters are kept, and no packet is unfiltered meanwhile.
  public func load(
    _ request: Request, replace: Bool, in session: borrowing Session
  ) throws(AegisError) -> Outcome {
    try root.check()
    let generations = Generations(root)
    guard let current = try generations.current else {
      if let damage = try Damage.find(at: root) { throw damage.error }
      let capacity = request.applied(to: Capacity())
      if session.isDryRun { return Outcome(action: .loaded, capacity: capacity, memory: nil) }
      try generations.remove(generations.leftovers())
      do {
        let memory = try build(1, capacity, from: nil)
        try generations.adopt(1)
        return Outcome(action: .loaded, capacity: capacity, memory: memory)
      } catch {
        generations.abandon(1, previous: nil)
        throw error
      }
    }

    let datapath = try replace ? session.datapathToReplace() : session.datapath()
    let present = try datapath.capacity()
    let wanted = request.applied(to: present)
    if !replace {
      if wanted != present { throw Self.otherCapacity(present) }
      return try Outcome(action: .unchanged, capacity: present, memory: datapath.memory())
    }
    // Otherwise they fit, and a long list need not be read.
    if wanted.drops < present.drops { try Self.checkDrops(of: datapath, fit: wanted) }
    if session.isDryRun { return Outcome(action: .replaced, capacity: wanted, memory: nil) }

    return try put(wanted, inPlaceOf: current, of: datapath, present)
  }

  private func put(
    _ wanted: Capacity, inPlaceOf current: Int, of datapath: Datapath, _ present: Capacity
  ) throws(AegisError) -> Outcome {
    let generations = Generations(root)
    // A generation that an earlier version began and never finished has counted nothing that must be carried over.
    if !datapath.origin.isCurrent, try !root.has(root.moving) {
      try generations.remove(generations.leftovers())
    }
    let previous = try generations.previous
    let next = try generations.next()
    let memory: UInt64
    do {
      memory = try build(next, wanted, from: datapath)
      try TrafficProgram.make(in: root.generation(next), as: root.generation(current))
      try RelayProgram.make(in: root.generation(next), as: root.generation(current))
      try HookProgram.make(in: root.generation(next), as: root.generation(current))
      let isSame = try isSameProgram(root.generation(current), root.generation(next))
      if isSame, wanted == present, datapath.origin.isCurrent {
        try generations.remove(generations.leftovers())
        try HookUpkeep(datapath).finishReplacement()
        try datapath.noteThisBuild()
        return Outcome(action: .unchanged, capacity: present, memory: memory)
      }
      try refuseEarlier(datapath, from: present, to: wanted)
      // This version cannot roll back to another layout.
      let isKept = datapath.origin.isCurrent
      try generations.adopt(next, keeping: isKept ? current : nil)
    } catch {
      generations.abandon(next, previous: previous)
      throw error
    }
    try generations.finishReplacement(by: Datapath(at: root))
    try refuseEarlier(Datapath(at: root), from: present, to: wanted)
    return Outcome(action: .replaced, capacity: wanted, memory: memory)
  }

  /// Between tables of another size windows are copied, and not what comes meanwhile: before and after the links move,
  /// what clients have sent until then is refused.
  private func refuseEarlier(
    _ datapath: Datapath, from present: Capacity, to wanted: Capacity
  ) throws(AegisError) {
    if wanted.users != present.users { try RelayStore(datapath).refuseEarlier() }
  }

  /// Returns to the program that was in force before the last replacement, with the current policy.
  public func rollBack(in session: borrowing Session) throws(AegisError) -> Outcome {
    let generations = Generations(root)
    let datapath = try session.datapath()
    guard let previous = try generations.previous, let meta = try meta(of: previous),
      Layout.relation(of: meta) == .same
    else {
      throw AegisError(.failed, "there is no previous program at \(root)")
    }
    let directory = root.generation(previous)
    let capacity = try Capacity(of: directory)
    try Self.checkDrops(of: datapath, fit: capacity)
    if session.isDryRun { return Outcome(action: .rolledBack, capacity: capacity, memory: nil) }
    for builder in GenerationBuilder.both(from: datapath, into: directory) {
      try builder.fillMaps(capacity: capacity, object: meta.object)
    }
    try TrafficProgram.make(in: directory, as: root.current)
    try RelayProgram.make(in: directory, as: root.current)
    try HookProgram.make(in: directory, as: root.current)
    let present = try datapath.capacity()
    try refuseEarlier(datapath, from: present, to: capacity)
    try generations.exchange(with: previous)
    try generations.finishReplacement(by: Datapath(at: root))
    try refuseEarlier(Datapath(at: root), from: present, to: capacity)
    return try Outcome(
      action: .rolledBack, capacity: capacity, memory: Datapath.memory(of: directory))
  }

  private static func checkDrops(
    of datapath: Datapath, fit capacity: Capacity
  ) throws(AegisError) {
    for side in datapath.directions where try side.exists {
      for (store, count) in try DropList(side).liveCounts().enumerated()
      where count > Int(capacity.drops) {
        throw AegisError(
          .failed,
          "the drop list has \(count) \(DropList(side).tables[store].contents), more than \(capacity.drops)"
        )
      }
    }
  }

  private func meta(of generation: Int) throws(AegisError) -> aegis_meta? {
    try kernel { () throws(SystemError) in
      try Migration.meta(pinnedAt: AEGIS_MAP_meta.pin(in: root.generation(generation)))
    }
  }

  private static func otherCapacity(_ present: Capacity) -> AegisError {
    AegisError(
      .failed,
      """
      the datapath is loaded with another capacity: --max-drops \(present.drops) --max-keys \(present.keys) \
      --max-sources \(present.sources) --max-users \(present.users)
      """,
      hint: "resize it, keeping its policy: aegisctl load --replace --max-…")
  }

  private func isSameProgram(_ one: String, _ other: String) throws(AegisError) -> Bool {
    try kernel { () throws(SystemError) in
      for name in [AEGIS_PROGRAM, RelayProgram.name] + TrafficProgram.names {
        let (old, new) = (one + "/" + name, other + "/" + name)
        if name != AEGIS_PROGRAM, try !FileSystem.exists(old) { continue }
        if try BPFProgram(pinnedAt: old).info().tag != BPFProgram(pinnedAt: new).info().tag {
          return false
        }
      }
      return true
    }
  }

  /// Builds a complete generation beside the one in force; returns the memory of its maps in bytes.
  private func build(
    _ number: Int, _ capacity: Capacity, from datapath: Datapath?
  ) throws(AegisError) -> UInt64 {
    let directory = root.generation(number)
    try kernel { () throws(SystemError) in
      try FileSystem.removeTree(directory)
      try FileSystem.makeDirectory(directory)
      try FileSystem.makeDirectory(root.links)
    }
    let builders = GenerationBuilder.both(from: datapath, into: directory)
    do {
      var object = try BPFObject(BPFObjects.decode(BPFObjects.aegis), name: AEGIS_PROGRAM)
      try builders[0].prepare(object, capacity.entries)
      try builders[0].reuseMaps(in: object, capacity: capacity)
      try object.load()
      for map in object.mapNames { try object.pinMap(map, at: directory + "/" + map) }
      try builders[1].makeMaps(keeping: capacity, capacity.entries)
      try object.pinProgram(AEGIS_PROGRAM, at: directory + "/" + AEGIS_PROGRAM)
    } catch {
      throw AegisError(loading: error)
    }
    for builder in builders { try builder.fillMaps(capacity: capacity) }
    return try Datapath.memory(of: directory)
  }
}
