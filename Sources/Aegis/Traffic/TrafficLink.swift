internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// The place of the program behind tc on an interface: a link, or on kernels before 6.6 a filter in the qdisc `clsact`.
struct TrafficLink {
  let root: PinRoot
  let direction: Direction
  let ifindex: UInt32

  /// Of the filter: that of others, and of the program that silences a port of a wire, are lower or much higher.
  private static let priority: UInt32 = 7

  init(_ direction: Direction, of ifindex: UInt32, at root: PinRoot) {
    self.root = root
    self.direction = direction
    self.ifindex = ifindex
  }

  private var filter: TCFilter {
    TCFilter(direction.hook, of: ifindex, priority: Self.priority)
  }

  /// The program of our filter, on the interface of this index in the caller's network namespace.
  var filtering: UInt32? {
    guard let id = filter.program(), isOurs(id) else { return nil }
    return id
  }

  /// Whether a program is that of this instance, of any generation.
  private func isOurs(_ id: UInt32) -> Bool {
    guard let info = try? BPFProgram.open(id: id)?.info(),
      info.name == TrafficProgram.name(direction)
    else { return false }
    if let slots = try? AnyBPFMap(pinnedAt: root.map(AEGIS_MAP_interfaces)).info().id,
      info.mapIDs.contains(slots)
    {
      return true
    }
    return root.programs(TrafficProgram.name(direction)).contains(id)
  }

  /// Attaches a program that is not attached, before those of others where there are links.
  ///
  /// - Parameters:
  ///   - byFilter: Whether to use a filter where there could be a link.
  ///   - record: Called before anything of it can outlive this process, and with nil to undo that.
  /// - Returns: The bits of `aegis_port_flag` that detaching must undo.
  func attach(
    _ program: borrowing BPFProgram, byFilter: Bool,
    record: (AttachMode?) throws(SystemError) -> Void
  ) throws(SystemError) -> UInt32 {
    if !byFilter, let link = try link(program) {
      try recording(record) { () throws(SystemError) in
        try link.pin(at: root.link(ifindex, direction))
      }
      return 0
    }
    var isNew = false
    try recording(record) { () throws(SystemError) in
      isNew = try filter.attach(program, replacing: false)
    }
    return isNew ? aegis_port_flag.undoQueue : 0
  }

  /// nil on a kernel without such links.
  private func link(_ program: borrowing BPFProgram) throws(SystemError) -> BPFLink? {
    do {
      return try BPFLink(attaching: program, to: direction.hook, of: ifindex)
    } catch {
      guard error.errno == EINVAL else { throw error }
      return nil
    }
  }

  private func recording(
    _ record: (AttachMode?) throws(SystemError) -> Void, _ body: () throws(SystemError) -> Void
  ) throws(SystemError) {
    do {
      try record(.tc)
      try body()
    } catch {
      _ = try? record(nil)
      throw error
    }
  }

  /// Puts a program in the place of the one that it runs, without a gap.
  func update(to program: borrowing BPFProgram, replacing running: UInt32) throws(SystemError) {
    if try FileSystem.exists(root.link(ifindex, direction)) {
      guard let old = try root.program(running) else { return }
      return try BPFLink(pinnedAt: root.link(ifindex, direction)).update(
        to: program, replacing: old)
    }
    if filtering == running { try filter.attach(program, replacing: true) }
  }

  /// Removes our filter.
  ///
  /// - Parameter flags: With what else must be undone.
  func removeFilter(flags: UInt32) throws(SystemError) {
    if filtering == nil { return }
    try filter.remove(withQueue: flags & aegis_port_flag.undoQueue != 0)
  }

  /// What comes before our program and may let packets past it, as a clause; nil if nothing does.
  func predecessor(of program: UInt32) -> String? {
    let linked = direction.hook.programs(of: ifindex)
    if let first = linked.first, first != program {
      let name = (try? BPFProgram.open(id: first)?.info().name) ?? nil
      return "the program \(name.map { "\"\($0)\" (id \(first))" } ?? "\(first)")"
    }
    if !linked.isEmpty { return nil }
    let priorities = try? TrafficFilters.priorities(of: ifindex, egress: direction == .out)
    return priorities?.first { $0 < Self.priority }.map { "a filter of tc with priority \($0)" }
  }
}

extension Direction {
  var hook: TrafficDirection { self == .in ? .ingress : .egress }
}

extension PinRoot {
  /// The link of a program behind tc.
  func link(_ ifindex: UInt32, _ direction: Direction) -> String {
    "\(links)/\(ifindex)\(Self.suffix(direction))"
  }

  static func suffix(_ direction: Direction) -> String { "-\(direction.rawValue)" }

  /// The numbers of the programs of a name that are pinned in any generation.
  func programs(_ name: String) -> Set<UInt32> {
    let generations = ((try? FileSystem.listUnlinked(path)) ?? [])
      .filter { Generations.number(of: $0) != nil }
    return Set(
      generations.compactMap { try? BPFProgram(pinnedAt: "\(path)/\($0)/\(name)").info().id })
  }
}
