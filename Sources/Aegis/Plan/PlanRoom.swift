/// Whether there is room for the new entries of a plan, and in which order.
struct PlanRoom {
  private let drops: DropList
  private let keys: KeyList
  private let datapath: Datapath

  init(_ datapath: Datapath) {
    self.datapath = datapath
    drops = DropList(datapath)
    keys = KeyList(datapath)
  }

  /// The steps of a plan, in an order in which all keys have room. Drops are counted at the end: meanwhile there may be
  /// more of them. A single step that adds entries is not checked: if there is no room, it leaves everything unchanged.
  ///
  /// - Parameters:
  ///   - isSuspended: Whether everything passes anyway, so that any order will do.
  ///   - mayExpire: Whether to remove expired entries if there is no room otherwise.
  /// - Throws: `failed` if there is no such order.
  func fitted(
    _ plan: Plan, isSuspended: Bool, mayExpire: Bool
  ) throws(AegisError) -> [Plan.Step] {
    if !plan.isFitted { return plan.steps }
    do {
      try check(plan.steps, expired: mayExpire)
      return plan.steps
    } catch {
      if mayExpire, try Sweeper.sweep(datapath) {
        return try fitted(plan, isSuspended: isSuspended, mayExpire: false)
      }
      guard isSuspended else { throw error }
      let other = removingFirst(plan.steps)
      try check(other, expired: mayExpire, isLast: true)
      return other
    }
  }

  private func removingFirst(_ steps: [Plan.Step]) -> [Plan.Step] {
    let removes = { (step: Plan.Step) in
      switch step {
      case .removeDrops, .removeKeys: true
      default: false
      }
    }
    return steps.filter(removes) + steps.filter { !removes($0) }
  }

  /// - Parameter expired: Whether expired entries still take up room.
  private func check(
    _ steps: [Plan.Step], expired: Bool, isLast: Bool = false
  ) throws(AegisError) {
    var dropRoom = ListRoom(drops, countsExpired: expired)
    var keyRoom = ListRoom(keys, countsExpired: expired)
    for step in steps {
      switch step {
      case .putDrops(let drops, _): dropRoom.add(drops)
      case .removeDrops(let drops, _): dropRoom.remove(drops)
      case .putKeys(let keys):
        keyRoom.add(keys)
        try keyRoom.check(isLast: isLast)
      case .removeKeys(let keys): keyRoom.remove(keys)
      default: continue
      }
    }
    try dropRoom.check(isLast: true)
  }
}

/// How full the places of a list are during a plan.
private struct ListRoom<List: PolicyList> {
  private let policy: List
  private let countsExpired: Bool
  /// The net number of added entries so far, by store.
  private var balance: [Int]
  /// The entries and the capacity of each store, once they were queried.
  private var known: [Int: (held: Int, room: Int)] = [:]

  init(_ policy: List, countsExpired: Bool) {
    self.policy = policy
    self.countsExpired = countsExpired
    balance = [Int](repeating: 0, count: policy.list.storeCount)
  }

  mutating func add(_ differences: [Plan.Difference<List.Element>]) {
    for difference in differences where difference.before == nil {
      balance[List.home(of: difference.element)] += 1
    }
  }

  mutating func remove(_ differences: [Plan.Difference<List.Element>]) {
    for difference in differences { balance[List.home(of: difference.element)] -= 1 }
  }

  mutating func check(isLast: Bool) throws(AegisError) {
    for (store, balance) in balance.enumerated() where balance > 0 {
      let (held, room) = try filling(store)
      guard held + balance > room else { continue }
      throw isLast
        ? policy.list.full(store, needed: held + balance)
        : policy.list.full(store, for: balance, beside: held, of: room)
    }
  }

  private mutating func filling(_ store: Int) throws(AegisError) -> (held: Int, room: Int) {
    if let known = known[store] { return known }
    let held = try countsExpired ? policy.list.count(store) : policy.liveCount(store)
    let filling = (held: held, room: try policy.list.room(store))
    known[store] = filling
    return filling
  }
}

extension Plan {
  /// Whether its room is checked before it begins.
  var isFitted: Bool { isWhole || steps.count > 1 }
}
