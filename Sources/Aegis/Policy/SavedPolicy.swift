internal import BPF
internal import CAegis
internal import Linux

/// The policy before a change that waits for confirmation, pinned beside the one in force: no process and no file needs
/// to survive for it to be restored.
///
/// ```
/// ROOT/saved/current/config …   copies of the maps that hold policy, as large as they need to be
/// ROOT/saved/drop/0v4 …         copies of the tables of the drop list
/// ROOT/saving                   the same while it is made
/// ```
public struct SavedPolicy: Sendable {
  private let root: PinRoot

  public init(at root: PinRoot) {
    self.root = root
  }

  private var saved: PinRoot { PinRoot(root.saved) }

  /// Whether there is a policy to go back to. A saved policy without a deadline is not needed.
  public func isPending(_ datapath: Datapath) throws(AegisError) -> Bool {
    if try !root.has(root.saved) { return false }
    return try Deadline(datapath).remaining() != nil
  }

  /// Saves the current policy. While a change waits for confirmation the saved policy stays: it was the last one
  /// confirmed.
  public func save(_ datapath: Datapath, in session: borrowing Session) throws(AegisError) {
    if session.isDryRun { return }
    if try isPending(datapath) { return }
    let directory = PinRoot(root.saving).current
    try kernel { () throws(SystemError) in
      try FileSystem.removeTree(root.saving)
      try FileSystem.makeDirectory(directory)
    }
    for builder in GenerationBuilder.both(from: datapath, into: directory) {
      try save(datapath[builder.direction], by: builder)
    }
    try kernel { () throws(SystemError) in
      try FileSystem.removeTree(root.saved)
      try FileSystem.rename(root.saving, to: root.saved)
    }
  }

  private func save(
    _ datapath: Datapath, by builder: GenerationBuilder
  ) throws(AegisError) {
    let sizes = Dictionary(
      uniqueKeysWithValues: zip(KeyList.maps, try KeyList(datapath).list.counts()))
    try kernel { () throws(SystemError) in
      try builder.makeMaps(Self.maps) { UInt32(max(1, sizes[$0] ?? 1)) }
    }
    try builder.copyPolicy()
  }

  static let maps = aegis_map.all.filter { $0.isDeclared || $0 == AEGIS_MAP_meta }

  /// How to get back to the saved policy; nil if there is none.
  public func plan(from datapath: Datapath) throws(AegisError) -> Plan? {
    if try !isPending(datapath) { return nil }
    // `load --replace` may have run in between.
    let before = try Policy(of: Datapath(toReplaceAt: saved))
    return try Plan(from: Policy(of: datapath), to: before, pruning: true).confirmed()
  }

  /// How to get back to the saved profiles, after that plan.
  public func profiles(from datapath: Datapath) throws(AegisError) -> SavedProfiles {
    try SavedProfiles(datapath, Datapath(toReplaceAt: saved))
  }

  /// Carries out that plan, and then does the same with the other profiles. If it is killed, it can be run again.
  public func restore(
    _ plan: Plan, to datapath: Datapath, in session: borrowing Session
  ) throws(AegisError) {
    let profiles = try profiles(from: datapath)
    if profiles.isEmpty {
      try PlanExecutor(datapath).run(plan, in: session)
    } else {
      // The deadline stays until all of it is restored.
      let isDeadline = { (step: Plan.Step) in if case .deadline = step { true } else { false } }
      try PlanExecutor(datapath).run(plan.with(plan.steps.filter { !isDeadline($0) }), in: session)
      try profiles.restore(to: datapath, in: session)
      try PlanExecutor(datapath).run(Plan(deadline: nil), in: session)
    }
    try forget(in: session)
  }

  /// Keeps the current policy.
  public func forget(in session: borrowing Session) throws(AegisError) {
    if session.isDryRun { return }
    try kernel { () throws(SystemError) in
      try FileSystem.removeTree(root.saved)
      try FileSystem.removeTree(root.saving)
    }
  }
}
