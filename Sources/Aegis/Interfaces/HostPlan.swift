internal import BPF
internal import Linux

extension Interfaces {
  /// Attaches an interface as wanted, with the other port if it is a port of a wire. What is attached otherwise is
  /// detached only after everything that can be checked has been, and is attached again if the kernel refuses.
  public func attach(
    _ wanted: HostPlan.Attaching, in session: borrowing Session
  ) throws(AegisError) -> AttachOutcome {
    guard let name = wanted.profile else { return try attachAnyway(wanted, in: session) }
    var attaching = self
    let table = ProfileTable(datapath)
    // A dry run does not make the profiles of the same file.
    attaching.profile = try session.isDryRun ? table.numbers()[name] : table.find(name).number
    let outcome = try attaching.attachAnyway(wanted, in: session)
    let isTurned = try attaching.turn(wanted.names, in: session)
    return AttachOutcome(
      isChanged: outcome.isChanged || isTurned, mode: outcome.mode, warning: outcome.warning)
  }

  /// Gives interfaces that were attached before their profile.
  ///
  /// - Returns: Whether any had another one.
  private func turn(
    _ names: [String], in session: borrowing Session
  ) throws(AegisError) -> Bool {
    var isTurned = false
    let slots = try Slots(datapath)
    for one in try attachments() where names.contains(one.name) && !one.isElsewhere {
      guard one.profile != profile else { continue }
      isTurned = true
      guard !session.isDryRun,
        var interface = try slots.taken().first(where: { $0.slot == one.slot })?.interface
      else { continue }
      interface.profile = profile
      try slots.update(one.slot, to: interface)
    }
    return isTurned
  }

  private func attachAnyway(
    _ wanted: HostPlan.Attaching, in session: borrowing Session
  ) throws(AegisError) -> AttachOutcome {
    if case .impossible(let problem) = wanted.otherwise { throw AegisError(.badInput, problem) }
    let conflicts = wanted.otherwise == .keep ? [] : try attachments().filter(wanted.conflicts)
    if conflicts.isEmpty { return try attachOnly(wanted, in: session) }
    if wanted.otherwise == .refuse { throw Self.attachedOtherwise(conflicts[0], wanted) }
    try check(wanted, in: session)
    if session.isDryRun { return AttachOutcome(isChanged: true, mode: wanted.mode, warning: nil) }
    for conflict in conflicts { try detach(conflict, in: session) }
    do throws(AegisError) {
      return try attachOnly(wanted, in: session)
    } catch {
      throw restore(conflicts, after: error, in: session)
    }
  }

  private func attachOnly(
    _ wanted: HostPlan.Attaching, in session: borrowing Session
  ) throws(AegisError) -> AttachOutcome {
    if let wire = wanted.wire {
      if wanted.directions != .in {
        throw AegisError(
          .badInput,
          "\(wanted.name): the frames that a wire sends on pass nothing that is attached for out",
          hint: "both ports of a wire are attached for in")
      }
      return try attach(wanted.name, wire: wire, mode: wanted.mode, in: session)
    }
    guard wanted.directions.contains(.in) else {
      return try attach(wanted.name, .out, mode: wanted.mode, in: session)
    }
    let outcome = try attach(wanted.name, mode: wanted.mode, in: session)
    guard wanted.directions.contains(.out) else { return outcome }
    do throws(AegisError) {
      let out = try attach(wanted.name, .out, mode: .tc, in: session)
      return AttachOutcome(
        isChanged: outcome.isChanged || out.isChanged, mode: outcome.mode, warning: outcome.warning)
    } catch {
      // What was attached before stays.
      if outcome.isChanged, !session.isDryRun {
        _ = try? detach(wanted.name, .in, in: session)
      }
      throw error
    }
  }

  /// What would make attaching fail, as far as it can be told while something else is attached.
  private func check(
    _ wanted: HostPlan.Attaching, in session: borrowing Session
  ) throws(AegisError) {
    let own = Set(
      try attachments().filter { $0.isAttached && !$0.isElsewhere && $0.mode != .tc }.map(\.name))
    for name in wanted.names {
      guard let index = Interface.index(of: name) else { throw Self.noInterface(name) }
      try Self.requireReadable(name, mode: wanted.mode)
      let isByXDP = wanted.directions.contains(.in) && wanted.mode != .tc
      if isByXDP, !own.contains(name) { try refuseForeign(on: name, index) }
    }
    guard let wire = wanted.wire else { return }
    let errors = WireChecks(
      ports: [try WirePort.read(wanted.name), try WirePort.read(wire.peer)],
      ifDetached: wire.ifDetached, isNative: wanted.mode != .generic
    ).errors
    if !errors.isEmpty { throw AegisError(wire: wanted.names, errors) }
  }

  /// Attaches again what was detached in vain.
  private func restore(
    _ old: [Attachment], after error: AegisError, in session: borrowing Session
  ) -> AegisError {
    var done: Set<String> = []
    for attachment in old where attachment.isAttached && !done.contains(attachment.label) {
      let again = HostPlan.Attaching(attachment)
      done.formUnion(attachment.wire == nil ? [attachment.label] : again.names)
      do throws(AegisError) {
        _ = try attachOnly(again, in: session)
      } catch let second {
        return AegisError(
          error.kind,
          "\(error.message); \(attachment.name) is not attached any more: \(second.message)",
          hint: error.hint, log: error.log)
      }
    }
    return error
  }

  private static func attachedOtherwise(
    _ attachment: Attachment, _ wanted: HostPlan.Attaching
  ) -> AegisError {
    let name = attachment.name
    let other = wanted.names.first { $0 != name }
    let isSame = attachment.wire?.peer == other
    let now = isSame ? "attached in \(attachment.mode.rawValue) mode" : place(attachment.wire?.peer)
    let then = isSame ? "for \(wanted.mode.rawValue) mode" : place(other)
    return AegisError(
      .failed, "\(name) is \(now), but declared \(then)",
      hint: "aegisctl detach \(ShellWord(name)), or apply with --prune")
  }

  private static func place(_ peer: String?) -> String {
    peer.map { "as a port of a wire to \($0)" } ?? "without a wire"
  }

  /// Whether packets of all these interfaces, by their own names, go through the datapath as wanted.
  public func areAttached(_ wanted: [HostPlan.Attaching]) throws(AegisError) -> Bool {
    let here = try attachments().filter { $0.isAttached && $0.isDeclared && !$0.isElsewhere }
    let numbers = try ProfileTable(datapath).numbers()
    return wanted.allSatisfy { wanted in
      (wanted.profile == nil
        || here.contains {
          $0.name == wanted.name && $0.profile == wanted.profile.flatMap { numbers[$0] }
        })
        && wanted.directions.all.allSatisfy { direction in
          here.contains {
            $0.name == wanted.name && $0.direction == direction && $0.declaredWire == wanted.wire
          }
        }
    }
  }
}

/// The changes that bring a host to the state of its document, apart from the policy.
public struct HostPlan: Sendable {
  public struct Attaching: Sendable, Equatable {
    public let name: String
    /// For what comes in.
    public let mode: AttachMode
    /// The other port, if it is a port of a wire.
    public let wire: WireOptions?
    public let directions: Directions
    /// The profile of its packets; nil leaves it as it is: at first, the one in force.
    public let profile: ProfileName?
    /// What happens if it is attached otherwise.
    var otherwise = Otherwise.keep

    enum Otherwise: Sendable, Equatable {
      /// As on the command line: a plain interface stays a port of its wire.
      case keep
      /// It is an error.
      case refuse
      /// It is detached first.
      case replace
      /// It cannot be attached at all, for this reason.
      case impossible(String)
    }

    public init(
      name: String, mode: AttachMode, wire: WireOptions? = nil, directions: Directions = .in,
      profile: ProfileName? = nil
    ) {
      self.name = name
      self.mode = mode
      self.wire = wire
      self.directions = directions
      self.profile = profile
    }

    /// As it is attached.
    init(_ attachment: Attachment, mode: AttachMode? = nil) {
      self.init(
        name: attachment.name, mode: mode ?? attachment.mode, wire: attachment.declaredWire,
        directions: attachment.direction == .in ? .in : .out)
    }

    /// The interfaces that it attaches.
    public var names: [String] { [name] + (wire.map { [$0.peer] } ?? []) }

    /// Whether it is attached so.
    func isMet(by attached: [Attachment], _ numbers: [ProfileName: UInt32]) -> Bool {
      if let profile {
        // One that does not exist yet is met by none.
        guard let number = numbers[profile],
          attached.contains(where: { $0.name == name && $0.profile == number })
        else { return false }
      }
      return directions.all.allSatisfy { direction in
        attached.contains { other in
          other.name == name && other.direction == direction && wire == other.declaredWire
            && (direction == .out || mode == .auto || mode == other.mode)
        }
      }
    }

    /// Whether it attaches a direction of an interface.
    func attaches(_ other: Attachment) -> Bool {
      names.contains(other.name) && directions.contains(other.direction)
    }

    /// Whether one of its interfaces is attached so that it must be detached first.
    func conflicts(with other: Attachment) -> Bool {
      guard names.contains(other.name), !other.isElsewhere,
        other.isAttached || other.isDeclared || other.wire != nil
      else { return false }
      if other.direction == .out { return wire != nil }
      // A wire is in the way of what leaves, too.
      if !directions.contains(.in), other.wire == nil { return false }
      if other.wire?.peer != names.first(where: { $0 != other.name }) {
        return other.isAttached || other.wire != nil
      }
      return other.isAttached && mode != .auto && mode != other.mode
    }
  }

  /// Whether nothing is loaded yet.
  public let isLoading: Bool
  /// The capacity of the loaded datapath, or of the one that will be loaded.
  public let present: Capacity
  public let wanted: Capacity
  public let attaching: [Attaching]
  public let detaching: [Attachment]
  /// Interfaces that are declared by name but are not in this network namespace.
  public let missing: [String]
  /// Interfaces that are attached as declared.
  public let unchanged: Int

  /// Whether the new capacities require a replacement of the program.
  public var needsReplacement: Bool { !isLoading && present != wanted }

  /// - Parameters:
  ///   - datapath: nil if nothing is loaded.
  ///   - pruning: Whether to detach interfaces of this network namespace that are attached and not declared.
  public init(
    _ host: HostDeclaration, of datapath: Datapath?, pruning: Bool
  ) throws(AegisError) {
    isLoading = datapath == nil
    present = try datapath?.capacity() ?? host.capacities.applied(to: Capacity())
    wanted = host.capacities.applied(to: present)
    let attachments =
      try datapath.map { datapath throws(AegisError) in
        try Interfaces(datapath).attachments().filter { !$0.isElsewhere }
      } ?? []
    guard let interfaces = host.interfaces else {
      (attaching, detaching, missing, unchanged) = ([], [], [], 0)
      return
    }
    let numbers =
      try datapath.map { datapath throws(AegisError) in
        try ProfileTable(datapath).numbers()
      } ?? [:]
    let chosen = Choice(interfaces, otherwise: pruning ? .replace : .refuse)
    missing = chosen.missing
    let attached = attachments.filter { $0.isAttached && $0.isDeclared && !$0.isMoved }
    attaching = chosen.items.filter { wanted in
      if case .impossible = wanted.otherwise { return true }
      return !wanted.isMet(by: attached, numbers)
    }
    // A renamed interface must not lose its filter: the name in the document must be corrected first.
    detaching =
      pruning && missing.isEmpty
      ? attachments.filter { attachment in
        (attachment.isAttached || attachment.isDeclared)
          && !chosen.items.contains { $0.attaches(attachment) }
      } : []
    unchanged = chosen.items.count - attaching.count
  }
}

/// The interfaces of this network namespace that a document names, by their own names.
private struct Choice {
  private(set) var items: [HostPlan.Attaching] = []
  private(set) var missing: [String] = []
  private let all = Interfaces.names
  // A pattern never matches the loopback, nor, unless tc reads it, an interface without an Ethernet header.
  private let attachable = Interfaces.attachable.filter { $0 != "lo" }
  private let framed = Set(Interfaces.framed)
  /// The ports of all wires, which no pattern matches.
  private let ports: Set<String>
  private let otherwise: HostPlan.Attaching.Otherwise

  init(
    _ interfaces: [HostDeclaration.Interface], otherwise: HostPlan.Attaching.Otherwise
  ) {
    self.otherwise = otherwise
    ports = Set(
      interfaces.flatMap { one in
        one.wire.map { [one.name, $0.peer] }?.map(Interfaces.ownName) ?? []
      })
    for interface in interfaces {
      if interface.isPattern {
        let isByTraffic = interface.mode == .tc || interface.directions == .out
        for name in attachable where interface.matches(name) && !ports.contains(name) {
          if isByTraffic || framed.contains(name) { choose(name, interface) }
        }
        continue
      }
      let wire = interface.wire.map(Self.own)
      let names = [interface.name] + (interface.wire.map { [$0.peer] } ?? [])
      let lost = names.filter { !all.contains(Interfaces.ownName(of: $0)) }
      missing += lost
      if !lost.isEmpty { continue }
      let name = Interfaces.ownName(of: interface.name)
      if let wire, let problem = problem(name, wire) {
        append(name, interface, wire, .impossible(problem))
      } else {
        choose(name, interface, wire)
      }
    }
  }

  private mutating func choose(
    _ name: String, _ interface: HostDeclaration.Interface, _ wire: WireOptions? = nil
  ) {
    if items.contains(where: { $0.names.contains(name) }) { return }
    append(name, interface, wire, otherwise)
  }

  private mutating func append(
    _ name: String, _ interface: HostDeclaration.Interface, _ wire: WireOptions?,
    _ otherwise: HostPlan.Attaching.Otherwise
  ) {
    var item = HostPlan.Attaching(
      name: name, mode: interface.mode, wire: wire, directions: interface.directions,
      profile: interface.profile)
    item.otherwise = otherwise
    items.append(item)
  }

  /// What is wrong with a wire. A file may name one interface in two ways, which its reader cannot know.
  private func problem(_ name: String, _ wire: WireOptions) -> String? {
    let ports = [name, wire.peer]
    if let trusted = wire.trusted, !ports.contains(trusted) {
      return
        "\(trusted) is no port of the wire of \(name): trust \(ports.joined(separator: " or "))"
    }
    for port in ports {
      let other = items.first { $0.names.contains(port) }
      if let other, other.name != name || other.wire != wire {
        return "\(port) is declared twice, and is a port of a wire: \(other.name) or \(name)"
      }
    }
    return nil
  }

  /// The same wire, with the own names of its ports.
  private static func own(_ wire: WireOptions) -> WireOptions {
    WireOptions(
      peer: Interfaces.ownName(of: wire.peer), trusted: wire.trusted.map(Interfaces.ownName),
      ifDetached: wire.ifDetached, followsLink: wire.followsLink)
  }
}
