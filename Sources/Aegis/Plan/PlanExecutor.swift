internal import CAegis
internal import Linux

/// Carries plans out.
public struct PlanExecutor: Sendable {
  private let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// Carries out a plan, after checking that drops and keys have room and that rates can be kept. Nothing is undone if
  /// a step fails nevertheless: as after a kill, a new plan continues from there.
  ///
  /// - Throws: Before anything is changed, `failed` if drops or keys have no room, and `badInput` for a rate that the
  ///   limiter's clock cannot keep.
  public func run(_ plan: Plan, in session: borrowing Session) throws(AegisError) {
    let fitted = try fitted(plan, in: session)
    let out = try plan.out.map { out throws(AegisError) in
      try PlanExecutor(datapath[.out]).fitted(out, in: session)
    }
    if session.isDryRun { return }
    guard let out else { return try make(fitted, fitted.steps[...]) }
    let (first, last) = fitted.parts
    try make(fitted, first)
    try PlanExecutor(datapath[.out]).make(out, out.steps[...])
    try make(fitted, last)
  }

  /// The plan in an order in which all of it has room.
  private func fitted(_ plan: Plan, in session: borrowing Session) throws(AegisError) -> Plan {
    try checkRates(of: plan)
    try checkSets(of: plan)
    let isSuspended = try Deadline(datapath).remaining().map { $0 <= .zero } ?? false
    return try plan.with(
      PlanRoom(datapath).fitted(plan, isSuspended: isSuspended, mayExpire: !session.isDryRun))
  }

  private func make(_ plan: Plan, _ steps: ArraySlice<Plan.Step>) throws(AegisError) {
    do {
      let notes = try notes(of: plan)
      for step in steps { try make(step, notes, isFitted: plan.isFitted) }
      try settle(plan)
    } catch {
      if plan.hasKeys { _ = try? KeyRates.forgetStrays(datapath) }
      throw error
    }
  }

  /// - Parameter isFitted: Whether it is known that there is room for all drops.
  private func make(
    _ step: Plan.Step, _ notes: [Note: UInt32], isFitted: Bool
  ) throws(AegisError) {
    switch step {
    case .mode(let mode):
      try Settings.changeBoth(datapath) { $0.set(aegis_stage.monitor, mode == .monitor) }
    case .defaultAction(let action):
      try Settings.change(datapath) { $0.set(aegis_stage.deny, action == .deny) }
    case .replies(let pass):
      try Settings.change(datapath) { config in config.setReplies(pass, to: LocalPorts.now) }
    case .sourcePrefix(let lengths): try RateTable(datapath).setSourcePrefix(lengths)
    case .deadline(let time):
      try Settings.changeBoth(datapath) { config in
        config.set(aegis_stage.deadline, time != nil)
        config.deadline = time.map { Clock.boottime(after: $0) } ?? 0
      }
    case .nameClasses(let names): try ClassTable(datapath).make(names)
    case .classes(let changes): try ClassTable(datapath).make(changes)
    case .forgetClasses(let names): try ClassTable(datapath).remove(names)
    case .rates(let changes): try RateTable(datapath).make(changes)
    case .rules(let rules): try RuleTable(datapath).put(rules)
    case .lists(let changes):
      // What expired with its list must not come back with it.
      try sweepExpired(changes.compactMap(\.before))
      try ListTable(datapath).make(changes, notes: notes)
    case .forgetLists(let names):
      // What expired with its list would have none, and drop again.
      let lists = try ListTable(datapath).definitions()
      try sweepExpired(names.compactMap { lists[$0] })
      try ListTable(datapath).remove(names)
    case .putDrops(let drops, let list):
      try DropList(datapath, list).put(drops, notes: notes, isFitted: isFitted)
    case .removeDrops(let drops, let list): try DropList(datapath, list).remove(drops)
    case .putKeys(let keys): try KeyList(datapath).put(keys, notes: notes)
    case .removeKeys(let keys): try KeyList(datapath).remove(keys)
    }
  }

  /// Removes the entries of these lists that have expired, if there are any.
  private func sweepExpired(_ lists: [NamedList]) throws(AegisError) {
    let now = Clock.boottime()
    if !lists.contains(where: { $0.isExpired(at: now) }) { return }
    for side in datapath.directions {
      // What was added after its list had expired is not expected to end.
      try Settings.change(side) { $0.expect(now) }
      _ = try Sweeper.sweep(side)
    }
  }

  /// The numbers of all notes. Notes are stored before any entry refers to them.
  private func notes(of plan: Plan) throws(AegisError) -> [Note: UInt32] {
    let texts = plan.notes
    if texts.isEmpty { return [:] }
    let map = try Notes(datapath)
    var numbers: [Note: UInt32] = [:]
    for note in texts {
      let known = Set(numbers.values)
      numbers[note] = try map.number(of: note) { () throws(AegisError) in
        // No entry refers yet to the notes that were just stored.
        try PolicyLists.notesInUse(datapath).union(known)
      }
    }
    return numbers
  }

  private func checkRates(of plan: Plan) throws(AegisError) {
    for step in plan.steps {
      switch step {
      case .rates(let changes): for change in changes { _ = try RateTable.rule(change) }
      case .putKeys(let keys): for key in keys { _ = try key.after?.rate?.limit() }
      case .rules(let rules):
        for rule in rules {
          if case .limit(let rate?, _) = rule.action { _ = try rate.limit() }
        }
      default: break
      }
    }
  }

  /// Checks that rules, keys of several ports and groups of ports can be compiled, as they are after each step.
  private func checkSets(of plan: Plan) throws(AegisError) {
    let rates = plan.steps.flatMap { step -> [Plan.RateDifference] in
      if case .rates(let changes) = step { changes } else { [] }
    }
    let keys = plan.steps.compactMap { step -> [Plan.Difference<Policy.Key>]? in
      switch step {
      case .putKeys(let keys), .removeKeys(let keys):
        keys.filter(\.element.key.hasSeveralPorts)
      default: nil
      }
    }
    for case .rules(let rules) in plan.steps {
      try RuleCompiler.check(
        rules.map { RuleSource.Row(rule: $0, number: 0, rate: 0) }, datapath.direction)
    }
    try PortKeyTable(datapath).check(keys.filter { !$0.isEmpty })
    if rates.contains(where: \.isOfGroup) { try PortGroups.check(rates, of: datapath) }
  }

  /// Makes the datapath look only for what exists. After a plan for the whole policy, also removes what an interrupted
  /// call left.
  private func settle(_ plan: Plan) throws(AegisError) {
    if plan.isWhole {
      try RateTable(datapath).settle()
      try ClassTable(datapath).settle()
      try ListTable(datapath).settle()
    } else {
      try RateTable(datapath).settleGroups()
    }
    let (drops, keys) = (plan.isWhole || plan.removesDrops, plan.isWhole || plan.removesKeys)
    if drops || keys {
      try Settings.change(datapath) { config throws(AegisError) in
        if drops { try DropList(datapath).recount(&config) }
        if keys { try KeyList(datapath).recount(&config) }
      }
    }
    if keys { try KeyRates.forgetStrays(datapath) }
  }
}

extension Plan {
  /// The notes of all entries that are added or changed.
  fileprivate var notes: Set<Note> {
    var notes: Set<Note> = []
    var last = Policy.Conditions()
    func take(_ conditions: Policy.Conditions?) {
      guard let conditions, !conditions.isShared(with: last) else { return }
      last = conditions
      if let note = conditions.note { notes.insert(note) }
    }
    for step in steps {
      switch step {
      case .lists(let changes): notes.formUnion(changes.compactMap { $0.after?.note })
      case .putDrops(let drops, _): for drop in drops { take(drop.after) }
      case .putKeys(let keys): for key in keys { take(key.after) }
      default: break
      }
    }
    return notes
  }

  fileprivate var removesDrops: Bool {
    steps.contains { if case .removeDrops = $0 { true } else { false } }
  }

  fileprivate var removesKeys: Bool {
    steps.contains { if case .removeKeys = $0 { true } else { false } }
  }

  fileprivate var hasKeys: Bool {
    removesKeys || steps.contains { if case .putKeys = $0 { true } else { false } }
  }
}

extension aegis_config {
  mutating func set(_ stage: UInt32, _ isSet: Bool) {
    if isSet { stages |= stage } else { stages &= ~stage }
  }
}
