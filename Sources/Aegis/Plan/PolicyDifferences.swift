/// The differences between two policies.
struct PolicyDifferences: Sendable {
  /// The value of a setting before and after.
  struct Setting<Value: Equatable & Sendable>: Sendable {
    let before: Value?
    let after: Value?

    /// A setting that does not change.
    init(_ value: Value? = nil) { self.init(from: value, to: value) }

    init(from before: Value?, to after: Value?) {
      self.before = before
      self.after = after
    }

    /// The new value; nil if it does not change.
    var change: Value? { before == after ? nil : after }
  }

  var defaultAction = Setting<PolicyDefaults.Default>()
  var replies = Setting<Bool>()
  var mode = Setting<PolicyDefaults.Mode>()
  var sourcePrefix = Setting<Policy.SourcePrefix>()
  /// By name.
  var classes: [Plan.ClassDifference] = []
  /// By selector, in an order in which no packet is held to a rate that neither policy has for it.
  var rates: [Plan.RateDifference] = []
  /// All of them, in their order.
  var rules = Setting<[Rule]>()
  /// By name.
  var lists: [Plan.ListDifference] = []
  /// Those of lists, by the name of the list.
  var drops: [(list: ListName, entries: [Plan.Difference<Prefix>])] = []
  /// Both places of each key that moves, in any order.
  var keys: [Plan.Difference<Policy.Key>] = []
}

extension PolicyDifferences {
  init(from old: Policy, to new: Policy) {
    defaultAction = Setting(from: old.defaultAction, to: new.defaultAction)
    replies = Setting(from: old.replies, to: new.replies)
    mode = Setting(from: old.mode, to: new.mode)
    sourcePrefix = Setting(from: old.sourcePrefix, to: new.sourcePrefix)
    classes = Self.classes(from: old.classes ?? [:], to: new.classes ?? [:])
    rates = Self.rates(from: old.rates ?? [], to: new.rates ?? [])
    rules =
      Policy.says(old.rules, new.rules)
      ? Setting(new.rules) : Setting(from: old.rules ?? [], to: new.rules ?? [])
    lists = Self.lists(from: old.lists ?? [:], to: new.lists ?? [:])
    drops = Self.drops(from: old, to: new)
    keys = Self.keys(from: old.keys ?? [:], to: new.keys ?? [:])
  }

  static func differences<Element>(
    from old: [Element: Policy.Conditions], to new: [Element: Policy.Conditions]
  ) -> [Plan.Difference<Element>] {
    var differences: [Plan.Difference<Element>] = []
    var kept = 0
    for (element, conditions) in new {
      let before = old[element]
      if let before {
        kept += 1
        if before.says(conditions) { continue }
      }
      differences.append(Plan.Difference(element, from: before, to: conditions))
    }
    // The count avoids a second pass over a long list from which nothing is removed.
    if kept < old.count {
      for (element, conditions) in old where new[element] == nil {
        differences.append(Plan.Difference(element, from: conditions, to: nil))
      }
    }
    return differences
  }

  static func lists(
    from old: [ListName: NamedList], to new: [ListName: NamedList]
  ) -> [Plan.ListDifference] {
    Set(old.keys).union(new.keys).sorted().compactMap { name in
      if let before = old[name], let after = new[name], before.says(after) { return nil }
      return Plan.ListDifference(name, from: old[name], to: new[name])
    }
  }

  private static func drops(
    from old: Policy, to new: Policy
  ) -> [(list: ListName, entries: [Plan.Difference<Prefix>])] {
    let manual = (
      list: ListName.manual, entries: differences(from: old.drops ?? [:], to: new.drops ?? [:])
    )
    let names = Set(old.listed.keys).union(new.listed.keys).sorted()
    let others = names.map { name in
      (
        list: name,
        entries: differences(from: old.listed[name] ?? [:], to: new.listed[name] ?? [:])
      )
    }
    return ([manual] + others).filter { !$0.entries.isEmpty }
  }

  static func classes(
    from old: [ClassName: AddressClass], to new: [ClassName: AddressClass]
  ) -> [Plan.ClassDifference] {
    Set(old.keys).union(new.keys).sorted().compactMap { name in
      old[name] == new[name]
        ? nil : Plan.ClassDifference(name, from: old[name], to: new[name])
    }
  }

  private static func keys(
    from old: [Policy.Key: Policy.Conditions], to new: [Policy.Key: Policy.Conditions]
  ) -> [Plan.Difference<Policy.Key>] {
    let changed = differences(from: old, to: new)
    let others = Set(changed.map(\.element.other)).subtracting(changed.map(\.element))
    return changed
      + others.compactMap { other in
        old[other].map { Plan.Difference(other, from: $0, to: $0) }
      }
  }
}

extension PolicyDifferences {
  /// What a difference of rates is about.
  struct Group: Hashable {
    let selector: RateSelector
    let isTotal: Bool
  }

  static func rates(
    from old: [RateRule], to new: [RateRule]
  ) -> [Plan.RateDifference] {
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
      Plan.RateDifference(
        selector: group.selector, isTotal: group.isTotal, before: before[group] ?? [],
        after: after[group] ?? [])
    }
  }

  private static func groups(_ rules: [RateRule]) -> [Group: [Rate]] {
    Dictionary(grouping: rules) { Group(selector: $0.selector, isTotal: $0.isTotal) }
      .mapValues { $0.map(\.rate).sorted { $0.description < $1.description } }
  }

  /// Whether the datapath looks for the first one earlier: the more specific selector.
  private static func precedes(_ one: Group, _ other: Group) -> Bool {
    let (left, right) = (one.selector, other.selector)
    if left.rank != right.rank { return left.rank > right.rank }
    // The datapath asks one group of ports after the other.
    if left.port != right.port { return "\(left)" < "\(right)" }
    // The longer prefix is the more specific one.
    let lengths = (left.prefix?.length ?? -1, right.prefix?.length ?? -1)
    if lengths.0 != lengths.1 { return lengths.0 > lengths.1 }
    let names = [one, other].map { "\($0.selector) \($0.isTotal)" }
    return names[0] < names[1]
  }
}
