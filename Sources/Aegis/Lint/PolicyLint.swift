/// Finds what has no effect in a policy: rules, keys, drop entries and rates that others decide before, that do what
/// others do anyway, or that no packet can match.
///
/// Only what is certain is found, whatever is loaded besides the policy, and whatever comes and goes in lists whose
/// entries it does not declare. What expires earlier hides nothing that lives on, and what is only counted hides
/// nothing.
public struct PolicyLint {
  private let policy: Policy

  public init(_ policy: Policy) { self.policy = policy }

  /// In the order of the policy, direction by direction.
  public var findings: [LintFinding] {
    Direction.allCases.flatMap { direction -> [LintFinding] in
      let part = DirectionLint(policy, direction)
      return part.findings + part.drops
    } + listFindings + classFindings
  }

  /// Those that are warnings. It does not look at each drop entry.
  public var warnings: [LintFinding] {
    Direction.allCases.flatMap { DirectionLint(policy, $0).findings }
      .filter { $0.severity == .warning }
  }

  /// Whether something that ends at one time lasts as long as something that ends at another one; nil is never.
  static func outlives(_ one: UInt64?, _ other: UInt64?) -> Bool {
    guard let one else { return true }
    guard let other else { return false }
    return one >= other || Policy.Conditions.isSame(one, other)
  }

  /// The entries of a list that are in wider ones of it.
  ///
  /// - Parameter place: Of an entry.
  static func redundant(
    _ entries: [Prefix: Policy.Conditions], _ place: (Prefix) -> LintPlace
  ) -> [LintFinding] {
    let lengths = [32, 128].map { width in
      Set(entries.keys.lazy.filter { $0.address.width == width }.map(\.length)).sorted()
    }
    var found: [(Prefix, Prefix)] = []
    for (prefix, conditions) in entries {
      let wider = lengths[prefix.address.width == 32 ? 0 : 1].prefix { $0 < prefix.length }
        .lazy.map { Prefix(masking: prefix.address, length: $0) }
        .first { other in
          guard let hides = entries[other] else { return false }
          return hides.isMonitored == conditions.isMonitored
            && outlives(hides.expires, conditions.expires)
        }
      if let wider { found.append((prefix, wider)) }
    }
    return found.sorted { $0.0 < $1.0 }.map { prefix, wider in
      LintFinding(.redundant, .note, place(prefix), "is within \(place(wider))")
    }
  }

  private var listFindings: [LintFinding] {
    let lists = policy.lists ?? [:]
    let names = Set(lists.keys).union(policy.listed.keys).union(policy.out?.listed.keys ?? [:].keys)
    return names.sorted().flatMap { name -> [LintFinding] in
      let entries = policy.entries(of: name) ?? [:]
      let unused = lists[name].map { isUnused(name, $0) } ?? false
      return
        (unused
        ? [LintFinding(.unused, .note, .list(name), "has the action none, and no rule names it")]
        : []) + Self.redundant(entries) { .entry(name, $0) }
    }
  }

  /// Whether no rule that there can be names a list that does nothing else.
  private func isUnused(_ name: ListName, _ list: NamedList) -> Bool {
    guard list.action == .none else { return false }
    return list.directions.all.allSatisfy { direction in
      // Rules that are not declared may name it.
      policy.part(of: direction).rules.map { !$0.allLists.contains(name) } ?? false
    }
  }

  /// Classes without addresses that nothing names; otherwise what names them is found.
  private var classFindings: [LintFinding] {
    var named: Set<ClassName> = []
    for direction in Direction.allCases {
      let part = policy.part(of: direction)
      named.formUnion((part.rates ?? []).compactMap(\.selector.className))
      named.formUnion((part.rules ?? []).flatMap(\.classNames))
    }
    return (policy.classes ?? [:]).filter { $0.value.isEmpty && !named.contains($0.key) }
      .keys.sorted().map {
        LintFinding(.empty, .note, .addressClass($0), "has neither countries nor prefixes")
      }
  }
}
