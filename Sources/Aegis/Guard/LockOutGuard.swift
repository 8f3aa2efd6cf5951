internal import Linux

/// Refuses a change that would cut off the user who makes it, or hosts that this host depends on.
public struct LockOutGuard: Sendable {
  private(set) var datapath: Datapath
  /// The profiles that interfaces get, by their indexes.
  private var profiles: [UInt32: UInt32] = [:]
  /// The indexes of interfaces that get tc, where an operator's program cannot be asked.
  private var unasked: Set<UInt32> = []
  /// By which packets are judged now; nil if that is the same profile.
  private var former: Datapath?
  let session: RemoteSession?
  let asked: [AllowKey]

  /// - Parameters:
  ///   - sshConnection: `SSH_CONNECTION` of the environment.
  ///   - asked: Further flows to guard; a host without port and protocol is taken for an SSH client.
  public init(_ datapath: Datapath, sshConnection: String?, asked: [AllowKey] = []) {
    self.datapath = datapath
    session = sshConnection.flatMap { RemoteSession(sshConnection: $0) }
    self.asked = asked
  }

  /// Checks a plan before it is carried out. It does not refuse a plan for a flow that the plan does not make worse.
  ///
  /// - Parameters:
  ///   - attaching: Interfaces that are about to be attached: for them, the whole policy is new. The host itself will
  ///     not use those that become ports of wires.
  ///   - geo: The table of countries that comes into force, which gives addresses other classes; nil if it stays.
  /// - Returns: What could not be read and was therefore not guarded, one sentence each.
  /// - Throws: `wouldLockOut` with the flows that would be cut off, and a hint with the keys that would prevent it.
  public func check(
    _ plan: Plan, attaching: [HostPlan.Attaching] = [], geo: GeoTable?? = nil
  ) throws(AegisError) -> [String] {
    var other = self
    for one in attaching where [.tc, .auto].contains(one.mode) {
      let indexes = one.names.compactMap { Interface.index(of: $0) }
      var isAsked: [UInt32] = []
      for index in indexes where one.mode == .auto {
        let link = try kernel { () throws(SystemError) in try LinkInfo.of(index) }
        if let link, Interfaces.hasEthernetHeader(link) { isAsked.append(index) }
      }
      other.unasked.formUnion(Set(indexes).subtracting(isAsked))
    }
    guard profiles.isEmpty, attaching.contains(where: { $0.profile != nil }) else {
      return try other.checkAll(plan, attaching: attaching, geo: geo)
    }
    let numbers = try ProfileTable(datapath).numbers()
    for one in attaching {
      guard let number = one.profile.flatMap({ numbers[$0] }) else { continue }
      for index in one.names.compactMap({ Interface.index(of: $0) }) {
        other.profiles[index] = number
      }
    }
    return try other.checkAll(plan, attaching: attaching, geo: geo)
  }

  private func checkAll(
    _ plan: Plan, attaching: [HostPlan.Attaching], geo: GeoTable??
  ) throws(AegisError) -> [String] {
    func names(_ direction: Direction) -> [String] {
      attaching.filter { $0.directions.contains(direction) }.flatMap(\.names)
    }
    let ports = attaching.filter { $0.wire != nil }.flatMap(\.names)
    var notes = try check(plan, joining: names(datapath.direction), ports: ports, geo: geo)
    let profiles = try datapath.profile.isMain ? ProfileTable(datapath).all().dropFirst() : []
    var parts = [(datapath, plan)]
    if datapath.direction == .in { parts.append((datapath[.out], Self.partOut(of: plan))) }
    for (side, part) in parts {
      var other = self
      other.datapath = side
      let joining = names(side.direction)
      if side.direction != datapath.direction {
        notes += try other.check(part, joining: joining, ports: [], geo: geo)
      }
      // What main has holds in every profile, and any of them may come into force.
      for profile in profiles {
        other.datapath = side[profile: profile]
        notes += try other.check(.none, after: part, joining: joining, ports: [], geo: geo)
      }
    }
    return notes
  }

  /// Checks the plan of a profile as if it were in force, after what else is changed in main.
  ///
  /// - Throws: As ``check(_:attaching:geo:)``.
  public func check(_ plan: Plan, after main: Plan) throws(AegisError) -> [String] {
    try eachDirection { side, other throws(AegisError) in
      let (own, first) =
        side == .in ? (plan, main) : (Self.partOut(of: plan), Self.partOut(of: main))
      return try other.check(own, after: first, joining: [], ports: [], geo: nil)
    }
  }

  /// Checks that a profile can come into force in place of the one that is.
  ///
  /// - Throws: As ``check(_:attaching:geo:)``.
  public func check(switchingTo profile: Profile) throws(AegisError) -> [String] {
    let now = try ProfileTable(datapath).inForce().profile
    if now == profile { return [] }
    return try eachDirection { _, other throws(AegisError) in
      var other = other
      other.former = other.datapath[profile: now]
      other.datapath = other.datapath[profile: profile]
      return try other.judge(.none, geo: nil)
    }
  }

  private func eachDirection(
    _ body: (Direction, LockOutGuard) throws(AegisError) -> [String]
  ) throws(AegisError) -> [String] {
    var notes: [String] = []
    for direction in Direction.allCases {
      var other = self
      other.datapath = datapath[direction]
      notes += try body(direction, other)
    }
    return notes
  }

  /// What a plan changes for packets that leave.
  static func partOut(of plan: Plan) -> Plan {
    let shared = plan.steps.filter { step in
      switch step {
      case .mode, .deadline, .nameClasses, .classes, .lists: true
      default: false
      }
    }
    let out = plan.out ?? .none
    return out.with(shared + out.steps)
  }

  private func check(
    _ plan: Plan, after main: Plan = .none, joining names: [String], ports: [String],
    geo: GeoTable??
  ) throws(AegisError) -> [String] {
    let taken = try taken(by: ports, plan)
    if !taken.isEmpty { throw .wouldLockOut(taken, by: plan) }
    if names.isEmpty { return try judge(plan, after: main, geo: geo) }
    let present = try attached()
    let joining = Set(names.compactMap { Interface.index(of: $0) })
      .filter { !present.contains($0) || profiles[$0] != nil }
      .filter { !Interfaces.isUnreadable($0, mode: .tc) }
    return try judge(plan, after: main, joining: joining, geo: geo)
  }

  /// The flows that a plan would cut off, so that the entries that affect them can be left out of it.
  public func endangered(by plan: Plan) throws(AegisError) -> ThreatenedFlows {
    ThreatenedFlows(flows: try cutOff(by: plan).cut.map(\.flow))
  }

  /// Predicts whether attaching would be refused after a plan that is carried out while nothing is attached.
  ///
  /// - Returns: The refusal; nil if there is none, or something is attached.
  public func foresee(_ plan: Plan) throws(AegisError) -> AegisError? {
    if try !attached().isEmpty { return nil }
    let links = try kernel { () throws(SystemError) in try LinkInfo.all() }
    let joining = links.filter { $0.isUp && Interfaces.hasEthernetHeader($0) }.map(\.index)
    do {
      _ = try judge(plan, joining: Set(joining))
      return nil
    } catch {
      if error.kind == .wouldLockOut { return error }
      throw error
    }
  }

  /// The flows of this host itself by interfaces that become ports of wires.
  private func taken(by ports: [String], _ plan: Plan) throws(AegisError) -> [LockOut] {
    if ports.isEmpty { return [] }
    let joined = try Interfaces(datapath).attachments().filter { $0.wire != nil }.map(\.ifindex)
    let indexes = Set(ports.compactMap { Interface.index(of: $0) }).subtracting(joined)
    if indexes.isEmpty { return [] }
    let addresses = try kernel { () throws(SystemError) in try InterfaceAddress.all() }
      .filter { indexes.contains($0.ifindex) }.compactMap { IPAddress(networkOrder: $0.address) }
    let paths = IngressPaths(indexes)
    return GuardedFlows(session: session, asked: asked, steps: []).flows
      .filter { $0.local.map(addresses.contains) ?? false || paths.carry($0) }
      .map { LockOut(flow: $0, cause: .wire) }
  }

  func attached() throws(AegisError) -> Set<UInt32> {
    Set(
      try Interfaces(datapath).attachments()
        .filter { $0.isAttached && !$0.isElsewhere && $0.direction == datapath.direction }.map(
          \.ifindex))
  }

  private func judge(
    _ plan: Plan, after main: Plan = .none, joining: Set<UInt32> = [], geo: GeoTable?? = nil
  ) throws(AegisError) -> [String] {
    let (cut, notes) = try cutOff(by: plan, after: main, joining: joining, geo: geo)
    if !cut.isEmpty {
      throw .wouldLockOut(
        cut, by: plan.isDeclared || !plan.isEmpty ? plan : main, in: datapath.profile)
    }
    return notes
  }

  /// - Parameter geo: The table of countries that comes into force; nil if it stays.
  private func cutOff(
    by plan: Plan, after main: Plan = .none, joining: Set<UInt32> = [], geo: GeoTable?? = nil
  ) throws(AegisError) -> (cut: [LockOut], notes: [String]) {
    let isNew = !joining.isEmpty || geo != nil || former != nil
    if !isNew {
      guard (main.steps + plan.steps).mayCutOff, try Interfaces(datapath).mayBeAttached else {
        return ([], [])
      }
    }
    let list = GuardedFlows(
      session: session, asked: asked, steps: main.steps + plan.steps,
      direction: datapath.direction)
    let sources = Set(list.flows.map(\.source))
    let (first, steps) = (main.steps.narrowed(to: sources), plan.steps.narrowed(to: sources))
    // Most changes affect no flow; then no map is opened.
    let concerned = list.flows.filter { isNew || (first + steps).concern($0) }
    if concerned.isEmpty { return ([], list.notes) }
    let present = try attached()
    if present.isEmpty, joining.isEmpty { return ([], []) }
    let (seen, willSee) = (IngressPaths(present), IngressPaths(present.union(joining)))
    let after = try ProspectivePolicy(
      datapath, steps, after: first, joining: joining, profiles: profiles)
    if let geo { try after.host.lay(geo) }
    var before: ProspectivePolicy?
    var hook: HookInPlace?
    var cut: [LockOut] = []
    for var flow in concerned {
      if try after.namesInterfaces { flow.arrivals = willSee.arrivals(of: flow) }
      guard let cause = try after.cause(cutting: flow), willSee.see(flow) else { continue }
      if cause.isHook {
        if hook == nil { hook = try HookInPlace(datapath[.in], joiningByTC: unasked) }
        var arriving = flow
        arriving.arrivals = willSee.arrivals(of: flow)
        if try hook?.passes(arriving, under: after) == true { continue }
      }
      if before == nil { before = try ProspectivePolicy(former ?? datapath) }
      flow.arrivals = flow.arrivals.filter(present.contains)
      let causeNow = seen.see(flow) ? try before?.cause(cutting: flow) : nil
      // The program was tried on what it is asked about now.
      let isCutNow = causeNow.map { !$0.isHook || cause.isHook } ?? false
      if !isCutNow { cut.append(LockOut(flow: flow, cause: cause)) }
    }
    return (cut, list.notes)
  }
}
