internal import CAegis

/// Makes plans.
public struct PolicyApplier: Sendable {
  private let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// Makes a plan, after a look at whether all of it can be. Nothing is undone when a step fails: as after a
  /// kill, a new plan goes on from there.
  public func make(_ plan: Plan, in session: borrowing Session) throws(AegisError) {
    try check(plan)
    if session.isDryRun { return }
    let notes = try notes(of: plan)
    do {
      for step in plan.steps { try make(step, notes, in: session) }
      try settle()
    } catch {
      _ = try? KeyRates.forgetStrays(datapath)
      throw error
    }
  }

  private func make(
    _ step: Plan.Step, _ notes: [Note: UInt32], in session: borrowing Session
  ) throws(AegisError) {
    switch step {
    case .mode(let mode): _ = try Limits(datapath).setMode(mode, in: session)
    case .defaultAction(let action): _ = try Limits(datapath).setDefault(action, in: session)
    case .sourcePrefix(let lengths):
      _ = try RateTable(datapath).setSourcePrefix(v4: lengths.v4, v6: lengths.v6, in: session)
    case .rates(let changes): try RateTable(datapath).make(changes)
    case .putDrops(let drops):
      let list = DropList(datapath)
      // A batch for each map.
      let placements = drops.map {
        Placement(element: $0.prefix, isProtected: false, conditions: $0.conditions)
      }
      let stores = Dictionary(grouping: placements) {
        DropList.home(of: $0.element, protected: false)
      }
      for store in stores.keys.sorted(by: >) { try list.place(stores[store] ?? [], notes: notes) }
    case .removeDrops(let prefixes):
      let list = DropList(datapath)
      let stores = Dictionary(grouping: prefixes) { DropList.home(of: $0, protected: false) }
      for members in stores.values {
        try list.takeAway(members.map { (element: $0, isProtected: false) })
      }
    case .putKeys(let keys):
      try KeyList(datapath).place(
        keys.map {
          Placement(
            element: $0.key.key, isProtected: $0.key.isProtected, conditions: $0.conditions)
        }, notes: notes)
    case .removeKeys(let keys):
      try KeyList(datapath).takeAway(
        keys.map { (element: $0.key, isProtected: $0.isProtected) })
    }
  }

  /// The numbers of all notes, which are stored before any entry has them.
  private func notes(of plan: Plan) throws(AegisError) -> [Note: UInt32] {
    var texts: Set<Note> = []
    for step in plan.steps {
      switch step {
      case .putDrops(let drops): texts.formUnion(drops.lazy.compactMap(\.conditions.note))
      case .putKeys(let keys): texts.formUnion(keys.lazy.compactMap(\.conditions.note))
      default: break
      }
    }
    if texts.isEmpty { return [:] }
    let map = try Notes(datapath)
    var numbers: [Note: UInt32] = [:]
    for note in texts {
      let known = Set(numbers.values)
      numbers[note] = try map.number(of: note) { () throws(AegisError) in
        // Those that are only just stored are nobody's yet.
        try PolicyLists.notesInUse(datapath).union(known)
      }
    }
    return numbers
  }
}

extension PolicyApplier {
  /// Whether there is room for what comes, and the limiter can keep the rates.
  private func check(_ plan: Plan) throws(AegisError) {
    for step in plan.steps {
      switch step {
      case .rates(let changes): for change in changes { _ = try RateTable.rule(change) }
      case .putDrops(let drops):
        try checkRoom(DropList(datapath), drops.map { ($0.prefix, false) })
      case .putKeys(let keys):
        for rate in keys.compactMap(\.conditions.rate) { _ = try rate.limit() }
        try checkRoom(KeyList(datapath), keys.map { ($0.key.key, $0.key.isProtected) })
      default: break
      }
    }
  }

  private func checkRoom<List: PolicyList>(
    _ policy: List, _ elements: [(List.Element, Bool)]
  ) throws(AegisError) {
    let stores = Dictionary(grouping: elements) { List.home(of: $0.0, protected: $0.1) }
    for (store, members) in stores {
      let present = try policy.list.present(members.map(\.0), in: store)
      try policy.list.checkRoom(for: members.count - present.count, in: store)
    }
  }

  /// Has the datapath look only for what there is, and forgets rates of keys that an interrupted call left.
  private func settle() throws(AegisError) {
    try RateTable(datapath).settle()
    let keys = KeyList(datapath)
    let before = try Settings.read(datapath)
    var config = before
    try DropList(datapath).recount(&config)
    try keys.recount(&config)
    if !isIdentical(config, before) { try Settings.write(config, to: datapath) }
    try KeyRates.forgetStrays(datapath)
  }
}
