internal import CAegis

extension LockOutGuard {
  /// Checks that an operator's program lets guarded flows pass, before it is put in place. It is asked only about packets
  /// that the policy would give to it: what a protected key lets in is never among them.
  ///
  /// - Parameters:
  ///   - isClosed: Whether packets are dropped where no program can be asked: on interfaces attached by tc.
  ///   - plan: What is changed in main with it.
  ///   - profiles: What is changed in other profiles after that.
  /// - Throws: As ``check(_:attaching:geo:)``.
  public func check(
    _ trial: HookTrial, isClosed: Bool, with plan: Plan = .none,
    profiles: [Profile: Plan] = [:]
  ) throws(AegisError) -> [String] {
    let list = GuardedFlows(session: session, asked: asked, steps: plan.steps)
    let sources = Set(list.flows.map(\.source))
    let main = plan.steps.narrowed(to: sources)
    let paths = IngressPaths(try attached())
    let unasked = Set(try Interfaces(datapath).unaskedByHook.map(\.ifindex))
    var cut: [LockOut] = []
    for view in try datapath.profileViews {
      let own = profiles[view.profile]?.steps.narrowed(to: sources) ?? []
      let policy =
        try view.profile.isMain
        ? ProspectivePolicy(view, main) : ProspectivePolicy(view, own, after: main)
      try policy.giveToHook()
      for var flow in list.flows where !flow.isFrames {
        if cut.contains(where: { $0.flow == flow }) { continue }
        flow.arrivals = paths.arrivals(of: flow)
        let passes = try policy.passes(
          flow, isClosed ? unasked : []
        ) { frame throws(AegisError) in try trial.run(frame).passes }
        if !passes { cut.append(LockOut(flow: flow, cause: .hook)) }
      }
    }
    if !cut.isEmpty { throw .wouldLockOut(cut, by: plan) }
    return list.notes
  }
}

extension Interfaces {
  /// Where packets come in that no operator's program can be asked about.
  public var unaskedByHook: [Attachment] {
    get throws(AegisError) {
      try attachments().filter { $0.isAttached && $0.direction == .in && $0.mode == .tc }
    }
  }
}

/// The operator's program that is in place.
struct HookInPlace {
  private let trial: HookTrial?
  private let isClosed: Bool
  private let unasked: Set<UInt32>

  /// - Parameter joining: The indexes of interfaces that get tc.
  init(_ datapath: Datapath, joiningByTC joining: Set<UInt32>) throws(AegisError) {
    trial = try HookTrial(ofThatInPlaceOn: datapath)
    isClosed = try Settings.read(datapath).stages & aegis_stage.hookClosed != 0
    unasked = joining.union(try Interfaces(datapath).unaskedByHook.map(\.ifindex))
  }

  /// Whether it lets the packets of a flow pass that a policy gives to it.
  func passes(
    _ flow: GuardedFlow, under policy: ProspectivePolicy
  ) throws(AegisError) -> Bool {
    try policy.passes(flow, isClosed ? unasked : []) { frame throws(AegisError) in
      try trial?.run(frame).passes ?? !isClosed
    }
  }
}

extension ProspectivePolicy {
  fileprivate func giveToHook() throws(AegisError) {
    var config = try host.config()
    config.set(aegis_stage.hook, true)
    try host.put(config)
  }

  /// Whether packets of a flow that are for the operator's program pass it; what else becomes of them does not matter.
  ///
  /// - Parameters:
  ///   - unasked: Interfaces where it is not asked, so that they are dropped.
  ///   - program: Whether it lets a frame pass.
  fileprivate func passes(
    _ flow: GuardedFlow, _ unasked: Set<UInt32>,
    program: ([UInt8]) throws(AegisError) -> Bool
  ) throws(AegisError) -> Bool {
    let frames = flow.packets(
      from: flow.source, isJudgedByRules: true, replyPorts: try host.config().replyPorts)
    for ifindex in flow.arrivals.isEmpty ? [0] : flow.arrivals {
      for (frame, socket) in frames {
        let judgement = try host.judge(
          frame, on: ifindex, at: .now, charges: false, socket: socket)
        guard judgement.trace.reason == AEGIS_PASS_HOOK.rawValue else { continue }
        if unasked.contains(ifindex) { return false }
        if try !program(frame) { return false }
      }
    }
    return true
  }
}
