/// Whether the maps of the lists have room for the new entries, and in which order.
struct PlanRoom {
  private let drops: DropList
  private let keys: KeyList
  private let datapath: Datapath

  init(_ datapath: Datapath) {
    self.datapath = datapath
    drops = DropList(datapath)
    keys = KeyList(datapath)
  }

  /// The steps of a plan, in an order in which all of them have room. A single step that adds entries is not checked:
  /// if there is no room, it leaves everything unchanged.
  ///
  /// - Parameters:
  ///   - isSuspended: Whether everything passes anyway, so that any order will do.
  ///   - mayExpire: Whether to remove expired entries if there is no room otherwise.
  /// - Throws: `failed` if there is no such order.
  func fitted(
    _ plan: Plan, isSuspended: Bool, mayExpire: Bool
  ) throws(AegisError) -> [Plan.Step] {
    if !plan.isWhole, plan.steps.count < 2 { return plan.steps }
    do {
      try check(plan.steps, expired: mayExpire)
      return plan.steps
    } catch {
      if mayExpire, try Sweeper.sweep(datapath) {
        return try fitted(plan, isSuspended: isSuspended, mayExpire: false)
      }
      let other = isSuspended ? removingFirst(plan.steps) : Self.hastened(plan.steps)
      guard let other else { throw error }
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

  /// If only drops change, removed entries may make room for new ones, as long as no address that is dropped before and
  /// after is let through in between.
  static func hastened(_ steps: [Plan.Step]) -> [Plan.Step]? {
    typealias Drops = [Plan.Difference<Prefix>]
    var (first, last): ([Plan.Step], [Plan.Step]) = ([], [])
    var (put, gone): (Drops, Drops) = ([], [])
    for step in steps {
      switch step {
      case .putDrops(let drops): put += drops
      case .removeDrops(let drops): gone += drops
      case .deadline(let time): if time == nil { last.append(step) } else { first.append(step) }
      default: return nil
      }
    }
    let isHost = { (drop: Plan.Difference<Prefix>) in drop.element.isHost }
    let closing = put.filter { !$0.opens }
    // A drop that shares addresses with a new one must be removed after it is added.
    let index = PrefixIndex(closing.map(\.element))
    let (free, bound) = (
      gone.filter { !isHost($0) && !index.overlaps($0.element) },
      gone.filter { !isHost($0) && index.overlaps($0.element) }
    )
    let middle: [Plan.Step] = [
      .removeDrops(free), .putDrops(closing.filter { !isHost($0) }),
      // A removed host may be in a prefix that was added.
      .removeDrops(gone.filter(isHost)), .putDrops(closing.filter(isHost)),
      .putDrops(put.filter(\.opens)), .removeDrops(bound),
    ]
    return first + middle.filter { !$0.isEmpty } + last
  }

  /// - Parameter expired: Whether expired entries still take up room.
  private func check(
    _ steps: [Plan.Step], expired: Bool, isLast: Bool = false
  ) throws(AegisError) {
    var dropRoom = ListRoom(drops, countsExpired: expired)
    var keyRoom = ListRoom(keys, countsExpired: expired)
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

/// How full the maps of a list are during a plan.
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
    let held = try countsExpired ? policy.list.count(store) : policy.list.liveCount(store)
    let filling = (held: held, room: try policy.list.room(store))
    known[store] = filling
    return filling
  }
}
