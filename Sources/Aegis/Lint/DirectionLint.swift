/// Looks at what a policy says about the packets of one direction.
struct DirectionLint {
  let whole: Policy
  let part: Policy
  let direction: Direction
  let rules: [Rule]
  /// For each rule the packets that it certainly takes.
  let taken: [RuleSpace]
  /// For each rule the packets that it may take.
  let possible: [RuleSpace]
  let numbers: RuleNumbers
  /// Entries of lists that drop packets.
  private let enforced: [(name: ListName, entries: [Prefix: Policy.Conditions])]

  init(_ policy: Policy, _ direction: Direction) {
    whole = policy
    part = policy.part(of: direction)
    self.direction = direction
    let lists = policy.lists ?? [:]
    enforced = lists.keys.sorted().compactMap { name in
      guard let list = lists[name], list.isEnforced, list.directions.contains(direction),
        let entries = policy.entries(of: name), !entries.isEmpty
      else { return nil }
      return (name, entries)
    }
    rules = part.rules ?? []
    let numbers = RuleNumbers(tellingApart: rules, classes: policy.classes?.keys ?? [:].keys)
    self.numbers = numbers
    let action = part.defaultAction
    taken = rules.map { RuleSpace($0, numbers, admitsFragments: action == .allow) }
    possible = rules.map { RuleSpace($0, numbers, admitsFragments: action != .deny).possible }
  }

  var findings: [LintFinding] { ruleFindings + keyFindings + rateFindings }

  func place(ofRule index: Int) -> LintPlace { .rule(direction, index, rules[index].name) }

  /// The packets of a key, as those of a rule.
  ///
  /// - Parameter certain: Whether those are meant that it certainly lets in; otherwise those that it may let in.
  func space(of key: AllowKey, certain: Bool) -> RuleSpace {
    var rule = Rule(.ofPorts, .allow)
    rule.match = RuleMatch(key, direction)
    let action = part.defaultAction
    return certain
      ? RuleSpace(rule, numbers, admitsFragments: action == .allow)
      : RuleSpace(rule, numbers, admitsFragments: action != .deny).possible
  }

  func outlives(_ one: UInt64?, _ other: UInt64?) -> Bool { PolicyLint.outlives(one, other) }
}

// MARK: - Drop entries

extension DirectionLint {
  /// An entry that drops all packets of a peer, at least as long as something lasts.
  func dropping(_ peer: Prefix, until expires: UInt64?) -> LintPlace? {
    for length in 0...peer.length {
      let wider = Prefix(masking: peer.address, length: length)
      if let found = part.drops?[wider], !found.isMonitored, outlives(found.expires, expires) {
        return .drop(direction, wider)
      }
      for (name, entries) in enforced {
        guard let found = entries[wider], !found.isMonitored, outlives(found.expires, expires),
          outlives(whole.lists?[name]?.expires, expires)
        else { continue }
        return .entry(name, wider)
      }
    }
    return nil
  }

  /// Those that drop packets of each of the peers; nil if one of them is not dropped, or there are none.
  func droppingAll(_ peers: [Prefix], until expires: UInt64?) -> [LintPlace]? {
    if peers.isEmpty { return nil }
    var places: [LintPlace] = []
    for peer in peers {
      guard let place = dropping(peer, until: expires) else { return nil }
      if !places.contains(place) { places.append(place) }
    }
    return places
  }

  /// What is found about the entries of the list `manual`.
  var drops: [LintFinding] {
    guard let drops = part.drops else { return [] }
    let protected = (part.keys ?? [:]).filter { $0.key.isProtected }
      .sorted { $0.key.key < $1.key.key }
    var overridden: [LintFinding] = []
    for (key, conditions) in protected {
      guard let source = key.key.source else { continue }
      let place = LintPlace.key(direction, key)
      if key.key.ports == nil, key.key.protocol == nil {
        for (prefix, entry) in drops.sorted(by: { $0.key < $1.key })
        where source.contains(prefix) && !entry.isMonitored
          && outlives(conditions.expires, entry.expires)
        {
          overridden.append(
            LintFinding(
              .overridden, .warning, .drop(direction, prefix),
              "drops nothing: \(place) lets in all of its packets"))
        }
        if drops[source].map({ outlives(conditions.expires, $0.expires) }) == true { continue }
      }
      for length in (0...source.length).reversed() {
        let wider = Prefix(masking: source.address, length: length)
        guard let entry = drops[wider], !entry.isMonitored else { continue }
        overridden.append(
          LintFinding(
            .overridden, .note, .drop(direction, wider),
            "does not drop the packets that \(place) lets in"))
        break
      }
    }
    return overridden + PolicyLint.redundant(drops) { .drop(direction, $0) }
  }
}
