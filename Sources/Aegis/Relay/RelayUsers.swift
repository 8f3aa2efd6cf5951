internal import BPF
internal import CAegis
internal import Linux

/// The users of the relay.
public struct RelayUsers: Sendable {
  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath[.in]
  }

  /// Layouts before this one had none.
  private var exists: Bool {
    get throws(AegisError) {
      // Without settings the pins are damaged.
      _ = try Settings.read(datapath)
      return try datapath.root.has(datapath.pin(of: AEGIS_MAP_relay_user))
    }
  }

  private func names() throws(AegisError) -> BPFMap<aegis_relay_name, UInt32> {
    try datapath.map(AEGIS_MAP_relay_name)
  }

  /// All whose time has not passed, in order of name.
  public func all() throws(AegisError) -> [RelayUser] {
    guard try exists else { return [] }
    let table = try RelayTable(datapath)
    return try table.named().compactMap { RelayUser($0.name, at: $0.index, table[$0.index]) }
      .filter(\.isAlive).sorted { $0.name < $1.name }
  }

  /// nil if there is none of that name, or its time has passed.
  public func user(_ name: RelayName) throws(AegisError) -> RelayUser? {
    guard try exists else { return nil }
    let names = try names()
    let index = try kernel { () throws(SystemError) in try names.value(forKey: name.key) }
    guard let index = index.map(Int.init) else { return nil }
    let table = try RelayTable(datapath)
    guard index < table.count, let user = RelayUser(name, at: index, table[index]) else {
      return nil
    }
    return user.isAlive ? user : nil
  }

  /// How many there are, and how many there may be.
  public func fill() throws(AegisError) -> (used: Int, capacity: Int) {
    guard try exists else { return (0, 0) }
    let table = try RelayTable(datapath)
    return (table.alive, table.count)
  }

  /// What all users have sent and received, also those that were removed: it only grows, until the datapath is unloaded
  /// or gets room for another number of users.
  public func total() throws(AegisError) -> (forth: RelayUser.Counts, back: RelayUser.Counts) {
    guard try exists else { return (.init(packets: 0, bytes: 0), .init(packets: 0, bytes: 0)) }
    return try RelayTable(datapath).total()
  }

  /// - Throws: `badInput` if there are users that the settings have no address or port for.
  public func check(_ settings: RelaySettings) throws(AegisError) {
    let users = try all()
    let strays = users.filter { !settings.ports.contains($0.ownPort) }
    if let first = strays.first {
      throw AegisError(
        .badInput,
        "the range of ports does not have the port \(first.ownPort) of the user \(first.name)"
          + Self.others(strays.count),
        hint: "include it, or remove the user: aegisctl relay-user --remove \(first.name)")
    }
    let homeless = users.filter { settings.listen(like: $0.destination.address) == nil }
    if let first = homeless.first {
      throw AegisError(
        .badInput,
        "the relay would listen on no \(first.destination.familyName) address, and the user \(first.name) needs one"
          + Self.others(homeless.count),
        hint: "add one, or remove the user: aegisctl relay-user --remove \(first.name)")
    }
  }

  private static func others(_ count: Int) -> String {
    count > 1 ? ", and those of \(count - 1) more" : ""
  }
}

extension RelayUsers {
  /// Adds users, or changes those that exist.
  ///
  /// - Parameters:
  ///   - requests: Of different names.
  ///   - isReplacement: Whether to remove all others.
  /// - Throws: `badInput` for a destination that the relay cannot have, `failed` if there is no room, and `notLoaded` if
  ///   the relay is off and a user would get another destination; nothing has changed then.
  public func put(
    _ requests: [RelayUserRequest], isReplacement: Bool = false, in session: borrowing Session
  ) throws(AegisError) -> [Change<RelayName>] {
    let settings = try RelayStore(datapath).settings()
    let table = try RelayTable(datapath)
    let plan = try RelayPlan(requests, isReplacement: isReplacement, of: table, settings)
    if !session.isDryRun { try RelayEdit(table, datapath).run(plan) }
    return plan.changes
  }

  /// What `put` would change if the relay had other settings.
  ///
  /// - Parameter settings: nil if it were off.
  /// - Throws: As `put`.
  public func changes(
    putting requests: [RelayUserRequest], isReplacement: Bool, under settings: RelaySettings?
  ) throws(AegisError) -> [Change<RelayName>] {
    try RelayPlan(
      requests, isReplacement: isReplacement, of: RelayTable(datapath), settings
    ).changes
  }

  public func remove(
    _ names: [RelayName], in session: borrowing Session
  ) throws(AegisError) -> [Change<RelayName>] {
    let table = try RelayTable(datapath)
    let plan = try RelayPlan(removing: names, of: table)
    if !session.isDryRun { try RelayEdit(table, datapath).run(plan) }
    return plan.changes
  }
}

extension RelayUser {
  var isAlive: Bool { expires.map { $0 > Clock.boottime() } ?? true }
}

extension RelayEndpoint {
  var familyName: String {
    switch address {
    case .v4: "IPv4"
    case .v6: "IPv6"
    }
  }
}
