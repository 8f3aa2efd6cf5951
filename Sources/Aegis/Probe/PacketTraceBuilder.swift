internal import CAegis
internal import Linux

extension Datapath {
  /// Explains a judgement with the policy's entries and rules that it refers to.
  public func trace(of judgement: Judgement) throws(AegisError) -> PacketTrace {
    let view = self[profile: try judgement.profile(of: self)]
    return try PacketTraceBuilder(judgement, LoadedFacts(datapath: view), Settings.read(view))
      .trace()
  }
}

/// Puts the stages in order. Entries that were changed since the judgement are shown without details.
struct PacketTraceBuilder {
  private let judgement: Judgement
  private let facts: any PolicyFacts
  private let config: aegis_config
  /// The reason that decides, or would decide without monitor mode.
  private let decisive: UInt32

  init(_ judgement: Judgement, _ facts: any PolicyFacts, _ config: aegis_config) {
    self.judgement = judgement
    self.facts = facts
    self.config = config
    let probe = judgement.trace
    decisive = probe.reason == AEGIS_PASS_MONITORED.rawValue ? probe.would_drop : probe.reason
  }

  func trace() throws(AegisError) -> PacketTrace {
    var steps = decisive == AEGIS_PASS_TRUSTED.rawValue ? [] : try policySteps()
    if judgement.isSentAcross {
      steps.append(step(.wire, .leaves))
    } else if [AEGIS_DROP_TOO_BIG, AEGIS_DROP_WIRE_DOWN].map(\.rawValue).contains(decisive) {
      steps.append(step(.wire, .drops))
    }
    return PacketTrace(
      judgement: judgement, steps: steps,
      deniesByDefault: config.stages & aegis_stage.deny != 0)
  }

  private func policySteps() throws(AegisError) -> [PacketTrace.Step] {
    var steps = [step(.parse, parseResult)]
    if let remaining = Deadline.remaining(config) {
      let isOver = decisive == AEGIS_PASS_UNCONFIRMED.rawValue
      steps.append(
        PacketTrace.Step(stage: .deadline, result: isOver ? .passes : .goesOn, remaining: remaining)
      )
    }
    if steps.allSatisfy({ $0.result == .goesOn }) { steps += try entrySteps() }
    if judgement.trace.reason == AEGIS_PASS_MONITORED.rawValue {
      steps.append(step(.mode, .passes))
    }
    return steps
  }

  private func step(_ stage: PacketTrace.Stage, _ result: PacketTrace.Result) -> PacketTrace.Step {
    PacketTrace.Step(stage: stage, result: result)
  }

  private var parseResult: PacketTrace.Result {
    switch aegis_reason(decisive) {
    case AEGIS_PASS_ARP, AEGIS_PASS_LINK_CONTROL, AEGIS_PASS_NOT_IP, AEGIS_PASS_UNCONFIGURED:
      .passes
    case AEGIS_DROP_MALFORMED, AEGIS_DROP_EXTENSION_HEADERS, AEGIS_DROP_NOT_IP,
      AEGIS_DROP_VLAN_TAGS:
      .drops
    default: .goesOn
    }
  }

  private func reached(_ stage: aegis_trace_stage) -> Bool {
    judgement.trace.reached & stage.rawValue != 0
  }

  private func entrySteps() throws(AegisError) -> [PacketTrace.Step] {
    let probe = judgement.trace
    var steps = [
      try keyStep(
        .protectedKeys, judgement.key(probe.protect), isEmpty: config.protect_shapes == 0,
        protected: true)
    ]
    if reached(AEGIS_TRACED_DROP) {
      steps += try dropSteps()
      if steps.last?.result == .drops { return steps }
    }
    if decisive == AEGIS_PASS_NEIGHBOUR.rawValue { steps.append(step(.neighbours, .passes)) }
    if reached(AEGIS_TRACED_RELAY) {
      let isRelayed = decisive == AEGIS_PASS_RELAY.rawValue
      steps.append(step(.relay, isRelayed ? .passes : .goesOn))
    }
    if reached(AEGIS_TRACED_RULES) { steps += try ruleSteps() }
    if steps.last?.result == .drops { return steps }
    if reached(AEGIS_TRACED_KEY) || reached(AEGIS_TRACED_DEFAULT) {
      let isEmpty = config.key_shapes == 0 && config.port_keys == 0
      let key = try judgement.key { () throws(AegisError) in try facts.portKeys() }
      steps.append(try keyStep(.keys, key, isEmpty: isEmpty, protected: false))
    }
    if reached(AEGIS_TRACED_DEFAULT) {
      let drops = [AEGIS_DROP_DEFAULT, AEGIS_DROP_FRAGMENT].map(\.rawValue).contains(decisive)
      let isReply = reached(AEGIS_TRACED_REPLY)
      steps.append(
        step(.defaultAction, drops ? .drops : isReply ? .goesOn : lastResult))
      if isReply { steps.append(step(.reply, lastResult)) }
    }
    if reached(AEGIS_TRACED_RATE) { steps.append(try rateStep()) }
    if asksHook {
      let drops = Reason(rawValue: decisive).verdict == .drop
      steps.append(step(.hook, drops ? .drops : .passes))
    }
    return steps
  }

  /// Whether the packet is for the operator's program, which is not run here.
  private var asksHook: Bool {
    [AEGIS_PASS_HOOK, AEGIS_DROP_HOOK, AEGIS_PASS_HOOK_MISSING, AEGIS_DROP_HOOK_MISSING]
      .map(\.rawValue).contains(decisive)
  }

  /// The result of the stage that lets a packet in: it depends on whether the limiter or the hook still judges the
  /// packet.
  private var lastResult: PacketTrace.Result {
    reached(AEGIS_TRACED_RATE) || asksHook ? .goesOn : .passes
  }

  /// The entry that would drop the packet if it did not monitor, and the one that drops it.
  private func dropSteps() throws(AegisError) -> [PacketTrace.Step] {
    var steps: [PacketTrace.Step] = []
    var holders = try judgement.source.map(facts.holders) ?? []
    for found in [judgement.trace.drop_monitored, judgement.trace.drop].compactMap(Found.init) {
      guard let prefix = judgement.source.flatMap(found.drop) else { continue }
      var step = step(.drops, found.decides ? .drops : .wouldDrop)
      let entry = try facts.matched(prefix, list: found.list)
      holders.removeAll { $0.prefix == prefix && $0.list == entry.list }
      step.entry = entry
      steps.append(step)
    }
    if steps.isEmpty {
      let store = judgement.trace.family == AEGIS_FAMILY_V4.rawValue ? 0 : 1
      steps = [step(.drops, DropList.isAnnounced(store, in: config) ? .goesOn : .empty)]
    }
    steps[steps.count - 1].holders = holders
    return steps
  }

  /// The rules that only count the packet, and the one that holds for it.
  private func ruleSteps() throws(AegisError) -> [PacketTrace.Step] {
    let trace = judgement.trace
    let rules = try facts.rules()
    var steps: [PacketTrace.Step] = []
    for (number, rule) in rules where trace.hasMatched(number) {
      var step = step(.rules, rule.action == .drop ? .wouldDrop : .goesOn)
      step.rule = MatchedRule(rule)
      steps.append(step)
    }
    guard trace.rule != 0 else { return steps.isEmpty ? [step(.rules, .goesOn)] : steps }
    let rule = rules.first { UInt32($0.number) + 1 == trace.rule }?.rule
    let action = aegis_rule_action(trace.rule_action)
    let result: PacketTrace.Result =
      switch action {
      case AEGIS_RULE_DROP: .drops
      case AEGIS_RULE_ALLOW: lastResult
      default: .goesOn
      }
    var step = step(.rules, result)
    step.rule = rule.map(MatchedRule.init) ?? MatchedRule(goneWith: action)
    return steps + [step]
  }

  private func keyStep(
    _ stage: PacketTrace.Stage, _ key: AllowKey?, isEmpty: Bool, protected: Bool
  ) throws(AegisError) -> PacketTrace.Step {
    guard let key else { return step(stage, isEmpty ? .empty : .goesOn) }
    var step = step(stage, protected ? .passes : lastResult)
    step.entry = try facts.matched(key, protected: protected)
    return step
  }

  private func rateStep() throws(AegisError) -> PacketTrace.Step {
    let rate = RateJudgement(judgement.trace, names: try facts.rateNames())
    let isOver = decisive == AEGIS_DROP_RATE.rawValue
    let wouldDrop = !isOver && rate.buckets.contains(where: \.isOver)
    let passes: PacketTrace.Result = asksHook ? .goesOn : .passes
    var step = step(.rate, isOver ? .drops : wouldDrop ? .wouldDrop : passes)
    step.rate = rate
    return step
  }
}

extension aegis_trace {
  /// Whether a rule that only counts matched.
  fileprivate func hasMatched(_ number: UInt16) -> Bool {
    withUnsafeBytes(of: rules_matched) { bytes in
      let words = bytes.bindMemory(to: UInt64.self)
      let place = Int(number) / UInt64.bitWidth
      return place < words.count && words[place] >> UInt64(number % 64) & 1 == 1
    }
  }
}

extension MatchedRule {
  fileprivate init(_ rule: Rule) {
    let now = Clock.boottime()
    self.init(
      rule: rule, action: rule.action.word,
      remaining: rule.expires.map { .nanoseconds(Int64(clamping: $0 - min($0, now))) },
      isMonitored: rule.isMonitored)
  }

  fileprivate init(goneWith action: aegis_rule_action) {
    let word =
      switch action {
      case AEGIS_RULE_DROP: "drop"
      case AEGIS_RULE_ALLOW: "allow"
      case AEGIS_RULE_HOOK: "hook"
      default: "limit"
      }
    self.init(rule: nil, action: word, remaining: nil, isMonitored: false)
  }
}
