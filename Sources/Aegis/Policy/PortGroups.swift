internal import CAegis
internal import Linux

/// The several ports that rates are for. The datapath finds the groups of a port, and with the number of a group it looks
/// rates up as with a port.
struct PortGroups {
  private(set) var rows: [RuleSource.Row] = []

  static let most = RuleCompiler.most

  init() {}

  init(_ rows: [RuleSource.Row]) {
    self.rows = rows.filter { $0.group != nil }
  }

  /// Those in force.
  init(of datapath: Datapath) throws(AegisError) {
    self.init(try kernel { () throws(SystemError) in try RuleSet.portGroups.rows(datapath) })
  }

  func number(of port: RateSelector.Port) -> UInt16? {
    rows.first { $0.group == port }?.number
  }

  func port(of number: UInt16) -> RateSelector.Port? {
    rows.first { $0.number == number }?.group
  }

  /// Gives several ports a number. One port needs none.
  ///
  /// - Returns: Whether that was necessary.
  /// - Throws: `badInput` if there are too many.
  mutating func add(_ port: RateSelector.Port) throws(AegisError) -> Bool {
    if !port.isGroup || number(of: port) != nil { return false }
    guard rows.count < Self.most else {
      throw AegisError(
        .badInput, "there can be no more than \(Self.most) different sets of ports with rates")
    }
    let used = Set(rows.map(\.number))
    // A packet may still be judged by a group that goes; its number is not given away at once.
    let free = (1...UInt16(2 * Self.most)).first { !used.contains($0) } ?? 1
    rows.append(RuleSource.Row(port, number: free))
    // The first one that has a rate for a packet decides.
    rows.sort {
      let (one, other) = ($0.group!, $1.group!)
      let counts = (one.ports.numbers.count, other.ports.numbers.count)
      return counts.0 == counts.1 ? "\(one)" < "\(other)" : counts.0 < counts.1
    }
    return true
  }

  /// Gives the ports that get a rate numbers.
  ///
  /// - Returns: Whether any needed one.
  mutating func add(_ changes: [Plan.RateDifference]) throws(AegisError) -> Bool {
    var isChanged = false
    for change in changes where !change.after.isEmpty {
      if let port = change.selector.port, try add(port) { isChanged = true }
    }
    return isChanged
  }

  /// Leaves only those that rates are for.
  ///
  /// - Returns: Whether any is gone.
  mutating func keep(_ ports: Set<RateSelector.Port>) -> Bool {
    let before = rows.count
    rows.removeAll { !ports.contains($0.group!) }
    return rows.count < before
  }

  /// Those that have a rate after the changes.
  ///
  /// - Parameter rates: Those before them.
  private func left(by changes: [Plan.RateDifference], of rates: [RateRule]) -> PortGroups {
    var groups = Set(
      rates.map { PolicyDifferences.Group(selector: $0.selector, isTotal: $0.isTotal) })
    for change in changes {
      let group = PolicyDifferences.Group(selector: change.selector, isTotal: change.isTotal)
      if change.after.isEmpty { groups.remove(group) } else { groups.insert(group) }
    }
    var left = self
    _ = left.keep(Set(groups.compactMap(\.selector.port)))
    return left
  }

  /// Puts them into force.
  func store(_ datapath: Datapath) throws(AegisError) {
    try RuleSet.portGroups.replace(with: rows, of: datapath)
  }

  /// Checks that changes of rates can be made.
  ///
  /// - Throws: `badInput` if a port is then in too many groups, or the datapath cannot tell so many ports apart.
  static func check(
    _ changes: [Plan.RateDifference], of datapath: Datapath
  ) throws(AegisError) {
    var groups = try PortGroups(of: datapath)
    _ = try groups.add(changes)
    // While they are made, there are those before and those after.
    try RuleCompiler.check(groups.rows, datapath.direction)
    try groups.left(by: changes, of: RateTable(datapath).rules()).checkOverlaps()
  }

  /// Groups that may have the same port. While a policy takes the place of another one, those of both are in force.
  static let mostOfOnePort = Int(AEGIS_PORT_GROUPS) / 2

  private func checkOverlaps() throws(AegisError) {
    let groups = rows.compactMap(\.group)
    for group in groups {
      for range in group.ports.numbers.ranges {
        // Where most overlap, one of them begins.
        let port = range.lowerBound
        let sharing = groups.filter { $0.protocol == group.protocol && $0.ports.contains(port) }
        if sharing.count <= Self.mostOfOnePort { continue }
        throw AegisError(
          .badInput,
          """
          no port can be in more than \(Self.mostOfOnePort) rates of several ports, and \
          \(port)/\(group.protocol) is in \(sharing.map(\.description).joined(separator: ", "))
          """,
          hint: "for more, use rules: set-rule NAME --port PORTS --then limit --rate RATE")
      }
    }
  }
}
