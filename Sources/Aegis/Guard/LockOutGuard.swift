internal import Linux

/// Refuses a change that would cut off whoever makes it, and what this host cannot do without.
public struct LockOutGuard: Sendable {
  private let datapath: Datapath
  private let session: RemoteSession?
  private let asked: [AllowKey]

  /// - Parameters:
  ///   - sshConnection: `SSH_CONNECTION` of the environment.
  ///   - asked: More to watch; a host without port and protocol is taken for an SSH client.
  public init(_ datapath: Datapath, sshConnection: String?, asked: [AllowKey] = []) {
    self.datapath = datapath
    session = sshConnection.flatMap { RemoteSession(sshConnection: $0) }
    self.asked = asked
  }

  /// Judges a change before it is made. What it does not change for the worse it does not refuse.
  ///
  /// - Parameter names: Interfaces that the datapath is to be attached to: to them, the whole policy is new.
  /// - Returns: What could not be read and was therefore not watched, a sentence each.
  /// - Throws: `wouldLockOut` with whom it would cut off, and a hint with the keys that would keep them.
  public func check(
    _ change: PolicyChange, attaching names: [String] = []
  ) throws(AegisError) -> [String] {
    let present = try attached()
    let joining = Set(names.compactMap { Interface.index(of: $0) }).subtracting(present)
      .filter { !Interfaces.isUnreadable($0) }
    return try judge(change, present, joining: joining)
  }

  /// Whom a change would cut off, so that what names them can be left out of it.
  public func endangered(by change: PolicyChange) throws(AegisError) -> Endangered {
    let (cut, _) = try cutOff(by: change, attached(), joining: [])
    return Endangered(watched: cut.map(\.watched))
  }

  /// What attaching would be refused for after a change that is made while nothing is attached.
  ///
  /// - Returns: The refusal; nil if there is none, or something is attached.
  public func foresee(_ change: PolicyChange) throws(AegisError) -> AegisError? {
    if try !attached().isEmpty { return nil }
    let links = try kernel { () throws(SystemError) in try LinkInfo.all() }
    let joining = links.filter { $0.isUp && Interfaces.hasEthernetHeader($0) }.map(\.index)
    do {
      _ = try judge(change, [], joining: Set(joining))
      return nil
    } catch {
      if error.kind == .wouldLockOut { return error }
      throw error
    }
  }

  private func attached() throws(AegisError) -> Set<UInt32> {
    Set(
      try Interfaces(datapath).attachments().filter { $0.isAttached && !$0.isElsewhere }
        .map(\.ifindex))
  }

  private func judge(
    _ change: PolicyChange, _ present: Set<UInt32>, joining: Set<UInt32>
  ) throws(AegisError) -> [String] {
    let (cut, notes) = try cutOff(by: change, present, joining: joining)
    if !cut.isEmpty { throw .wouldLockOut(cut, by: change) }
    return notes
  }

  private func cutOff(
    by change: PolicyChange, _ present: Set<UInt32>, joining: Set<UInt32>
  ) throws(AegisError) -> (cut: [CutOff], notes: [String]) {
    if present.isEmpty, joining.isEmpty { return ([], []) }
    let list = WatchList(session: session, asked: asked, change: change)
    let narrow = change.narrowed(to: Set(list.watched.map(\.source)))
    // Most changes concern nobody: then no map is opened for them.
    var before: ProspectivePolicy?
    var after: ProspectivePolicy?
    let (seen, willSee) = (Ways(present), Ways(present.union(joining)))
    var cut: [CutOff] = []
    for watched in list.watched where !joining.isEmpty || narrow.concerns(watched) {
      if after == nil { after = try ProspectivePolicy(datapath, narrow) }
      guard let cause = try after?.cause(cutting: watched), willSee.see(watched) else { continue }
      if before == nil { before = try ProspectivePolicy(datapath) }
      let isCutNow = try before?.cause(cutting: watched) != nil && seen.see(watched)
      if !isCutNow { cut.append(CutOff(watched: watched, cause: cause)) }
    }
    return (cut, list.notes)
  }
}
