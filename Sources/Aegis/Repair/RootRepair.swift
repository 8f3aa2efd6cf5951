internal import BPF
internal import CAegis
internal import Linux

/// Restores the pins that identify a datapath, from the objects that the kernel and the other pins still hold.
struct RootRepair {
  let root: PinRoot

  init(_ root: PinRoot) {
    self.root = root
  }

  /// - Throws: `failed` if nothing holds the program any more; `otherLayout` if another version loaded it.
  func mend(
    _ damage: Damage, _ outcome: inout Repair.Outcome, isDryRun: Bool
  ) throws(AegisError) {
    if !damage.hasCurrent {
      outcome.items.append(RepairItem("current", .adopted, damage.finding))
    }
    if isDryRun {
      if damage.hasCurrent { outcome.items += try PinRepair.steps(root).map(\.item) }
      return
    }
    let pins = PinRepair(root)
    // Without the program there is nothing to restore.
    _ = try pins.program(using: [:])
    try checkIsOwn()
    if !damage.hasCurrent { try pointCurrent() }
    for step in try PinRepair.steps(root) {
      guard case .pin(let loss, let direction) = step.work else { continue }
      try PinRepair(root, direction).restore(loss)
      outcome.items.append(step.item)
    }
  }

  /// - Throws: `otherLayout` if another version loaded the datapath in force, as far as this can still be read.
  private func checkIsOwn() throws(AegisError) {
    let path = try AEGIS_MAP_meta.pin(in: root.generation(generationInForce()))
    let meta = try kernel { () throws(SystemError) in
      try FileSystem.exists(path) ? Migration.meta(pinnedAt: path) : nil
    }
    guard let meta, Layout.relation(of: meta) != .same else { return }
    throw Datapath.otherLayout(at: root, Origin(meta))
  }

  private func pointCurrent() throws(AegisError) {
    let generations = Generations(root)
    let number = try generationInForce()
    try kernel { () throws(SystemError) in
      _ = try FileSystem.makeDirectory(root.generation(number))
      if try FileSystem.readlink(root.current) == nil { try FileSystem.removeTree(root.current) }
    }
    try generations.point(root.current, to: number)
  }

  /// The generation whose program the links run, or else the one that is named, or else the one that is not kept for a
  /// rollback, or else a new one.
  private func generationInForce() throws(AegisError) -> Int {
    let names = try kernel { () throws(SystemError) in try FileSystem.list(root.path) }
    let numbers = names.compactMap(Generations.number)
    let running = try root.linkPins().compactMap {
      try? BPFLink(pinnedAt: root.links + "/" + $0).info().programID
    }
    let inForce = numbers.first { number in
      let pin = root.generation(number) + "/" + AEGIS_PROGRAM
      let id = try? BPFProgram(pinnedAt: pin).info().id
      return id.map(running.contains) ?? false
    }
    if let inForce { return inForce }
    if let named = try Generations(root).current { return named }
    let kept = try Generations(root).previous
    return numbers.last { $0 != kept } ?? (numbers.max() ?? 0) + 1
  }
}
