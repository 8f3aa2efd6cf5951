internal import BPF
internal import CAegis
internal import Linux

/// The interfaces whose packets go through the datapath: each direction has one pinned link, or a filter of tc.
public struct Interfaces: Sendable {
  let datapath: Datapath
  /// Whether to use filters of tc where there could be links. Tests set it: that is all that kernels before 6.6 have.
  var usesFilters = false
  /// The number of the profile of interfaces that are attached; nil leaves it as it is.
  var profile: UInt32?

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// What was found of a direction of an interface that has a slot.
  private struct Found {
    let slot: UInt32
    let interface: aegis_interface
    let direction: Direction
    /// nil if no link is pinned, or it is detached.
    let place: LinkPlace?
    /// The program of a filter; nil if there is none.
    let filtering: UInt32?

    var isAttached: Bool { place != nil || filtering != nil }
    var ifindex: UInt32 { place?.ifindex ?? interface.ifindex }
  }

  private func found() throws(AegisError) -> [Found] {
    let here = NetworkNamespace.currentInode()
    var all: [Found] = []
    for (slot, interface) in try Slots(datapath).taken() {
      let isHome = interface.netns == here
      for direction in Direction.allCases {
        var place: LinkPlace?
        for behind in direction == .in ? [nil, .in] : [Direction.out] where place == nil {
          let pin = behind.map { datapath.root.link(interface.ifindex, $0) }
          let link = try linkInfo(pin ?? datapath.root.link(interface.ifindex))
          guard let link, link.ifindex != 0 else { continue }
          place = LinkPlace(link, pin: interface.ifindex, isHome: isHome, behind)
        }
        let isKnown =
          interface[blockOf: direction] != AEGIS_BLOCK_OTHER || interface[modeOf: direction] != 0
        if !isKnown, place == nil { continue }
        let filter = TrafficLink(direction, of: interface.ifindex, at: datapath.root)
        all.append(
          Found(
            slot: slot, interface: interface, direction: direction, place: place,
            filtering: place == nil && isHome ? filter.filtering : nil))
      }
    }
    return all
  }

  /// All attached interfaces, and those that were attached and whose counters still exist, for each direction.
  public func attachments() throws(AegisError) -> [Attachment] {
    let here = NetworkNamespace.currentInode()
    let found = try found()
    let present = LinkPlace.here(found.compactMap(\.place)) { $0.isSeen }
    let names = Set(
      present.map(\.ifindex).compactMap(Interface.name)
        + found.filter { $0.filtering != nil }.compactMap { Interface.name(of: $0.ifindex) })
    let isHere = found.map { one in
      one.place.map(present.contains) ?? (one.interface.netns == here)
    }
    let known = found.indices.map { index in
      let one = found[index]
      // The record of a port names what must be undone, also when its link is gone.
      let isCurrent = isHere[index] && (one.isAttached || one.interface.peer != 0)
      let name = isCurrent ? Interface.name(of: one.ifindex) : nil
      return (interface: one.interface, name: name ?? CText.read(one.interface.name))
    }
    return found.indices.map { index in
      let (one, isHere) = (found[index], isHere[index])
      let (interface, name) = known[index]
      let isMoved =
        one.place != nil
        && (isHere != (interface.netns == here) || isHere && one.ifindex != interface.ifindex)
      return Attachment(
        name: name, ifindex: one.ifindex, direction: one.direction,
        mode: mode(of: one, on: one.isAttached && isHere ? one.ifindex : nil),
        isAttached: one.isAttached, isDeclared: interface[modeOf: one.direction] != 0,
        isElsewhere: !isHere, isMoved: isMoved,
        isReplaced: isMoved && !isHere && !names.contains(name) && Interface.index(of: name) != nil,
        wire: one.direction == .in ? WireEnd(interface, among: known) : nil,
        link: one.place?.id, program: one.place?.program ?? one.filtering,
        forwards: one.direction == .in && interface.flags & aegis_port_flag.forward != 0,
        slot: one.slot,
        isBare: interface.flags & aegis_port_flag.bare != 0, profile: interface.profile,
        block: interface[blockOf: one.direction], pin: interface.ifindex, home: interface.netns)
    }
  }

  /// Whether the datapath may be attached: pins of links exist, though their interfaces may be gone, or filters.
  var mayBeAttached: Bool {
    get throws(AegisError) {
      let pins = try kernel { () throws(SystemError) in try FileSystem.list(datapath.root.links) }
      if !pins.isEmpty { return true }
      return try Slots(datapath).taken().contains { _, interface in
        Direction.allCases.contains { interface[modeOf: $0] == AEGIS_MODE_TC }
      }
    }
  }

  /// The mode of what is attached, or the recorded one. A link whose detachment was interrupted has no record.
  private func mode(of found: Found, on ifindex: UInt32?) -> AttachMode {
    if found.direction == .out || found.place?.direction != nil || found.filtering != nil {
      return .tc
    }
    if let mode = AttachMode(recorded: found.interface.mode), found.place == nil || mode != .tc {
      return mode
    }
    guard let ifindex, let attached = try? XDPQuery.attached(to: ifindex) else { return .auto }
    return AttachMode(attached.mode)
  }

  /// The information about a pinned link; nil if there is none.
  private func linkInfo(
    _ path: String
  ) throws(AegisError) -> (id: UInt32, programID: UInt32, ifindex: UInt32)? {
    do {
      return try BPFLink(pinnedAt: path).info()
    } catch {
      if error.isAbsence { return nil }
      throw AegisError(error)
    }
  }

  /// Detaches the datapath from an interface, and from the other port of its wire. The counters continue when it is
  /// attached again.
  ///
  /// - Returns: The names of those that were attached, or were waiting to be attached again.
  public func detach(
    _ name: String, _ directions: Directions = .both, in session: borrowing Session
  ) throws(AegisError) -> [String] {
    let named = try attachments().filter { $0.name == name }
    let all = named.filter { directions.contains($0.direction) }
    let here = all.filter { !$0.isElsewhere }
    let chosen = here.isEmpty ? all.filter { !$0.isAttached } : here
    if chosen.isEmpty {
      let isHere = Interface.index(of: name) != nil
      // A plain name never refers to an interface of another network namespace.
      if let other = named.first(where: { $0.isGone || !isHere }) { throw Self.elsewhere(other) }
      if !isHere { throw Self.noInterface(name) }
      return []
    }
    // Of interfaces of this name, the one that is attached.
    let slot = (chosen.first(where: \.isAttached) ?? chosen.first)?.slot
    var names: [String] = []
    for attachment in chosen where attachment.slot == slot {
      for name in try detach(attachment, in: session) where !names.contains(name) {
        names.append(name)
      }
    }
    return names
  }

  /// - Returns: The names of those that were attached, or were waiting to be attached again.
  @discardableResult
  public func detach(
    _ attachment: Attachment, in session: borrowing Session
  ) throws(AegisError) -> [String] {
    let ports = attachment.wire == nil ? [attachment] : try attachments().wire(of: attachment)
    let names = ports.filter { $0.isAttached || $0.isDeclared }.map(\.name)
    for port in ports { try refuseFilter(elsewhere: port) }
    if session.isDryRun { return names }
    // This comes first, so that a call that is killed later leaves nothing for `repair` to restore.
    for port in ports { try retire(port) }
    for port in ports { try removeLink(of: port) }
    if attachment.wire != nil { try cut(ports) }
    for port in ports where port.direction == .in { try RelayHost.undo(port, of: datapath) }
    return names
  }

  /// A filter of another network namespace is out of reach, if that can be named.
  private func refuseFilter(elsewhere attachment: Attachment) throws(AegisError) {
    guard attachment.isElsewhere, !attachment.isAttached, attachment.isDeclared,
      attachment.mode == .tc, NetworkNamespace.path(of: attachment.home) != nil
    else { return }
    throw Self.elsewhere(attachment)
  }

  /// Detaches all interfaces, in every network namespace; what fails does not stop the others.
  ///
  /// - Returns: The names of those that were attached, or were waiting to be attached again.
  public func detachAll(
    _ directions: Directions = .both, in session: borrowing Session
  ) throws(AegisError) -> (names: [String], errors: [AegisError]) {
    var names: [String] = []
    var errors: [AegisError] = []
    var done: Set<UInt32> = []
    let all = try attachments().filter { directions.contains($0.direction) }
    for attachment in all where attachment.isAttached || attachment.isDeclared {
      if done.contains(attachment.slot) { continue }
      done.formUnion(all.wire(of: attachment).map(\.slot))
      do {
        let detached = try detach(attachment, in: session)
        names += detached.filter { attachment.direction == .in || !names.contains($0) }
      } catch {
        errors.append(error)
      }
    }
    return (names, errors)
  }

  func removeLink(of attachment: Attachment) throws(AegisError) {
    let root = datapath.root
    let pins =
      attachment.direction == .in
      ? [root.link(attachment.pin), root.link(attachment.pin, .in)]
      : [root.link(attachment.pin, .out)]
    do {
      for pin in pins {
        // Removing the last pin also detaches, but only after a delay.
        if try FileSystem.exists(pin), let link = try? BPFLink(pinnedAt: pin),
          try link.info().ifindex != 0
        {
          try link.detach()
        }
        _ = try FileSystem.remove(pin)
      }
    } catch {
      throw AegisError(error)
    }
    if attachment.isAttached, attachment.link == nil { try removeFilter(of: attachment) }
  }

  private func removeFilter(of attachment: Attachment) throws(AegisError) {
    let slots = try Slots(datapath)
    guard var interface = try slots.taken().first(where: { $0.slot == attachment.slot })?.interface
    else { return }
    let flags = interface.flags
    try kernel { () throws(SystemError) in
      try attachment.traffic(at: datapath.root).removeFilter(flags: flags)
    }
    // The filter of the other direction keeps the qdisc.
    let other = attachment.direction == .in ? Direction.out : .in
    let last = TrafficLink(other, of: attachment.ifindex, at: datapath.root).filtering == nil
    guard last, flags & aegis_port_flag.undoQueue != 0 else { return }
    interface.flags &= ~aegis_port_flag.undoQueue
    try slots.update(attachment.slot, to: interface)
  }

  /// Records that the interface is detached on purpose, and its current name for when it can no longer be queried.
  func retire(_ attachment: Attachment) throws(AegisError) {
    let slots = try Slots(datapath)
    let taken = try slots.taken().first { $0.slot == attachment.slot }
    guard var interface = taken?.interface else { return }
    interface[modeOf: attachment.direction] = 0
    if Direction.allCases.allSatisfy({ interface[modeOf: $0] == 0 }) { interface.profile = nil }
    CText.write(attachment.name, to: &interface.name)
    try slots.update(attachment.slot, to: interface)
  }

  /// Called after a replacement: moves every link to the program in force.
  func moveLinksToCurrentProgram() throws(AegisError) {
    let attachments = try attachments()
    for attachment in attachments where attachment.isAttached {
      try moveToCurrentProgram(attachment)
    }
    try WirePrograms.renew(for: attachments, of: datapath)
  }

  func moveToCurrentProgram(_ attachment: Attachment) throws(AegisError) {
    let program = try datapath.program(attachment.direction, attachment.mode)
    try kernel { () throws(SystemError) in
      guard let running = attachment.program, try running != program.info().id else { return }
      if attachment.mode == .tc {
        return try TrafficLink(attachment.direction, of: attachment.pin, at: datapath.root)
          .update(to: program, replacing: running)
      }
      guard let old = try datapath.root.program(running) else { return }
      try BPFLink(pinnedAt: datapath.root.link(attachment.pin))
        .update(to: program, replacing: old)
    }
  }

  private static func elsewhere(_ attachment: Attachment) -> AegisError {
    let name = attachment.name
    let path = attachment.isMoved ? nil : NetworkNamespace.path(of: attachment.home)
    return AegisError(
      .notLoaded,
      "\(name) is attached in another network namespace"
        + (attachment.isMoved ? ", where it was moved to" : ""),
      hint: "nsenter --net=\(path ?? "/run/netns/NAME") aegisctl detach \(ShellWord(name)),"
        + " or everything: aegisctl detach --all")
  }

  static func noInterface(_ name: String) -> AegisError {
    let known = Interface.all().map(\.name).filter { $0 != "lo" }.sorted()
    return AegisError(
      .notLoaded, "there is no interface \(name) in this network namespace",
      hint: known.isEmpty ? nil : "there are: \(known.joined(separator: ", "))")
  }
}

extension Interfaces {
  /// The names of all interfaces in the caller's network namespace.
  public static var names: [String] { Interface.all().map(\.name).sorted() }

  /// The interface's own name, if `name` is one of its alternative names; otherwise `name` itself.
  public static func ownName(of name: String) -> String { Interface.find(name)?.name ?? name }
}
