extension ProspectivePolicy {
  /// The rates that would hold for packets, for each source and for all together: of either the most specific
  /// selector that has any decides.
  func rules(for watched: Watched) throws(AegisError) -> [RateRule] {
    var rules: [RateRule] = []
    for isTotal in [false, true] {
      rules += try mostSpecific(for: watched, isTotal: isTotal)
    }
    return rules
  }

  private func mostSpecific(
    for watched: Watched, isTotal: Bool
  ) throws(AegisError) -> [RateRule] {
    let port = watched.port.map { RateSelector.Port($0, watched.protocol) }
    if let port {
      let both = try longest(port, watched.source, isTotal: isTotal)
      if !both.isEmpty { return both }
      let alone = changed(
        try store.rules(port), of: RateSelector(port: port), isTotal: isTotal)
      if !alone.isEmpty { return alone }
    }
    let prefix = try longest(nil, watched.source, isTotal: isTotal)
    if !prefix.isEmpty { return prefix }
    return changed(try store.defaultRules, of: .rest, isTotal: isTotal)
  }

  /// The rules of the longest prefix that would have any.
  private func longest(
    _ port: RateSelector.Port?, _ address: IPAddress, isTotal: Bool
  ) throws(AegisError) -> [RateRule] {
    let new = change.rates.filter { rule in
      rule.isTotal == isTotal && rule.selector.port == port
        && rule.selector.prefix?.contains(address) ?? false
    }
    let newest = new.compactMap(\.selector.prefix).max { $0.length < $1.length }
    var length = address.width
    while let found = try store.rules(port, address, atMost: length, isTotal: isTotal) {
      if let newest, newest.length > found.prefix.length { break }
      let selector = RateSelector(port: port, prefix: found.prefix)
      let rules = changed(found.rules, of: selector, isTotal: isTotal)
      if !rules.isEmpty { return rules }
      length = found.prefix.length - 1
    }
    return newest.map {
      changed([], of: RateSelector(port: port, prefix: $0), isTotal: isTotal)
    } ?? []
  }

  /// What a selector's rates of one kind would be.
  private func changed(
    _ rules: [RateRule], of selector: RateSelector, isTotal: Bool
  ) -> [RateRule] {
    let slot = PolicyChange.RateSlot(selector, isTotal: isTotal)
    let new = change.rates.filter { $0.selector == selector && $0.isTotal == isTotal }
    let kept = rules.filter { rule in
      rule.isTotal == isTotal && !change.removedRates.contains(slot)
        && !new.contains { ($0.rate.unit == .packets) == (rule.rate.unit == .packets) }
    }
    return kept + new
  }
}
