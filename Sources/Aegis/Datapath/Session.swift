internal import CAegis
internal import Glibc
internal import Linux

/// The right to change what is pinned at a root. One process at a time holds it.
///
/// It ends with this value, and with the process, however the process ends.
public struct Session: ~Copyable {
  public let root: PinRoot
  /// Whether to only report what would change.
  public let isDryRun: Bool
  private let lock: FileDescriptor?

  /// - Throws: `timedOut` if another process holds it for longer than `timeout`.
  public init(at root: PinRoot, timeout: Duration, dryRun: Bool = false) throws(AegisError) {
    if try root.exists, let error = Datapath.notMounted(root) { throw error }
    do {
      lock = try dryRun ? nil : FileSystem.lock(root.path, timeout: timeout)
    } catch {
      switch error.errno {
      case EWOULDBLOCK:
        throw AegisError(
          .timedOut,
          "another aegisctl has held the lock of \(root) for \(DurationText.format(timeout))",
          hint: "wait longer: --timeout 1m")
      default: throw Datapath.diagnosis(error, at: root)
      }
    }
    self.root = root
    isDryRun = dryRun
  }

  /// Makes the root first, for `load`.
  public static func create(
    at root: PinRoot, timeout: Duration, dryRun: Bool
  ) throws(AegisError) -> Session {
    guard Privilege.isSufficient else {
      throw .notPermitted("cannot load at \(root): not permitted")
    }
    if let error = Datapath.notMounted(root) { throw error }
    if dryRun { return try Session(at: root, timeout: timeout, dryRun: true) }
    try root.checkPath()
    let isNew = try kernel { () throws(SystemError) in try FileSystem.makeDirectory(root.path) }
    do {
      return try Session(at: root, timeout: timeout)
    } catch {
      // Only removes the root if nobody else put anything into it.
      if isNew { _ = try? FileSystem.remove(root.path) }
      throw error
    }
  }

  /// Opens the datapath for changes, after it finishes what an interrupted call left, removes expired entries, and goes
  /// back to the previous policy if the current one was not confirmed in time.
  ///
  /// - Parameter direction: The one whose policy is to be changed, whose expired entries are removed.
  public func datapath(_ direction: Direction = .in) throws(AegisError) -> Datapath {
    let datapath = try Datapath(toChangeAt: root)
    if isDryRun { return datapath[direction] }
    try Generations(root).finishReplacement(by: datapath)
    let held = datapath.keepingMapsOpen()
    for tables in held.innerTables { try tables.clearUnused() }
    try RuleTable(held[.in]).settleChoice()
    try Sweeper.sweepIfDue(held[direction])
    try restoreIfDue(held)
    return held[direction]
  }

  /// Whether a policy that nobody confirmed in time must be replaced by the one before it.
  func isRestoreDue(_ datapath: Datapath) throws(AegisError) -> Bool {
    guard let left = try Deadline(datapath).remaining(), left <= .zero else { return false }
    return try SavedPolicy(at: root).plan(from: datapath) != nil
  }

  func restoreIfDue(_ datapath: Datapath) throws(AegisError) {
    let saved = SavedPolicy(at: root)
    guard let left = try Deadline(datapath).remaining() else {
      // A saved policy without a deadline, or past one, was left by an interrupted call.
      return try saved.forget(in: self)
    }
    guard left <= .zero, let plan = try saved.plan(from: datapath) else { return }
    do {
      try saved.restore(plan, to: datapath, in: self)
      Notice.give("the policy was not confirmed in time: the previous policy was restored")
    } catch {
      // Everything passes until the policy is restored, so calls that make room for it must not be refused.
      guard error.kind == .failed else { throw error }
      Notice.give(
        "the policy was not confirmed in time, and the previous policy cannot be restored: \(error.message)"
      )
    }
  }

  /// Does the same for any layout that `load --replace` can take over.
  func datapathToReplace() throws(AegisError) -> Datapath {
    let datapath = try Datapath(toReplaceAt: root)
    return try datapath.origin.isCurrent ? self.datapath() : datapath
  }
}
