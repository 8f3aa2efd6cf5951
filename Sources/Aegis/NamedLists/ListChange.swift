internal import CAegis
internal import Linux

/// A change of a list and of its entries, in all directions that the list holds for.
public struct ListChange: Sendable {
  public let name: ListName
  /// nil if there is no such list yet.
  public let before: NamedList?
  /// What the list is to be.
  public var after: NamedList
  private let datapath: Datapath

  /// A change that only makes the list, if there is none.
  public init(of name: ListName, in datapath: Datapath) throws(AegisError) {
    self.name = name
    self.datapath = datapath
    before = try ListTable(datapath).definitions()[name]
    after = before ?? NamedList()
  }

  /// The plan for entries of the list.
  ///
  /// - Parameter make: Plans them for one direction. The result has its differences for one of them.
  public func plan(
    _ make: (DropList) throws(AegisError) -> ListPlan<Prefix>
  ) throws(AegisError) -> ListPlan<Prefix> {
    let directions = after.directions.all
    let made = try directions.map { direction throws(AegisError) in
      try make(DropList(planning: datapath[direction], name))
    }
    let sides = Direction.allCases.map { direction in
      directions.firstIndex(of: direction).map { made[$0].plan.differences.drops } ?? []
    }
    return ListPlan(plan(to: after, sides), made[0].differences)
  }

  /// The plan for the list with all its entries, which follow its direction.
  ///
  /// - Parameters:
  ///   - added: Entries to add, as they are if they are there.
  ///   - removed: Entries to remove.
  /// - Throws: `badInput` if a rule needs the list as it was.
  public func plan(adding added: [Prefix], removing removed: [Prefix]) throws(AegisError) -> Plan {
    try checkRules(after)
    let held = try held()
    var entries = before?.directions == .out ? held[1] : held[0]
    for prefix in added where entries[prefix] == nil { entries[prefix] = Policy.Conditions() }
    for prefix in removed { entries[prefix] = nil }
    return plan(from: held, to: after, with: entries)
  }

  /// The plan to remove the list with all its entries; it is empty if there is no such list.
  ///
  /// - Throws: `badInput` if a rule names the list.
  public func removal() throws(AegisError) -> Plan {
    try checkRules(nil)
    return plan(from: try held(), to: nil, with: [:])
  }

  /// Checks that no rule names the list of a direction in which it will not be a set.
  private func checkRules(_ after: NamedList?) throws(AegisError) {
    guard before?.action == NamedList.Action.none else { return }
    let sides = try datapath.views.filter { side in
      after?.action != NamedList.Action.none || after?.directions.contains(side.direction) != true
    }
    try RuleTable.checkFree("list \(name)", of: sides) { $0.listNames.contains(name) }
  }

  /// The entries of each direction.
  private func held() throws(AegisError) -> [[Prefix: Policy.Conditions]] {
    try Direction.allCases.map { direction throws(AegisError) in
      try DropList(planning: datapath[direction], name).held()
    }
  }

  private func plan(
    from held: [[Prefix: Policy.Conditions]], to after: NamedList?,
    with entries: [Prefix: Policy.Conditions]
  ) -> Plan {
    let sides = zip(Direction.allCases, held).map { direction, held in
      let isMeant = after?.directions.contains(direction) ?? false
      let changes = PolicyDifferences.differences(from: held, to: isMeant ? entries : [:])
      return changes.isEmpty ? [] : [(list: name, entries: changes)]
    }
    return plan(to: after, sides)
  }

  /// - Parameter sides: The entries that change, of each direction.
  private func plan(
    to after: NamedList?, _ sides: [[(list: ListName, entries: [Plan.Difference<Prefix>])]]
  ) -> Plan {
    let plans = sides.enumerated().map { index, drops in
      var differences = PolicyDifferences()
      differences.drops = drops
      if index == 0, before != after {
        differences.lists = [Plan.ListDifference(name, from: before, to: after)]
      }
      return Plan(differences)
    }
    return sides[1].isEmpty ? plans[0] : plans[0].with(out: plans[1])
  }
}
