/// Whether the maps of the lists have room for what comes, and in which order.
struct PlanRoom {
  private let drops: DropList
  private let keys: KeyList
  private let datapath: Datapath

  init(_ datapath: Datapath) {
    self.datapath = datapath
    drops = DropList(datapath)
    keys = KeyList(datapath)
  }

  /// The steps of a plan, in an order in which there is room for all of them. One that only puts entries into one
  /// list is not looked at: it undoes itself.
  ///
  /// - Parameter mayExpire: Whether to sweep what has expired if there is no room otherwise.
  /// - Throws: `failed` if there is no such order.
  func fitted(_ plan: Plan, mayExpire: Bool) throws(AegisError) -> [Plan.Step] {
    if !plan.isWhole, plan.steps.count < 2 { return plan.steps }
    do {
      try check(plan.steps)
      return plan.steps
    } catch {
      if mayExpire, try Sweeper.sweep(datapath) { return try fitted(plan, mayExpire: false) }
      guard let hastened = try hastened(plan.steps) else { throw error }
      return hastened
    }
  }

  /// Only drops change: then what goes may make room for what comes, as long as no address that is dropped before
  /// and after is let through between.
  private func hastened(_ steps: [Plan.Step]) throws(AegisError) -> [Plan.Step]? {
    var hastened: [Plan.Step] = []
    var (coming, going): ([Plan.Difference<Prefix>], [Plan.Difference<Prefix>]) = ([], [])
    for step in steps {
      switch step {
      case .putDrops(let drops): coming += drops
      case .removeDrops(let drops): going += drops
      default: return nil
      }
    }
    let index = PrefixIndex(coming.filter { $0.before == nil }.map(\.element))
    let isPrefix = { (drop: Plan.Difference<Prefix>) in !drop.element.isHost }
    // One that shares addresses with what comes must wait for that.
    let first = going.filter { isPrefix($0) && !index.overlaps($0.element) }
    hastened.append(.removeDrops(first))
    let gone = Set(first.map(\.element))
    for step in steps {
      switch step {
      case .putDrops(let drops): hastened.append(.putDrops(drops.filter(isPrefix)))
      default: continue
      }
    }
    // A host that goes may be in a prefix that comes.
    hastened.append(.removeDrops(going.filter { $0.element.isHost }))
    for step in steps {
      switch step {
      case .putDrops(let drops): hastened.append(.putDrops(drops.filter { $0.element.isHost }))
      case .removeDrops(let drops):
        hastened.append(.removeDrops(drops.filter { isPrefix($0) && !gone.contains($0.element) }))
      default: continue
      }
    }
    let made = hastened.filter { !$0.isEmpty }
    try check(made, isLast: true)
    return made
  }

  private func check(_ steps: [Plan.Step], isLast: Bool = false) throws(AegisError) {
    var (dropRoom, keyRoom) = (ListRoom(drops), ListRoom(keys))
    for step in steps {
      switch step {
      case .putDrops(let drops): try dropRoom.put(drops, isLast: isLast)
      case .removeDrops(let drops): dropRoom.remove(drops)
      case .putKeys(let keys): try keyRoom.put(keys, isLast: isLast)
      case .removeKeys(let keys): keyRoom.remove(keys)
      default: continue
      }
    }
  }
}

/// How full the maps of a list are while a plan is made.
private struct ListRoom<List: PolicyList> {
  private let policy: List
  /// By store: how many come and go until now.
  private var balance: [Int]
  /// By store, once they were asked for.
  private var known: [Int: (held: Int, room: Int)] = [:]

  init(_ policy: List) {
    self.policy = policy
    balance = [Int](repeating: 0, count: policy.list.storeCount)
  }

  mutating func put(
    _ differences: [Plan.Difference<List.Element>], isLast: Bool
  ) throws(AegisError) {
    var added = [Int](repeating: 0, count: balance.count)
    for difference in differences where difference.before == nil {
      added[List.home(of: difference.element)] += 1
    }
    for (store, count) in added.enumerated() where count > 0 {
      balance[store] += count
      let (held, room) = try filling(store)
      guard held + balance[store] > room else { continue }
      throw isLast
        ? policy.list.full(store, needed: held + balance[store])
        : policy.list.full(store, for: balance[store], beside: held, of: room)
    }
  }

  mutating func remove(_ differences: [Plan.Difference<List.Element>]) {
    for difference in differences { balance[List.home(of: difference.element)] -= 1 }
  }

  private mutating func filling(_ store: Int) throws(AegisError) -> (held: Int, room: Int) {
    if let known = known[store] { return known }
    let filling = (held: try policy.list.count(store), room: try policy.list.room(store))
    known[store] = filling
    return filling
  }
}
