internal import BPF
internal import CAegis
internal import Linux

/// Carries out a plan. In every order of its steps a call may be killed: a name or a back entry without a user is
/// garbage, which the next call removes, and a user always has both.
struct RelayEdit {
  private let table: RelayTable
  private let capacity: Int

  init(_ table: RelayTable, _ datapath: Datapath) {
    self.table = table
    capacity = table.count
  }

  func run(_ plan: RelayPlan) throws(AegisError) {
    let backs = try table.backs()
    try kernel { () throws(SystemError) in
      try mend(plan, backs)
      try remove(plan)
      // Of a table that is full, old entries make room first.
      try redirect(
        plan.redirected,
        hasRoom: plan.kept + plan.redirected.count <= capacity)
      for (index, user) in plan.limited { table.limit(user, at: index) }
      try add(plan)
    }
  }

  /// Removes what a killed call left, and gives users the entries that they lack.
  private func mend(
    _ plan: RelayPlan, _ backs: [(back: aegis_relay_back, index: Int)]
  ) throws(SystemError) {
    for index in plan.nameless { table.clear(index) }
    if !plan.staleNames.isEmpty { try table.forget(plan.staleNames) }
    var found = [Bool](repeating: false, count: capacity)
    var stale: [aegis_relay_back] = []
    for (key, index) in backs {
      if index < capacity, table.isUsed(index), RelayBack(key) == table[index].backKey {
        found[index] = true
      } else {
        stale.append(key)
      }
    }
    try table.lose(stale)
    let lost = found.indices.filter { !found[$0] && table.isUsed($0) }
    try table.find(lost.map { (table[$0].backKey, $0) })
  }

  private func remove(_ plan: RelayPlan) throws(SystemError) {
    if plan.removed.isEmpty && plan.nameless.isEmpty { return }
    let backs = plan.removed.map { table[$0.index].backKey.key }
    for (_, index) in plan.removed { table.clear(index) }
    try table.lose(backs)
    let renewed = Set(plan.added.map(\.place.name))
    try table.forget(plan.removed.map(\.name).filter { !renewed.contains($0) })
    // Until no packet of theirs is on its way: their places may be used again.
    try GracePeriod.wait()
  }

  private func redirect(
    _ moved: [(index: Int, before: aegis_relay_user, after: aegis_relay_user)], hasRoom: Bool
  ) throws(SystemError) {
    if moved.isEmpty { return }
    let new = moved.map { (back: $0.after.backKey, index: $0.index) }
    let kept = Set(new.map(\.back))
    let old = moved.map(\.before.backKey).filter { !kept.contains($0) }.map(\.key)
    if !hasRoom { try table.lose(old) }
    try table.find(new)
    for (index, _, after) in moved { table.redirect(after, at: index) }
    if hasRoom { try table.lose(old) }
    // A packet that was on its way may have noted the hop to the old destination.
    try GracePeriod.wait()
    for (index, _, _) in moved { table.forgetHop(index) }
  }

  private func add(_ plan: RelayPlan) throws(SystemError) {
    try table.name(plan.added.map(\.place))
    try table.find(plan.added.map { ($0.user.backKey, $0.place.index) })
    for (place, user) in plan.added { table.make(user, at: place.index) }
  }
}
