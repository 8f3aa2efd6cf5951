internal import BPF
internal import CAegis
internal import Linux

/// What the relay needs of the host: interfaces that forward, and next hops that the kernel knows. An operator names
/// the interfaces whose settings Aegis may change; what is changed is recorded, and undone when the relay is off.
public struct RelayHost {
  /// What is missing.
  enum Change {
    /// Its settings are kept from now on, or no longer.
    case keep(Attachment)
    case leave(Attachment)
    case set(Interface.Setting, RelayFacts.Port)
    case add(NextHops.Hop, interface: String)
    case remove(NextHops.Hop, interface: String)
  }

  private let datapath: Datapath
  private let listen: [IPAddress]
  private let destinations: [IPAddress]

  /// - Parameters:
  ///   - listen: Where clients send to: at most one address of each family.
  ///   - destinations: Of users; each may come more than once.
  public init(
    _ datapath: Datapath, listen: [IPAddress], destinations: some Sequence<IPAddress>
  ) {
    self.datapath = datapath
    self.listen = listen
    self.destinations = Array(destinations)
  }

  /// For the users that there are.
  public init(_ datapath: Datapath, _ settings: RelaySettings) throws(AegisError) {
    self.init(
      datapath, listen: settings.listen.map(\.address),
      destinations: try RelayUsers(datapath).all().map(\.destination.address))
  }

  /// The interfaces of this network namespace that are kept as the relay needs them, sorted.
  public static func interfaces(of datapath: Datapath) throws(AegisError) -> [String] {
    try Interfaces(datapath).attachments().filter { $0.forwards && !$0.isElsewhere }.map(\.name)
      .sorted()
  }

  /// Reads the interfaces to prepare: `none` alone is no interface.
  public static func interfaces(named words: [String]) throws(InputError) -> [String] {
    if words == ["none"] { return [] }
    if words.contains("none") { throw InputError("none", "goes with no interface") }
    return words
  }

  /// Sets what the relay needs of interfaces, adds what is missing of their next hops, and undoes it for others.
  ///
  /// - Parameters:
  ///   - names: The interfaces, or nil for those that were given before.
  ///   - prunes: Whether neighbours are removed that lead to no destination: not if only some were given.
  /// - Returns: What was changed, or in a dry run would be, each as a clause.
  /// - Throws: `notLoaded` for an interface that is not attached; `badInput` for one that the relay does not work on.
  @discardableResult
  public func prepare(
    _ names: [String]? = nil, prunes: Bool = true, in session: borrowing Session
  ) throws(AegisError) -> [String] {
    let attachments = try Interfaces(datapath).attachments()
    let ports = try names?.map { name throws(AegisError) in try Self.port(name, attachments) }
    let changes = try changes(ports, attachments, prunes: prunes)
    if session.isDryRun { return changes.map(\.text) }
    for change in changes { try perform(change) }
    if changes.contains(where: { if case .add = $0 { true } else { false } }) {
      try requireManagement()
    }
    return changes.map(\.text)
  }

  /// Adds the next hops of new destinations on the interfaces that are prepared for the relay. That users are there
  /// matters more than that it succeeds, and `repair` tries again.
  public static func reach(
    _ destinations: [IPAddress], of datapath: Datapath, in session: borrowing Session
  ) throws(AegisError) {
    guard let settings = try RelayStore(datapath).settings() else { return }
    let host = RelayHost(
      datapath, listen: settings.listen.map(\.address), destinations: destinations)
    do throws(AegisError) {
      try host.prepare(prunes: false, in: session)
    } catch {
      Notice.give("destinations may be out of reach: \(error.message)")
    }
  }

  /// What keeps packets from being relayed. It changes nothing.
  public func check() throws(AegisError) -> [Finding] {
    RelayChecks(facts: try facts(Interfaces(datapath).attachments())).findings
  }

  /// What `prepare` would change, each as a clause.
  func faults() throws(AegisError) -> [String] {
    try changes(nil, Interfaces(datapath).attachments(), prunes: true).map(\.text)
  }

  /// Restores the settings of all interfaces. Those in other network namespaces stay.
  ///
  /// - Returns: What was changed, or in a dry run would be, each as a clause.
  @discardableResult
  public static func undo(
    _ datapath: Datapath, in session: borrowing Session
  ) throws(AegisError) -> [String] {
    var changes: [String] = []
    for port in try Interfaces(datapath).attachments() where port.direction == .in {
      let isChanged = try session.isDryRun ? port.forwards : undo(port, of: datapath)
      if isChanged { changes.append(Change.leave(port).text) }
    }
    return changes
  }

  private static func port(
    _ name: String, _ attachments: [Attachment]
  ) throws(AegisError) -> Attachment {
    guard let index = Interface.index(of: name) else { throw Interfaces.noInterface(name) }
    let found = attachments.first {
      $0.ifindex == index && $0.direction == .in && !$0.isElsewhere && $0.isAttached
    }
    guard let found else { throw AegisError.notAttached(name) }
    if found.wire != nil {
      throw AegisError(
        .badInput, "\(name) is a port of a wire, and what a wire passes on is never relayed")
    }
    if found.mode == .tc {
      throw AegisError(
        .badInput, "\(name) is attached by tc, and the relay works in XDP only",
        hint:
          "aegisctl detach \(ShellWord(name)) --direction in && aegisctl attach \(ShellWord(name)) --mode native"
      )
    }
    return found
  }

  private func facts(_ attachments: [Attachment]) throws(AegisError) -> RelayFacts {
    try kernel { () throws(SystemError) in
      try RelayFacts.read(attachments, listen: listen, destinations: destinations)
    }
  }

  private func changes(
    _ wanted: [Attachment]?, _ attachments: [Attachment], prunes: Bool
  ) throws(AegisError) -> [Change] {
    let present = attachments.filter { $0.forwards && !$0.isElsewhere }
    let kept = wanted ?? present.filter(\.isAttached)
    if kept.isEmpty, present.isEmpty { return [] }
    let facts = try facts(attachments)
    let indexes = Set(kept.map(\.ifindex))
    var changes = kept.filter { !$0.forwards }.map(Change.keep)
    if wanted != nil {
      changes += present.filter { !indexes.contains($0.ifindex) }.map(Change.leave)
    }
    for port in facts.ports where indexes.contains(port.ifindex) {
      for setting in port.wrong {
        if setting == .forwardsIPv6, !facts.learning.isEmpty { throw Self.losesRoutes(facts) }
        changes.append(.set(setting, port))
      }
    }
    changes += facts.hops.filter {
      indexes.contains($0.hop.ifindex) && $0.neighbour?.isKept != true
    }
    .map { .add($0.hop, interface: facts.name($0.hop.ifindex)) }
    if prunes {
      changes += facts.stale.filter { indexes.contains($0.ifindex) }
        .map { .remove($0, interface: facts.name($0.ifindex)) }
    }
    return changes
  }

  private static func losesRoutes(_ facts: RelayFacts) -> AegisError {
    AegisError(
      .failed,
      "IPv6 forwarding would remove the default route that a router advertises on \(facts.learning.joined(separator: " and "))",
      hint: "let it learn all the same: " + facts.keepRoutes)
  }

  private func perform(_ change: Change) throws(AegisError) {
    switch change {
    case .keep(let port): try mark(port.ifindex, aegis_port_flag.forward)
    case .leave(let port): try Self.undo(port, of: datapath)
    case .set(let setting, let port):
      // The record comes first: what is changed must be known to whoever undoes it.
      let isAlone = try kernel { () throws(SystemError) in
        try setting.isNeeded ? Interface.isOn(setting, of: "all") ?? false : false
      }
      try mark(port.ifindex, setting.undo | (isAlone ? setting.alone : 0))
      try kernel { () throws(SystemError) in
        try Interface.set(setting, setting.isNeeded, of: port.name)
      }
    case .add(let hop, _):
      try kernel { () throws(SystemError) in try ManagedNeighbours.add(hop) }
    case .remove(let hop, _):
      try kernel { () throws(SystemError) in try ManagedNeighbours.remove(hop) }
    }
  }

  private func mark(_ ifindex: UInt32, _ flags: UInt32) throws(AegisError) {
    let slots = try Slots(datapath)
    let here = NetworkNamespace.currentInode()
    let found = try slots.taken().first {
      $0.interface.ifindex == ifindex && $0.interface.netns == here
    }
    guard let found else {
      throw AegisError.notAttached(Interface.description(of: ifindex))
    }
    var interface = found.interface
    interface.flags |= flags
    try slots.update(found.slot, to: interface)
  }

  /// Older kernels make entries that they forget.
  private func requireManagement() throws(AegisError) {
    let ours = try kernel { () throws(SystemError) in try ManagedNeighbours.all() }
      .filter(\.isOurs)
    guard let forgotten = ours.first(where: { !$0.isKept }) else { return }
    try kernel { () throws(SystemError) in try ManagedNeighbours.remove(forgotten.hop) }
    throw AegisError(
      .kernelRefused, "this kernel does not keep the neighbours of the relay (Linux 5.16 does)",
      hint: "add them by hand: ip neigh replace ADDRESS lladdr MAC dev NAME nud permanent")
  }

  /// Restores the settings of one interface, and removes its neighbours. What cannot be undone here stays recorded for
  /// `repair`.
  ///
  /// - Returns: Whether there was anything to restore.
  @discardableResult
  static func undo(_ port: Attachment, of datapath: Datapath) throws(AegisError) -> Bool {
    let slots = try Slots(datapath)
    guard var interface = try slots.taken().first(where: { $0.slot == port.slot })?.interface,
      interface.flags & aegis_port_flag.relay != 0
    else { return false }
    interface.flags &= ~aegis_port_flag.forward
    if port.isElsewhere, !port.isMoved {
      Notice.give(
        "the settings of \(port.name) are restored by 'aegisctl repair' in its network namespace")
    } else {
      // An interface that was moved has other settings since.
      if !port.isMoved, let name = Interface.name(of: port.ifindex) {
        try kernel { () throws(SystemError) in
          for neighbour in try ManagedNeighbours.all()
          where neighbour.isOurs && neighbour.hop.ifindex == port.ifindex {
            try ManagedNeighbours.remove(neighbour.hop)
          }
          for setting in Interface.Setting.allCases { try setting.restore(name, interface.flags) }
        }
      }
      interface.flags &= ~aegis_port_flag.relay
    }
    try slots.update(port.slot, to: interface)
    return true
  }
}
