internal import CAegis
internal import Linux

extension PolicyList {
  /// The differences for these elements: first for each of them, then for entries that are removed.
  ///
  /// - Parameters:
  ///   - elements: Without duplicates.
  ///   - replacing: Whether all other entries are removed.
  ///   - made: The new conditions of an entry; nil removes it.
  func differences(
    of elements: some Collection<Element>, replacing: Bool = false,
    _ made: (Int, Policy.Conditions?) -> Policy.Conditions?
  ) throws(AegisError) -> [Plan.Difference<Element>] {
    var present = try replacing ? everything() : present(elements)
    let now = Clock.boottime()
    var reader = ConditionsReader(datapath)
    var differences: [Plan.Difference<Element>] = []
    differences.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      var before: Policy.Conditions?
      let entry =
        present.isEmpty
        ? nil : replacing ? present.removeValue(forKey: element) : present[element]
      if let entry, !entry.isExpired(at: now) { before = try reader.conditions(of: entry) }
      differences.append(Plan.Difference(element, from: before, to: made(index, before)))
    }
    if !replacing { return differences }
    for (element, entry) in present where !entry.isExpired(at: now) {
      differences.append(
        Plan.Difference(element, from: try reader.conditions(of: entry), to: nil))
    }
    return differences
  }

  private func everything() throws(AegisError) -> [Element: aegis_entry] {
    var all: [Element: aegis_entry] = [:]
    for (element, entry, _) in try list.all() { all[element] = entry }
    return all
  }

  /// The stored entries for these elements and maybe others, expired or not.
  private func present(
    _ elements: some Collection<Element>
  ) throws(AegisError) -> [Element: aegis_entry] {
    guard let first = elements.first.map(Self.home) else { return [:] }
    if elements.allSatisfy({ Self.home(of: $0) == first }) {
      return try list.present(elements, in: first)
    }
    var present: [Element: aegis_entry] = [:]
    for store in 0..<list.storeCount {
      let members = elements.lazy.filter { Self.home(of: $0) == store }
      if !members.isEmpty { present.merge(try list.present(members, in: store)) { $1 } }
    }
    return present
  }
}

extension DropList {
  /// The plan of a command for these drops.
  ///
  /// - Parameters:
  ///   - contents: Without duplicates.
  ///   - replacing: Whether only these are to be dropped.
  public func plan(
    putting contents: ListContents<Prefix>, _ edit: (ListTerms) -> EntryEdit,
    replacing: Bool = false
  ) throws(AegisError) -> ListPlan<Prefix> {
    let edits = contents.terms.map(edit)
    // Most entries are new, and their result does not depend on anything present.
    let fresh = edits.map { $0.made(of: nil) }
    let drops = try differences(of: contents.listed, replacing: replacing) { index, before in
      let number = Int(contents.entries[index].terms)
      return before == nil ? fresh[number] : edits[number].made(of: before)
    }
    return plan(drops, isWhole: replacing)
  }

  public func plan(removing contents: ListContents<Prefix>) throws(AegisError) -> ListPlan<Prefix> {
    plan(try differences(of: contents.listed) { _, _ in nil }, isWhole: false)
  }

  /// The plan of edits of some entries; nil removes an entry.
  ///
  /// - Parameter edits: Without duplicates.
  public func plan(
    making edits: [(element: Prefix, edit: EntryEdit?)]
  ) throws(AegisError) -> ListPlan<Prefix> {
    plan(
      try differences(of: edits.map(\.element)) { index, before in
        edits[index].edit?.made(of: before)
      }, isWhole: false)
  }

  /// The plan to remove entries from all lists that have them: from those of the other direction only if they are of
  /// one with a name.
  public static func plan(
    removing contents: ListContents<Prefix>, fromAllOf datapath: Datapath
  ) throws(AegisError) -> ListPlan<Prefix> {
    let lists = try ListTable(datapath).definitions()
    var gone: [[Plan.Difference<Prefix>]] = []
    let sides = try Direction.allCases.map { direction throws(AegisError) in
      let names = lists.filter { $0.value.directions.contains(direction) }.keys.sorted()
      var side = PolicyDifferences()
      for name in (direction == datapath.direction ? [.manual] : []) + names {
        let some = try DropList(datapath[direction], name).differences(of: contents.elements) {
          _, _ in nil
        }
        gone.append(some)
        side.drops.append((list: name, entries: some))
      }
      return side
    }
    // Each entry is reported once.
    let all = contents.elements.indices.map { index in
      (gone.first { $0[index].before != nil } ?? gone[0])[index]
    }
    return ListPlan(Plan(sides[0]).with(out: Plan(sides[1])), all)
  }

  private func plan(
    _ drops: [Plan.Difference<Prefix>], isWhole: Bool
  ) -> ListPlan<Prefix> {
    var differences = PolicyDifferences()
    if !drops.isEmpty { differences.drops = [(list: name, entries: drops)] }
    return ListPlan(Plan(differences, isWhole: isWhole), drops)
  }
}

extension KeyList {
  /// The plan of a command for these keys; an existing key with the other protection moves.
  ///
  /// - Parameter contents: Without duplicates.
  public func plan(
    putting contents: ListContents<AllowKey>, _ edit: (ListTerms) -> EntryEdit
  ) throws(AegisError) -> ListPlan<AllowKey> {
    let edits = contents.terms.map(edit)
    let wanted = contents.entries.map { entry in
      Policy.Key(entry.element, isProtected: edits[Int(entry.terms)].isProtected)
    }
    for key in wanted { try key.check() }
    let put = try differences(of: wanted) { index, before in
      edits[Int(contents.entries[index].terms)].made(of: before)
    }
    let moved = try differences(of: wanted.map(\.other)) { _, _ in nil }
    let actions = zip(put, moved).map { put, moved in
      moved.before == nil ? put.action : .updated
    }
    return try ListPlan(plan(put + moved), Self.ofBoth(put, moved), actions: actions)
  }

  public func plan(
    removing contents: ListContents<AllowKey>
  ) throws(AegisError) -> ListPlan<AllowKey> {
    let keys = contents.elements
    let places = try [true, false].map { isProtected throws(AegisError) in
      let places = keys.map { Policy.Key($0, isProtected: isProtected) }
      return try differences(of: places) { _, _ in nil }
    }
    return try ListPlan(plan(places[0] + places[1]), Self.ofBoth(places[0], places[1]))
  }

  /// The state of each key, wherever it is stored.
  private static func ofBoth(
    _ one: [Plan.Difference<Policy.Key>], _ other: [Plan.Difference<Policy.Key>]
  ) -> [Plan.Difference<AllowKey>] {
    zip(one, other).map { one, other in
      Plan.Difference(
        one.element.key, from: one.before ?? other.before, to: one.after ?? other.after)
    }
  }

  private func plan(_ keys: [Plan.Difference<Policy.Key>]) throws(AegisError) -> Plan {
    var differences = PolicyDifferences()
    differences.defaultAction = .init(try PolicyDefaults(datapath).defaultAction())
    differences.keys = keys
    return Plan(differences)
  }
}
