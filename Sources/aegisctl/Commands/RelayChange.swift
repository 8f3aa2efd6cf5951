import Aegis

/// The relay as files declare it: its settings, its users, and the interfaces that are prepared for it.
struct RelayChange {
  /// What changes of the settings, and of the users.
  let items: [PlanReport.Item]
  let userItems: [PlanReport.Item]
  /// How many of the declared things are in place.
  let unchanged: Int
  /// How many users the files do not name, and that stay.
  let remaining: Int

  private let declared: HostDeclaration.Relay?
  private let users: [RelayUserRequest]?
  private let prunes: Bool
  /// What will be in force; nil if the relay is off.
  private let settings: RelaySettings?

  var isChanged: Bool { !items.isEmpty || !userItems.isEmpty }

  /// Reads the key file, and checks everything that can be checked before something is changed.
  ///
  /// - Parameters:
  ///   - datapath: nil if nothing is loaded yet.
  ///   - prunes: Whether users that the files do not name are removed.
  init(_ wanted: Declaration, of datapath: Datapath?, pruning prunes: Bool) throws {
    declared = wanted.host?.relay
    users = wanted.users
    self.prunes = prunes
    let present = try datapath.map { try RelayStore($0).settings() } ?? nil
    let settings = try declared.map { try $0.settings(replacing: present) } ?? present
    self.settings = settings
    if let declared {
      items = try Self.items(from: present, to: settings, declared.forward, of: datapath)
      if let datapath, let settings { try RelayUsers(datapath).check(settings) }
    } else {
      items = []
    }
    let inPlace = declared != nil && items.isEmpty ? 1 : 0
    guard let users else {
      (userItems, unchanged, remaining) = ([], inPlace, 0)
      return
    }
    let held = try datapath.map { try RelayUsers($0).all() } ?? []
    let changes =
      try datapath.map {
        try RelayUsers($0).changes(putting: users, isReplacement: prunes, under: settings)
      } ?? users.map { Change($0.name, .added) }
    userItems = Self.items(changes, from: held, to: users)
    unchanged = inPlace + changes.count { $0.action == .unchanged }
    let named = Set(users.map(\.name))
    remaining = prunes ? 0 : held.count { !named.contains($0.name) }
  }

  private static func items(
    from present: RelaySettings?, to settings: RelaySettings?, _ forward: [String]?,
    of datapath: Datapath?
  ) throws -> [PlanReport.Item] {
    var items: [PlanReport.Item] = []
    if present != settings,
      let action = Plan.Item.Action(isBefore: present != nil, isAfter: settings != nil)
    {
      items.append(
        .init(
          part: "relay", name: "", action: action.rawValue, before: present?.description,
          now: settings?.description))
    }
    let before = try datapath.map { try RelayHost.interfaces(of: $0) } ?? []
    let now = settings == nil ? [] : forward.map { $0.map(Interfaces.ownName).sorted() } ?? before
    if before != now,
      let action = Plan.Item.Action(isBefore: !before.isEmpty, isAfter: !now.isEmpty)
    {
      items.append(
        .init(
          part: "relay", name: "forward", action: action.rawValue,
          before: before.isEmpty ? nil : before.joined(separator: ", "),
          now: now.isEmpty ? nil : now.joined(separator: ", ")))
    }
    return items
  }

  private static func items(
    _ changes: [Change<RelayName>], from held: [RelayUser], to requests: [RelayUserRequest]
  ) -> [PlanReport.Item] {
    let before = Dictionary(held.map { ($0.name, $0.terms) }) { $1 }
    let now = Dictionary(requests.map { ($0.name, $0.terms) }) { $1 }
    return changes.filter { $0.action != .unchanged }.sorted { $0.element < $1.element }
      .compactMap { change in
        let name = change.element
        return Plan.Item.Action(isBefore: change.action != .added, isAfter: now[name] != nil).map {
          PlanReport.Item(
            part: "user", name: name.text, action: $0.rawValue, before: before[name],
            now: now[name])
        }
      }
  }

  /// Switches the relay on or off, or changes its settings.
  func makeSettings(on datapath: Datapath, in session: borrowing Session) throws {
    if declared == nil { return }
    let store = RelayStore(datapath)
    if let settings {
      _ = try store.set(settings, in: session)
    } else {
      _ = try store.remove(in: session)
      try RelayHost.undo(datapath, in: session)
    }
  }

  func makeUsers(on datapath: Datapath, in session: borrowing Session) throws {
    // All was checked before, and in a dry run the settings are still others.
    guard let users, !userItems.isEmpty, !session.isDryRun else { return }
    _ = try RelayUsers(datapath).put(users, isReplacement: prunes, in: session)
  }

  /// Prepares the interfaces, which must be attached, and finds the next hops of new destinations.
  ///
  /// - Parameter skipsMissing: Whether interfaces that do not exist are left out.
  func prepare(
    on datapath: Datapath, skipsMissing: Bool, in session: borrowing Session
  ) throws {
    if let declared {
      try Self.prepare(declared, on: datapath, skipsMissing: skipsMissing, in: session)
    } else if let users, !session.isDryRun {
      try RelayHost.reach(users.map(\.destination.address), of: datapath, in: session)
    }
  }

  static func prepare(
    _ declared: HostDeclaration.Relay, on datapath: Datapath, skipsMissing: Bool,
    in session: borrowing Session
  ) throws {
    // What is not attached yet cannot be prepared, not even for show.
    if session.isDryRun { return }
    guard let settings = try RelayStore(datapath).settings() else { return }
    var names = declared.forward?.map(Interfaces.ownName).uniqued()
    if skipsMissing {
      let all = Interfaces.names
      names = names?.filter(all.contains)
    }
    try RelayHost(datapath, settings).prepare(names, in: session)
  }
}
