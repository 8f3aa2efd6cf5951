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

  private var differences: PolicyDifferences {
    var differences = PolicyDifferences()
    if before != after { differences.lists = [Plan.ListDifference(name, from: before, to: after)] }
    return differences
  }

  /// The plan for entries of the list.
  ///
  /// - Parameter make: Plans them for one direction. The result has its differences for one of them.
  public func plan(
    _ make: (DropList) throws(AegisError) -> ListPlan<Prefix>
  ) throws(AegisError) -> ListPlan<Prefix> {
    var plan = Plan(differences)
    var entries: [Plan.Difference<Prefix>] = []
    for direction in after.directions.all.reversed() {
      let made = try make(DropList(planning: datapath[direction], name))
      entries = made.differences
      if direction == .out {
        plan = plan.with(out: made.plan)
      } else {
        var all = differences
        all.drops = made.plan.differences.drops
        let out = plan.out
        plan = Plan(all)
        if let out { plan = plan.with(out: out) }
      }
    }
    return ListPlan(plan, entries)
  }

  /// The plan for the list with all its entries, which follow its direction.
  ///
  /// - Parameters:
  ///   - added: Entries to add, as they are if they are there.
  ///   - removed: Entries to remove.
  public func plan(adding added: [Prefix], removing removed: [Prefix]) throws(AegisError) -> Plan {
    let held = try Dictionary(
      uniqueKeysWithValues: Direction.allCases.map { direction throws(AegisError) in
        let list = try DropList(planning: datapath[direction], name)
        return (direction, try list.held())
      })
    let source = before?.directions == .out ? held[.out] : held[.in]
    var entries = source ?? [:]
    for prefix in added where entries[prefix] == nil { entries[prefix] = Policy.Conditions() }
    for prefix in removed { entries[prefix] = nil }
    let sides = Direction.allCases.map { direction in
      var differences = PolicyDifferences()
      let changes = PolicyDifferences.differences(
        from: held[direction] ?? [:], to: after.directions.contains(direction) ? entries : [:])
      if !changes.isEmpty { differences.drops = [(list: name, entries: changes)] }
      if direction == .in { differences.lists = self.differences.lists }
      return differences
    }
    let plan = Plan(sides[0])
    return sides[1].drops.isEmpty ? plan : plan.with(out: Plan(sides[1]))
  }

  /// The plan to remove the list with all its entries.
  public static func removal(
    of name: ListName, from datapath: Datapath
  ) throws(AegisError) -> Plan {
    var change = try ListChange(of: name, in: datapath)
    guard let before = change.before else { throw .noList(name) }
    change.after = before
    let entries = try Direction.allCases.map { direction throws(AegisError) in
      try DropList(datapath[direction], name).held().map {
        Plan.Difference($0.key, from: $0.value, to: nil)
      }
    }
    var sides = entries.map { entries in
      var differences = PolicyDifferences()
      if !entries.isEmpty { differences.drops = [(list: name, entries: entries)] }
      return differences
    }
    sides[0].lists = [Plan.ListDifference(name, from: before, to: nil)]
    let plan = Plan(sides[0])
    return sides[1].drops.isEmpty ? plan : plan.with(out: Plan(sides[1]))
  }
}
