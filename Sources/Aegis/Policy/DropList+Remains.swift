internal import CAegis
internal import Linux

/// What still drops packets of a source that should no longer be dropped.
public enum DropRemains: Sendable {
  /// This entry of this list contains the source, or is for just that.
  case within(Prefix, ListName)
  /// The source itself was not on the list, but these in it are.
  case inside([Prefix])
}

extension DropList {
  /// Which of the removed sources are still dropped, and by what.
  ///
  /// - Parameter made: Whether the changes are already made, or only planned.
  public func remains(
    after made: ListPlan<Prefix>
  ) throws(AegisError) -> [(source: Prefix, remains: DropRemains)] {
    let changes = made.changes
    let gone = Set(changes.lazy.filter { $0.action == .removed }.map(\.element))
    let policy = try HostDatapath(over: datapath)
    _ = try policy.lay(made.plan.steps)
    let now = Clock.boottime()
    let (rules, names) = (try policy.listRules(), try ListTable(datapath).names())
    let tables = try [false, true].map { isIPv6 throws(AegisError) in
      try policy.drops(isIPv6: isIPv6).map { table in
        // For a few it is faster to look for all.
        (table, changes.count > 1000 ? table.lengths : (0...(isIPv6 ? 128 : 32)).reversed())
      }
    }
    var inside: SortedPrefixes?
    var all: [(source: Prefix, remains: DropRemains)] = []
    for change in changes {
      let source = change.element
      if let (table, lengths) = tables[Self.home(of: source)],
        let decides = table.decides(on: source, at: now, rules, among: lengths)
      {
        all.append((source, .within(decides.prefix, names[decides.list] ?? .manual)))
      } else if change.action == .unchanged, !source.isHost {
        if inside == nil { inside = SortedPrefixes(try enforced().filter { !gone.contains($0) }) }
        let found = inside?.within(source) ?? []
        if !found.isEmpty { all.append((source, .inside(found))) }
      }
    }
    return all
  }

  private func enforced() throws(AegisError) -> [Prefix] {
    let now = Clock.boottime()
    return try list.all().filter { !$0.entry.isExpired(at: now) && !$0.entry.isMonitored }
      .map(\.element)
  }
}

extension KeyList {
  /// For keys that were to be removed but do not exist: the keys that let in all of the same packets, and those of the
  /// same source that let in some of them.
  ///
  /// - Parameter changes: The outcome for each key, or the planned one.
  public func near(
    _ changes: some Collection<Change<AllowKey>>
  ) throws(AegisError) -> [(key: AllowKey, others: [AllowKey])] {
    let missing = changes.filter { $0.action == .unchanged }.map(\.element)
    if missing.isEmpty { return [] }
    let gone = Set(changes.lazy.filter { $0.action == .removed }.map(\.element))
    let present = try entries().map(\.element).filter { !gone.contains($0) }
    return missing.map { key in (key, present.filter { $0.isNear(key) }) }.filter {
      !$0.others.isEmpty
    }
  }
}

extension AllowKey {
  fileprivate func isNear(_ other: AllowKey) -> Bool {
    guard overlaps(other) else { return false }
    if source == other.source { return true }
    return covers(other)
  }
}
