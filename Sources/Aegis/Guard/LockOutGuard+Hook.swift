internal import CAegis

extension LockOutGuard {
  /// Checks that an operator's program lets guarded flows pass, before it is put in place. It is asked only about packets
  /// that the policy would give to it: what a protected key lets in is never among them.
  ///
  /// - Parameter isClosed: Whether packets are dropped where no program can be asked: on interfaces attached by tc.
  /// - Throws: As ``check(_:attaching:geo:)``.
  public func check(
    _ trial: borrowing HookTrial, isClosed: Bool
  ) throws(AegisError) -> [String] {
    let list = GuardedFlows(session: session, asked: asked, steps: [])
    let present = try attached()
    let paths = IngressPaths(present)
    let unasked = try Interfaces(datapath).attachments()
      .filter { $0.isAttached && $0.direction == .in && $0.mode == .tc }.map(\.ifindex)
    var cut: [LockOut] = []
    for view in try datapath.profileViews {
      let policy = try ProspectivePolicy(view)
      try policy.giveToHook()
      for var flow in list.flows where !flow.isFrames {
        if cut.contains(where: { $0.flow == flow }) { continue }
        flow.arrivals = paths.arrivals(of: flow)
        let isUnasked = isClosed && flow.arrivals.contains(where: unasked.contains)
        if try !policy.passes(flow, trial, isUnasked: isUnasked) { cut.append(LockOut(flow: flow, cause: .hook)) }
      }
    }
    if !cut.isEmpty { throw .wouldLockOut(cut, by: .none) }
    return list.notes
  }
}

extension ProspectivePolicy {
  fileprivate func giveToHook() throws(AegisError) {
    var config = try host.config()
    config.set(aegis_stage.hook, true)
    try host.put(config)
  }

  /// - Parameter isUnasked: Whether it comes in where the program is not asked, and is then dropped.
  fileprivate func passes(
    _ flow: GuardedFlow, _ trial: borrowing HookTrial, isUnasked: Bool
  ) throws(AegisError) -> Bool {
    let frames = flow.packets(
      from: flow.source, isJudgedByRules: true, replyPorts: try host.config().replyPorts)
    for ifindex in flow.arrivals.isEmpty ? [0] : flow.arrivals {
      for (frame, socket) in frames {
        let judgement = try host.judge(
          frame, on: ifindex, at: .now, charges: false, socket: socket)
        guard judgement.trace.reason == AEGIS_PASS_HOOK.rawValue else { continue }
        if isUnasked { return false }
        if try !trial.run(frame).passes { return false }
      }
    }
    return true
  }
}
