/// The order in which drops change. What closes for some packet comes before everything else that changes, what
/// opens after it.
///
/// A monitored drop opens: of the prefixes that contain a source only the longest is looked at, and a monitored
/// one lets it go on. So putting one opens, unless its packets go on already, and removing one closes, unless
/// they still do.
struct DropOrder {
  private let old: [Prefix: Policy.Conditions]
  private let new: [Prefix: Policy.Conditions]
  private let put: [Prefix]
  private let removed: [Prefix]

  init(_ old: Policy, _ new: Policy, _ differences: ListDifferences<Prefix>) {
    self.old = old.drops ?? [:]
    self.new = new.drops ?? [:]
    put = (differences.added + differences.changed).sorted()
    removed = differences.removed.sorted()
  }

  /// Before anything else changes, and after.
  var steps: (early: [Plan.Step], late: [Plan.Step]) {
    let opening = put.filter { isMonitored($0, new) }
    let (neutral, late) = split(opening) { !isDropped($0, old) }
    let closing = put.filter { !isMonitored($0, new) }
    let (monitored, enforced) = split(removed) { isMonitored($0, old) }
    let (hiding, hidden) = split(monitored) { isDropped($0, new) }
    return (
      [.putDrops(drops(neutral)), .putDrops(drops(closing)), .removeDrops(hiding)],
      [.putDrops(drops(late)), .removeDrops(enforced), .removeDrops(hidden)]
    )
  }

  private func split(
    _ prefixes: [Prefix], _ isFirst: (Prefix) -> Bool
  ) -> (first: [Prefix], second: [Prefix]) {
    let chosen = prefixes.map(isFirst)
    let pairs = zip(prefixes, chosen)
    return (pairs.filter(\.1).map(\.0), pairs.filter { !$0.1 }.map(\.0))
  }

  private func isMonitored(_ prefix: Prefix, _ list: [Prefix: Policy.Conditions]) -> Bool {
    list[prefix]?.isMonitored ?? false
  }

  /// Whether packets from it are dropped by itself, or by the longest prefix that contains it.
  private func isDropped(_ prefix: Prefix, _ list: [Prefix: Policy.Conditions]) -> Bool {
    // A host is looked at by itself: a monitored one hides no prefix.
    if prefix.isHost, let host = list[prefix], !host.isMonitored { return true }
    let longest = prefix.isHost ? prefix.length - 1 : prefix.length
    guard longest >= 0 else { return false }
    for length in stride(from: longest, through: 0, by: -1) {
      guard let wider = Prefix(address: prefix.address, length: length),
        let conditions = list[wider]
      else { continue }
      return !conditions.isMonitored
    }
    return false
  }

  private func drops(_ prefixes: [Prefix]) -> [Plan.Drop] {
    prefixes.map { Plan.Drop(prefix: $0, conditions: new[$0] ?? Policy.Conditions()) }
  }
}
