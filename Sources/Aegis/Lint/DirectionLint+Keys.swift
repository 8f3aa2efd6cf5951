extension DirectionLint {
  /// At most one a key.
  var keyFindings: [LintFinding] {
    guard let keys = part.keys else { return [] }
    let lengths = [32, 128].map { width in
      Set(
        keys.keys.lazy.compactMap(\.key.source).filter { $0.address.width == width }.map(\.length)
      ).sorted()
    }
    let rated = keys.filter { $0.value.rate != nil && !$0.key.isProtected }.map(\.key.key)
    let sorted = keys.sorted { $0.key.key < $1.key.key }
    return sorted.compactMap { key, conditions in
      let found =
        unreached(key, conditions)
        ?? behindKey(key, conditions, wider(than: key.key, lengths), rated)
        ?? behindRule(key, conditions) ?? needless(key, conditions, rated)
      return found.map {
        LintFinding($0.code, $0.severity, .key(direction, key), $0.message)
      }
    }
  }

  private typealias Found = (
    code: LintFinding.Code, severity: LintFinding.Severity, message: LintMessage
  )

  private func unreached(_ key: Policy.Key, _ conditions: Policy.Conditions) -> Found? {
    guard !key.isProtected, let source = key.key.source,
      let place = dropping(source, until: conditions.expires)
    else { return nil }
    return (.unreachable, .warning, "is never used: \(place) drops all of its packets")
  }

  // MARK: Other keys

  /// The keys there may be that name each packet of a key, and perhaps more.
  private func wider(than key: AllowKey, _ lengths: [[Int]]) -> [AllowKey] {
    var sources: [Prefix?] = [nil]
    if let source = key.source {
      sources += lengths[source.address.width == 32 ? 0 : 1].prefix { $0 <= source.length }
        .map { Prefix(masking: source.address, length: $0) }
    }
    let ports: [KeyPorts?] = key.ports == nil ? [nil] : [key.ports, nil]
    let protocols: [TransportProtocol?] = key.protocol == nil ? [nil] : [key.protocol, nil]
    let alike = sources.flatMap { source in
      ports.flatMap { ports in protocols.map { AllowKey(unchecked: source, ports, $0) } }
    }
    return alike + severalPorts.filter { $0.ports != key.ports && $0.covers(key) }
  }

  private var severalPorts: [AllowKey] {
    (part.keys ?? [:]).keys.map(\.key).filter(\.hasSeveralPorts).sorted()
  }

  private func behindKey(
    _ key: Policy.Key, _ conditions: Policy.Conditions, _ wider: [AllowKey], _ rated: [AllowKey]
  ) -> Found? {
    func find(protected: Bool, where fits: (AllowKey, Policy.Conditions) -> Bool) -> Policy.Key? {
      wider.lazy.map { Policy.Key($0, isProtected: protected) }.first { other in
        guard other != key, let found = part.keys?[other], !found.isMonitored else { return false }
        return outlives(found.expires, conditions.expires) && fits(other.key, found)
      }
    }
    if let other = find(protected: true, where: { _, _ in true }) {
      let place = LintPlace.key(direction, other)
      return key.isProtected
        ? (.redundant, .warning, "is redundant: \(place) lets in everything that it does")
        : (.unreachable, .warning, "is never used: \(place) lets in everything that it does")
    }
    if key.isProtected { return nil }
    if let other = find(
      protected: false,
      where: { $0.isFound(before: key.key) && ($1.rate ?? conditions.rate) != nil })
    {
      let place = LintPlace.key(direction, other)
      return (
        .unreachable, .warning,
        "is never used: \(place) matches everything that it does, and is found first"
      )
    }
    if conditions.rate != nil || rated.contains(where: { $0.overlaps(key.key) }) { return nil }
    return find(protected: false, where: { $1.rate == nil }).map { other in
      let place = LintPlace.key(direction, other)
      return (.redundant, .warning, "is redundant: \(place) lets in everything that it does")
    }
  }

  // MARK: Rules and the default

  private func behindRule(_ key: Policy.Key, _ conditions: Policy.Conditions) -> Found? {
    if key.isProtected || rules.isEmpty { return nil }
    let space = space(of: key.key, certain: false)
    for (index, rule) in rules.enumerated() where !rule.isMonitored {
      if !rule.action.isFinal {
        // It leaves its packets to keys.
        if possible[index].mayMeet(space) { return nil }
        continue
      }
      guard outlives(rule.expires, conditions.expires), taken[index].contains(space) else {
        continue
      }
      let verb = rule.action == .drop ? "drops" : "lets in"
      return (
        .unreachable, .warning,
        "is never used: \(place(ofRule: index)) \(verb) all of its packets"
      )
    }
    return nil
  }

  private func needless(
    _ key: Policy.Key, _ conditions: Policy.Conditions, _ rated: [AllowKey]
  ) -> Found? {
    guard part.defaultAction == .allow, !key.isProtected, conditions.rate == nil,
      !rated.contains(where: { $0.overlaps(key.key) })
    else { return nil }
    let place = LintPlace.defaultAction(direction)
    return (
      .needless, .note,
      "changes nothing: \(place) is allow, and the key has neither a rate nor protection"
    )
  }
}
