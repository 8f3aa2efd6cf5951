extension DirectionLint {
  /// At most one a rule, and what is said about lists and classes that it names.
  var ruleFindings: [LintFinding] {
    let keys = Keys(self)
    return rules.indices.flatMap { index -> [LintFinding] in
      let place = place(ofRule: index)
      let named = emptyNames(index)
      if let never = named.first(where: { $0.severity == .warning }) { return [never] }
      let found =
        contradiction(index) ?? decidedEarlier(index, keys) ?? hidden(index) ?? hiddenByAll(index)
        ?? needless(index, keys)
      return (found.map { [LintFinding($0.code, $0.severity, place, $0.message)] } ?? []) + named
    }
  }

  private typealias Found = (
    code: LintFinding.Code, severity: LintFinding.Severity, message: LintMessage
  )

  /// The packets of keys, found out once for all rules.
  private struct Keys {
    /// Protected ones, with the packets that they certainly let in.
    var protected: [(key: Policy.Key, expires: UInt64?, space: RuleSpace)] = []
    /// The others, with the packets that they may let in.
    var others: [(rate: Rate?, space: RuleSpace)] = []

    init(_ lint: DirectionLint) {
      if lint.rules.isEmpty { return }
      let keys = (lint.part.keys ?? [:]).sorted {
        ($0.key.key, $0.key.isProtected ? 0 : 1) < ($1.key.key, $1.key.isProtected ? 0 : 1)
      }
      for (key, conditions) in keys {
        if key.isProtected {
          protected.append(
            (key, conditions.expires, lint.space(of: key.key, certain: true)))
        } else {
          others.append((conditions.rate, lint.space(of: key.key, certain: false)))
        }
      }
    }
  }

  // MARK: No packet

  private func contradiction(_ index: Int) -> Found? {
    guard possible[index].isEmpty else { return nil }
    guard let fields = rules[index].contradicting(numbers) else {
      let byDefault = LintPlace.defaultAction(direction)
      return (
        .contradictory, .warning,
        "matches no packet: \(byDefault) is deny, and then an allow rule that asks for ports, flags or types admits no fragment"
      )
    }
    let words = fields.map { "\($0.word) \($0.value)" }
    let why =
      words.count > 1
      ? "\(words.dropLast().joined(separator: ", ")) and \(words[words.count - 1]) exclude each other"
      : words.joined() + " leaves nothing"
    return (.contradictory, .warning, "matches no packet: \(why)")
  }

  // MARK: Earlier stages

  private func decidedEarlier(_ index: Int, _ keys: Keys) -> Found? {
    let rule = rules[index]
    for key in keys.protected
    where outlives(key.expires, rule.expires) && key.space.contains(possible[index]) {
      let place = LintPlace.key(direction, key.key)
      return (.unreachable, .warning, "is never reached: \(place) lets in all of its packets")
    }
    let peers = direction == .in ? rule.match.from : rule.match.to
    guard let peers, peers.lists.isEmpty,
      let places = droppingAll(peers.prefixes, until: rule.expires)
    else { return nil }
    let verb = places.count == 1 ? "drops" : "drop"
    return (.unreachable, .warning, "is never reached: \(places) \(verb) all of its packets")
  }

  // MARK: Earlier rules

  /// Rules that hide later ones that end at some time.
  private func hiding(before index: Int) -> [Int] {
    (0..<index).filter {
      !rules[$0].isMonitored && outlives(rules[$0].expires, rules[index].expires)
    }
  }

  /// Whether packets fare the same without a rule that another one hides. Limits count apart.
  private func isSame(_ index: Int, _ other: Int) -> Bool {
    let rule = rules[index]
    if case .limit = rule.action { return false }
    return rule.action == rules[other].action && !rule.isMonitored
  }

  private func hidden(_ index: Int) -> Found? {
    guard let other = hiding(before: index).first(where: { taken[$0].contains(possible[index]) })
    else { return nil }
    let place = place(ofRule: other)
    if isSame(index, other) {
      return (
        .redundant, .warning,
        "is never reached: \(place) matches everything that it does, and does the same"
      )
    }
    return (.shadowed, .warning, "is never reached: \(place) matches everything that it does")
  }

  /// Several rules that differ on one axis.
  private func hiddenByAll(_ index: Int) -> Found? {
    var gaps: [RuleSpace.Axis: [Int]] = [:]
    for other in hiding(before: index) {
      if let axis = taken[other].onlyGap(to: possible[index]) {
        gaps[axis, default: []].append(other)
      }
    }
    for axis in RuleSpace.Axis.all {
      var rest = possible[index]
      var needed: [Int] = []
      for other in gaps[axis] ?? [] where rest.subtract(taken[other], on: axis) {
        needed.append(other)
        if !rest.isEmpty(on: axis) { continue }
        let does = needed.allSatisfy { isSame(index, $0) }
        let places = needed.map(place(ofRule:))
        return does
          ? (
            .redundant, .warning,
            "is never reached: \(places) match everything that it does, and do the same"
          )
          : (
            .shadowed, .warning, "is never reached: \(places) match everything that it does"
          )
      }
    }
    return nil
  }

  // MARK: What comes behind does the same

  private func needless(_ index: Int, _ keys: Keys) -> Found? {
    let rule = rules[index]
    guard !rule.isMonitored, part.keys != nil, let action = part.defaultAction else { return nil }
    let space = possible[index]
    let behind = rules.indices.suffix(from: index + 1).filter { possible[$0].mayMeet(space) }
    let byDefault = LintPlace.defaultAction(direction)
    switch (rule.action, action) {
    case (.allow, .allow):
      if behind.contains(where: { rules[$0].action != .allow }) { return nil }
      if keys.others.contains(where: { $0.rate != nil && $0.space.mayMeet(space) }) { return nil }
      return (
        .needless, .note,
        "changes nothing: nothing behind it drops its packets, and \(byDefault) is allow"
      )
    case (.drop, .deny):
      // Replies to this host, and messages about packets that are too big, pass nevertheless.
      if [1, 6, 17, 58].contains(where: { space[.protocol].contains($0) }) { return nil }
      if behind.contains(where: { rules[$0].action != .drop || rules[$0].isMonitored }) {
        return nil
      }
      if keys.others.contains(where: { $0.space.mayMeet(space) }) { return nil }
      return (
        .needless, .note,
        "changes nothing: nothing behind it lets its packets in, and \(byDefault) is deny"
      )
    default: return nil
    }
  }

  // MARK: Lists and classes

  /// About lists and classes without addresses. A warning if the rule then matches no packet.
  private func emptyNames(_ index: Int) -> [LintFinding] {
    let rule = rules[index]
    let place = place(ofRule: index)
    func isEmpty(_ list: ListName) -> Bool { whole.entries(of: list)?.isEmpty ?? false }
    func isEmpty(_ name: ClassName) -> Bool { whole.classes?[name]?.isEmpty ?? false }
    for addresses in [rule.match.from, rule.match.to].compactMap(\.self)
    where addresses.prefixes.isEmpty && !addresses.lists.isEmpty
      && addresses.lists.allSatisfy(isEmpty)
    {
      let lists = addresses.lists.map(LintPlace.list)
      let verb = lists.count == 1 ? "has" : "have"
      return [
        LintFinding(.empty, .warning, place, "matches no packet: \(lists) \(verb) no entries")
      ]
    }
    if let classes = rule.match.classes?.names, classes.allSatisfy(isEmpty) {
      let places = classes.map(LintPlace.addressClass)
      let verb = places.count == 1 ? "has" : "have"
      return [
        LintFinding(.empty, .warning, place, "matches no packet: \(places) \(verb) no addresses")
      ]
    }
    let lists = Set(rule.listNames).filter(isEmpty).sorted().map {
      LintFinding(.empty, .note, place, "names \(.list($0) as LintPlace), which has no entries")
    }
    return lists
      + Set(rule.classNames).filter(isEmpty).sorted().map {
        LintFinding(
          .empty, .note, place,
          "names \(.addressClass($0) as LintPlace), which has no addresses")
      }
  }
}
