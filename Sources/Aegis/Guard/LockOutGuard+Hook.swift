internal import CAegis

extension LockOutGuard {
  /// Checks that an operator's program lets guarded flows pass, before it is put in place. It is asked only about packets
  /// that the policy would give to it: what a protected key lets in is never among them.
  ///
  /// - Throws: As ``check(_:attaching:geo:)``.
  public func check(_ trial: borrowing HookTrial) throws(AegisError) -> [String] {
    let list = GuardedFlows(session: session, asked: asked, steps: [])
    var cut: [LockOut] = []
    for view in try datapath.profileViews {
      let policy = try ProspectivePolicy(view)
      try policy.giveToHook()
      for flow in list.flows where !flow.isFrames && !cut.contains(where: { $0.flow == flow }) {
        if try !policy.passes(flow, trial) { cut.append(LockOut(flow: flow, cause: .hook)) }
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

  fileprivate func passes(
    _ flow: GuardedFlow, _ trial: borrowing HookTrial
  ) throws(AegisError) -> Bool {
    let frames = flow.packets(
      from: flow.source, isJudgedByRules: true, replyPorts: try host.config().replyPorts)
    for (frame, socket) in frames {
      let judgement = try host.judge(frame, at: .now, charges: false, socket: socket)
      guard judgement.trace.reason == AEGIS_PASS_HOOK.rawValue else { continue }
      if try !trial.run(frame).passes { return false }
    }
    return true
  }
}
