internal import CAegis

/// A policy with a plan applied to it, which is evaluated by the datapath's own code.
struct ProspectivePolicy {
  let host: HostDatapath
  private let facts: any PolicyFacts
  private let steps: [Plan.Step]
  /// The packets that each rate of the plan is for.
  private let names: [UInt32: String]

  /// The loaded policy, as it would be after the steps, which change the profile of the datapath.
  ///
  /// - Parameters:
  ///   - first: What is changed in main before that.
  ///   - joining: The indexes of interfaces that rules may name, and that are attached then.
  ///   - profiles: The numbers of the profiles that interfaces name then, by their indexes.
  init(
    _ datapath: Datapath, _ steps: [Plan.Step] = [], after first: [Plan.Step] = [],
    joining: Set<UInt32> = [], profiles: [UInt32: UInt32] = [:]
  ) throws(AegisError) {
    let host = try HostDatapath(over: datapath)
    let facts = LoadedFacts(datapath: datapath)
    var steps = steps
    if try host.seat(joining) {
      let rules = try facts.rules().map(\.rule)
      if rules.contains(where: \.namesInterfaces) { steps.insert(.rules(rules), at: 0) }
    }
    try host.assign(profiles)
    if !first.isEmpty {
      try host.turn(to: .main)
      _ = try host.lay(first)
      try host.turn(to: datapath.profile)
    }
    try self.init(host, facts, steps)
    try host.force()
  }

  /// - Parameter image: The image that the steps are applied to.
  init(_ image: PolicyImage, _ steps: [Plan.Step] = []) throws(AegisError) {
    try self.init(image.host, image, steps)
  }

  private init(
    _ host: HostDatapath, _ facts: any PolicyFacts, _ steps: [Plan.Step]
  ) throws(AegisError) {
    self.host = host
    self.facts = facts
    self.steps = steps
    names = try host.lay(steps)
  }

  /// Why packets would not come in, or too few of them; nil if enough would.
  func cause(cutting flow: GuardedFlow) throws(AegisError) -> LockOut.Cause? {
    if let origin = flow.origin, !flow.isFrames {
      return try UnknownPeers(flow, from: origin, under: self).cause()
    }
    return try cause(of: judge(flow, from: flow.source), for: flow)
  }

  /// Whether a protected key lets packets in, whatever other entries there are.
  func isExempt(_ flow: GuardedFlow) throws(AegisError) -> Bool {
    guard let origin = flow.origin else {
      return try judge(flow, from: flow.source).isProtected
    }
    return try UnknownPeers(flow, from: origin, under: self).areExempt()
  }

  func judge(
    _ flow: GuardedFlow, from source: IPAddress
  ) throws(AegisError) -> Judgement {
    var first: Judgement?
    let frames = flow.packets(
      from: source, isJudgedByRules: try has(aegis_stage.rules),
      replyPorts: try host.config().replyPorts)
    for ifindex in flow.arrivals.isEmpty ? [0] : flow.arrivals {
      for (frame, socket) in frames {
        let judgement = try host.judge(
          frame, on: ifindex, at: .now, charges: false, socket: socket)
        if judgement.reason.verdict == .drop { return judgement }
        first = first ?? judgement
      }
    }
    return first!
  }

  /// Whether rules, or profiles, tell interfaces apart.
  var namesInterfaces: Bool {
    get throws(AegisError) {
      if try has(aegis_stage.profiles) { return true }
      if try !has(aegis_stage.rules) { return false }
      let laid = steps.compactMap { step -> [Rule]? in
        if case .rules(let rules) = step { rules } else { nil }
      }.last
      if let laid { return laid.contains(where: \.namesInterfaces) }
      return try facts.rules().contains { $0.rule.namesInterfaces }
    }
  }

  func cause(
    of judgement: Judgement, for flow: GuardedFlow
  ) throws(AegisError) -> LockOut.Cause? {
    let trace = judgement.trace
    switch aegis_reason(trace.reason) {
    case AEGIS_DROP_HOST, AEGIS_DROP_PREFIX: return judgement.drop(trace.drop)
    case AEGIS_DROP_DEFAULT: return flow.needsKey ? .noKey : nil
    case AEGIS_DROP_NOT_IP: return .notIP
    case AEGIS_DROP_RULE:
      if !flow.needsKey { return nil }
      return try rule(of: trace).map { .rule($0) } ?? .noKey
    case AEGIS_PASS_UNCONFIRMED, AEGIS_PASS_MONITORED: return nil
    case AEGIS_DROP_RATE: return try rateCause(of: judgement, for: flow)
    default:
      // A key cannot let in a protocol that is never a packet's last header.
      if judgement.reason.verdict == .drop { return flow.needsKey ? .noKey : nil }
      let isHooked = trace.reason == AEGIS_PASS_HOOK.rawValue
      return try rateCause(of: judgement, for: flow) ?? (isHooked ? .hook : nil)
    }
  }

  /// The rule that decided.
  private func rule(of trace: aegis_trace) throws(AegisError) -> RuleName? {
    let number = UInt16(truncatingIfNeeded: trace.rule &- 1)
    if let laid = host.ruleNames() { return laid[number] }
    return try facts.rules().first { $0.number == number }?.rule.name
  }

  /// The first applicable rate that is too low.
  private func rateCause(
    of judgement: Judgement, for flow: GuardedFlow
  ) throws(AegisError) -> LockOut.Cause? {
    guard let floor = flow.floor, try !isMonitoring else { return nil }
    let low = judgement.rates.first { floor.isTooLow($0.rate) }
    guard let low else { return nil }
    if let key = try keyWithRate(of: judgement) { return .keyRate(key, low.rate) }
    let all = try facts.rateNames().merging(names) { $1 }
    let known = all[low.number]
    return .rate(low.rate, isTotal: low.isTotal, of: known ?? "(gone)")
  }

  /// The key that let the packet in, if it has its own rate.
  private func keyWithRate(of judgement: Judgement) throws(AegisError) -> AllowKey? {
    let trace = judgement.trace
    guard trace.source_rates.0 != 0, trace.rule == 0 else { return nil }
    return try judgement.key { () throws(AegisError) in try host.portKeyNames() }
  }

  private var isMonitoring: Bool {
    get throws(AegisError) { try has(aegis_stage.monitor) }
  }

  func has(_ stage: UInt32) throws(AegisError) -> Bool {
    try host.config().stages & stage != 0
  }

  var passesEverything: Bool {
    get throws(AegisError) {
      if let remaining = try Deadline.remaining(host.config()), remaining <= .zero { return true }
      return try isMonitoring
    }
  }

  /// All keys after the plan.
  func keys() throws(AegisError) -> [AllowKey] {
    steps.keys(after: try facts.keys())
  }
}

extension Judgement {
  var isProtected: Bool { trace.reason == AEGIS_PASS_PROTECTED.rawValue }

  fileprivate func drop(_ found: UInt64) -> LockOut.Cause? {
    guard let source else { return nil }
    return Found(found)?.drop(of: source).map { .drop($0) }
  }

  /// The protected key that let the packet in.
  var protectingKey: AllowKey? {
    isProtected ? key(trace.protect) : nil
  }

  /// The rates that judged the packet.
  fileprivate var rates: [(rate: Rate, isTotal: Bool, number: UInt32)] {
    withUnsafeBytes(of: trace.bucket) { bytes in
      bytes.bindMemory(to: aegis_trace_bucket.self).enumerated().compactMap { kind, bucket in
        let isBits = bucket.rate.flags & AEGIS_RATE_BITS.rawValue != 0
        let unit: Rate.Unit = kind & 1 == 0 ? .packets : isBits ? .bits : .bytes
        guard bucket.judged != 0, let rate = Rate(bucket.rate, unit) else { return nil }
        return (rate, kind & 2 != 0, bucket.rates)
      }
    }
  }
}
