/// What of two lists differs.
struct ListDifferences<Element: Hashable & Sendable>: Sendable {
  var added: [Element] = []
  var changed: [Element] = []
  var removed: [Element] = []

  init(
    from old: [Element: Policy.Conditions], to new: [Element: Policy.Conditions]
  ) {
    for (element, conditions) in new {
      guard let before = old[element] else {
        added.append(element)
        continue
      }
      if !before.says(conditions) { changed.append(element) }
    }
    // Counting spares a second look at a long list of which nothing goes.
    if new.count - added.count < old.count {
      removed = old.keys.filter { new[$0] == nil }
    }
  }
}

/// What of two policies that declare everything differs.
struct PolicyDifferences: Sendable {
  let drops: ListDifferences<Prefix>
  let keys: ListDifferences<Policy.Key>
  /// By selector, in an order in which no packet is held to a rate that neither policy has for it.
  let rates: [Plan.RateChange]

  init(from old: Policy, to new: Policy) {
    drops = ListDifferences(from: old.drops ?? [:], to: new.drops ?? [:])
    keys = ListDifferences(from: old.keys ?? [:], to: new.keys ?? [:])
    rates = Self.rates(from: old.rates ?? [], to: new.rates ?? [])
  }

  private struct Group: Hashable {
    let selector: RateSelector
    let isTotal: Bool
  }

  private static func rates(
    from old: [RateRule], to new: [RateRule]
  ) -> [Plan.RateChange] {
    let before = groups(old)
    let after = groups(new)
    let order: (Group, Group) -> Bool = { precedes($0, $1) }
    let rest = [false, true].map { Group(selector: .rest, isTotal: $0) }
    let differing = Set(before.keys).union(after.keys).filter { group in
      Set(before[group] ?? []) != Set(after[group] ?? [])
    }
    let ruled = differing.subtracting(rest)
    let added = ruled.filter { before[$0] == nil }.sorted(by: order)
    let changed = ruled.filter { before[$0] != nil && after[$0] != nil }.sorted(by: order)
    let removed = ruled.filter { after[$0] == nil }.sorted { order($1, $0) }
    return (added + changed + rest.filter(differing.contains) + removed).map { group in
      Plan.RateChange(
        selector: group.selector, isTotal: group.isTotal, rates: after[group] ?? [])
    }
  }

  private static func groups(_ rules: [RateRule]) -> [Group: [Rate]] {
    Dictionary(grouping: rules) { Group(selector: $0.selector, isTotal: $0.isTotal) }
      .mapValues { $0.map(\.rate).sorted { $0.description < $1.description } }
  }

  /// Whether the datapath looks for the one first: the more specific selector.
  private static func precedes(_ one: Group, _ other: Group) -> Bool {
    let (left, right) = (one.selector.specificity, other.selector.specificity)
    if left != right { return left > right }
    let names = [one, other].map { "\($0.selector) \($0.isTotal)" }
    return names[0] < names[1]
  }
}

extension RateSelector {
  /// By port and prefix, port, prefix, all; the longer prefix first.
  fileprivate var specificity: Int {
    let kind = (port == nil ? 0 : 2) + (prefix == nil ? 0 : 1)
    return kind << 8 | (prefix?.length ?? 0)
  }
}
