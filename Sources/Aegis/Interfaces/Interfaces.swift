internal import BPF
internal import CAegis
internal import Linux

/// The interfaces whose packets go through the datapath: each has one pinned link.
public struct Interfaces: Sendable {
  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// All attached interfaces, and those that were attached and whose counters still exist.
  public func attachments() throws(AegisError) -> [Attachment] {
    let here = NetworkNamespace.currentInode()
    let taken = try Slots(datapath).taken()
    let links = try taken.map { _, interface throws(AegisError) in
      try linkInfo(interface.ifindex).flatMap { link in
        link.ifindex == 0
          ? nil : LinkPlace(link, pin: interface.ifindex, isHome: interface.netns == here)
      }
    }
    let present = LinkPlace.here(links.compactMap(\.self)) { index, program in
      (try? XDPQuery.attached(to: index))?.programID == program
    }
    let names = Set(present.compactMap { Interface.name(of: $0.ifindex) })
    let isHere = zip(taken, links).map { taken, link in
      link.map(present.contains) ?? (taken.interface.netns == here)
    }
    let known = taken.indices.map { index in
      let (interface, link) = (taken[index].interface, links[index])
      // The record of a port names what must be undone, also when its link is gone.
      let isCurrent = isHere[index] && (link != nil || interface.peer != 0)
      let name = isCurrent ? Interface.name(of: link?.ifindex ?? interface.ifindex) : nil
      return (interface: interface, name: name ?? CText.read(interface.name))
    }
    return taken.indices.map { index in
      let (slot, link, isHere) = (taken[index].slot, links[index], isHere[index])
      let (interface, name) = known[index]
      let now = link?.ifindex ?? interface.ifindex
      let isMoved =
        link != nil && (isHere != (interface.netns == here) || isHere && now != interface.ifindex)
      return Attachment(
        name: name, ifindex: now, mode: mode(of: interface, on: link != nil && isHere ? now : nil),
        isAttached: link != nil, isDeclared: interface.mode != 0, isElsewhere: !isHere,
        isMoved: isMoved,
        isReplaced: isMoved && !isHere && !names.contains(name) && Interface.index(of: name) != nil,
        wire: WireEnd(interface, among: known),
        link: link?.id, program: link?.program, slot: slot, block: interface.block,
        pin: interface.ifindex,
        home: interface.netns)
    }
  }

  /// Whether the datapath may be attached: pins of links exist, though their interfaces may be gone.
  var mayBeAttached: Bool {
    get throws(AegisError) {
      try !kernel { () throws(SystemError) in try FileSystem.list(datapath.root.links) }.isEmpty
    }
  }

  /// The recorded mode. A link whose detachment was interrupted has no record.
  private func mode(of interface: aegis_interface, on ifindex: UInt32?) -> AttachMode {
    if let mode = XDPMode(rawValue: interface.mode) { return AttachMode(mode) }
    guard let ifindex, let found = try? XDPQuery.attached(to: ifindex) else { return .auto }
    return AttachMode(found.mode)
  }

  /// The information about the pinned link; nil if there is none.
  private func linkInfo(
    _ ifindex: UInt32
  ) throws(AegisError) -> (id: UInt32, programID: UInt32, ifindex: UInt32)? {
    do {
      return try BPFLink(pinnedAt: datapath.root.link(ifindex)).info()
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
    _ name: String, in session: borrowing Session
  ) throws(AegisError) -> [String] {
    let all = try attachments().filter { $0.name == name }
    let here = all.filter { !$0.isElsewhere }
    let idle = all.first { !$0.isAttached }
    guard let attachment = here.first(where: \.isAttached) ?? here.first ?? idle else {
      let isHere = Interface.index(of: name) != nil
      // A plain name never refers to an interface of another network namespace.
      if let other = all.first(where: { $0.isGone || !isHere }) { throw Self.elsewhere(other) }
      if !isHere { throw Self.noInterface(name) }
      return []
    }
    return try detach(attachment, in: session)
  }

  /// - Returns: The names of those that were attached, or were waiting to be attached again.
  @discardableResult
  public func detach(
    _ attachment: Attachment, in session: borrowing Session
  ) throws(AegisError) -> [String] {
    let ports = attachment.wire == nil ? [attachment] : try attachments().wire(of: attachment)
    let names = ports.filter { $0.isAttached || $0.isDeclared }.map(\.name)
    if session.isDryRun { return names }
    // This comes first, so that a call that is killed later leaves nothing for `repair` to restore.
    for port in ports { try retire(port) }
    for port in ports { try removeLink(of: port) }
    if attachment.wire != nil { try cut(ports) }
    return names
  }

  /// Detaches all interfaces, in every network namespace; what fails does not stop the others.
  ///
  /// - Returns: The names of those that were attached, or were waiting to be attached again.
  public func detachAll(
    in session: borrowing Session
  ) throws(AegisError) -> (names: [String], errors: [AegisError]) {
    var names: [String] = []
    var errors: [AegisError] = []
    var done: Set<UInt32> = []
    let all = try attachments()
    for attachment in all where attachment.isAttached || attachment.isDeclared {
      if done.contains(attachment.slot) { continue }
      done.formUnion(all.wire(of: attachment).map(\.slot))
      do {
        names += try detach(attachment, in: session)
      } catch {
        errors.append(error)
      }
    }
    return (names, errors)
  }

  func removeLink(of attachment: Attachment) throws(AegisError) {
    let pin = datapath.root.link(attachment.pin)
    do {
      // Removing the last pin also detaches, but only after a delay.
      if attachment.isAttached { try BPFLink(pinnedAt: pin).detach() }
      _ = try FileSystem.remove(pin)
    } catch {
      throw AegisError(error)
    }
  }

  /// Records that the interface is detached on purpose, and its current name for when it can no longer be queried.
  func retire(_ attachment: Attachment) throws(AegisError) {
    let slots = try Slots(datapath)
    let taken = try slots.taken().first { $0.slot == attachment.slot }
    guard var interface = taken?.interface else { return }
    interface.mode = 0
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
    let program = try datapath.program()
    try kernel { () throws(SystemError) in
      guard let running = attachment.program, try running != program.info().id,
        let old = try BPFProgram.open(id: running)
      else { return }
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
