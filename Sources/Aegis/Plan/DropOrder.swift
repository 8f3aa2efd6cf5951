/// The order in which drops change. What closes for some packet comes before everything else that changes, what
/// opens after it.
///
/// A monitored drop opens: of the prefixes that contain a source only the longest is looked at, and a monitored
/// one lets it go on. So putting one opens, unless its packets go on already, and removing one closes, unless
/// they still do.
struct DropOrder {
  private typealias Drops = [Plan.Difference<Prefix>]

  private let put: [Plan.Difference<Prefix>]
  private let removed: [Plan.Difference<Prefix>]
  private let changed: [Prefix: Plan.Difference<Prefix>]
  private let others: [Prefix: Policy.Conditions]

  init(_ differences: PolicyDifferences) {
    let drops = differences.drops
    let isSimple = !drops.contains(where: \.isMonitored)
    // Where each of them only closes or only opens, any order among them will do.
    let ordered = isSimple ? drops : drops.sorted { $0.element < $1.element }
    (put, _) = Self.split(ordered) { $0.after != nil && !$0.isNone }
    (removed, _) = Self.split(ordered) { $0.after == nil && $0.before != nil }
    changed =
      isSimple ? [:] : Dictionary(drops.map { ($0.element, $0) }) { first, _ in first }
    others = differences.otherDrops
  }

  /// Before anything else changes, and after.
  var steps: (early: [Plan.Step], late: [Plan.Step]) {
    let (opening, closing) = Self.split(put) { $0.after?.isMonitored == true }
    let (neutral, late) = Self.split(opening) { !isDropped($0.element, \.before) }
    let (monitored, enforced) = Self.split(removed) { $0.before?.isMonitored == true }
    let (hiding, hidden) = Self.split(monitored) { isDropped($0.element, \.after) }
    return (
      [.putDrops(neutral), .putDrops(closing), .removeDrops(hiding)],
      [.putDrops(late), .removeDrops(enforced), .removeDrops(hidden)]
    )
  }

  private static func split(
    _ drops: Drops, _ isFirst: (Drops.Element) -> Bool
  ) -> (Drops, Drops) {
    // Most lists are all of one kind, and need no copy.
    let count = drops.count(where: isFirst)
    if count == drops.count { return (drops, []) }
    if count == 0 { return ([], drops) }
    let chosen = drops.map(isFirst)
    let pairs = zip(drops, chosen)
    return (pairs.filter(\.1).map(\.0), pairs.filter { !$0.1 }.map(\.0))
  }

  /// Whether packets from it are dropped by itself, or by the longest prefix that contains it.
  private func isDropped(
    _ prefix: Prefix, _ moment: KeyPath<Plan.Difference<Prefix>, Policy.Conditions?>
  ) -> Bool {
    func conditions(_ prefix: Prefix) -> Policy.Conditions? {
      if let difference = changed[prefix] { return difference[keyPath: moment] }
      return others[prefix]
    }
    // A host is looked at by itself: a monitored one hides no prefix.
    if prefix.isHost, let host = conditions(prefix), !host.isMonitored { return true }
    let longest = prefix.isHost ? prefix.length - 1 : prefix.length
    guard longest >= 0 else { return false }
    for length in stride(from: longest, through: 0, by: -1) {
      guard let wider = Prefix(address: prefix.address, length: length),
        let found = conditions(wider)
      else { continue }
      return !found.isMonitored
    }
    return false
  }
}

extension Plan.Difference<Prefix> {
  /// Whether it lets packets go on, before or after.
  var isMonitored: Bool { before?.isMonitored == true || after?.isMonitored == true }
}
