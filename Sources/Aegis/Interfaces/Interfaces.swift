internal import BPF
internal import CAegis

/// The interfaces whose packets go through the datapath: one pinned link each.
public struct Interfaces: Sendable {
  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// All that it is attached to, and those it was attached to whose counters are still there.
  public func attachments() throws(AegisError) -> [Attachment] {
    let here = NetworkNamespace.currentInode()
    let slots = try Slots(datapath)
    return try slots.taken().map { slot, interface throws(AegisError) in
      let link = try linkInfo(interface.ifindex)
      let isAttached = link.map { $0.ifindex != 0 } ?? false
      let isElsewhere = interface.netns != here
      let seen = isAttached && !isElsewhere ? Interface.name(of: interface.ifindex) : nil
      return Attachment(
        name: seen ?? CText.read(interface.name), ifindex: interface.ifindex,
        mode: mode(of: interface, isAttached: isAttached && !isElsewhere),
        isAttached: isAttached, isDeclared: interface.mode != 0, isElsewhere: isElsewhere,
        link: isAttached ? link?.id : nil,
        program: isAttached ? link?.programID : nil, slot: slot)
    }
  }

  /// Whether packets of all of these, by their own names, go through it, and are meant to.
  public func areAttached(_ names: [String]) throws(AegisError) -> Bool {
    let here = try attachments().filter { $0.isAttached && $0.isDeclared && !$0.isElsewhere }
    return Set(names).isSubset(of: here.map(\.name))
  }

  /// A link whose detachment was interrupted has none on record.
  private func mode(of interface: aegis_interface, isAttached: Bool) -> AttachMode {
    if let mode = XDPMode(rawValue: interface.mode) { return AttachMode(mode) }
    guard isAttached, let found = try? XDPQuery.attached(to: interface.ifindex) else {
      return .auto
    }
    return AttachMode(found.mode)
  }

  /// What is known of the pinned link; nil if there is none.
  private func linkInfo(
    _ ifindex: UInt32
  ) throws(AegisError) -> (id: UInt32, programID: UInt32, ifindex: UInt32)? {
    do {
      return try XDPLink(pinnedAt: datapath.root.link(ifindex)).info()
    } catch {
      if error.isAbsence { return nil }
      throw AegisError(error)
    }
  }

  /// Takes the datapath off an interface; it counts on from where it was when it is attached again.
  ///
  /// - Returns: Whether it was attached, or waited to be again.
  public func detach(
    _ name: String, in session: borrowing Session
  ) throws(AegisError) -> Bool {
    let all = try attachments().filter { $0.name == name }
    let here = all.filter { !$0.isElsewhere }
    guard let attachment = here.first(where: \.isAttached) ?? here.first ?? all.first else {
      if Interface.index(of: name) == nil { throw Self.noInterface(name) }
      return false
    }
    try detach(attachment, in: session)
    return attachment.isAttached || attachment.isDeclared
  }

  public func detach(
    _ attachment: Attachment, in session: borrowing Session
  ) throws(AegisError) {
    if session.isDryRun { return }
    // First, so that a call which is killed from here on leaves nothing for `repair` to bring back.
    try retire(attachment)
    let pin = datapath.root.link(attachment.ifindex)
    do {
      // Removing the last pin detaches too, but only some time later.
      if attachment.isAttached { try XDPLink(pinnedAt: pin).detach() }
      _ = try BPFFS.remove(pin)
    } catch {
      throw AegisError(error)
    }
  }

  /// Notes that it is detached on purpose, and what it is called now, for when it can no longer be asked.
  private func retire(_ attachment: Attachment) throws(AegisError) {
    let slots = try Slots(datapath)
    let taken = try slots.taken().first { $0.slot == attachment.slot }
    guard var interface = taken?.interface else { return }
    interface.mode = 0
    CText.write(attachment.name, to: &interface.name)
    try slots.update(attachment.slot, to: interface)
  }

  /// After a replacement: every link runs the program in force.
  func moveLinksToCurrentProgram() throws(AegisError) {
    for attachment in try attachments() where attachment.isAttached {
      try moveToCurrentProgram(attachment)
    }
  }

  func moveToCurrentProgram(_ attachment: Attachment) throws(AegisError) {
    let program = try datapath.program()
    try kernel { () throws(BPFError) in
      guard let running = attachment.program, try running != program.info().id,
        let old = try BPFProgram.open(id: running)
      else { return }
      try XDPLink(pinnedAt: datapath.root.link(attachment.ifindex))
        .update(to: program, replacing: old)
    }
  }

  static func noInterface(_ name: String) -> AegisError {
    let known = Interface.all().map(\.name).filter { $0 != "lo" }.sorted()
    return AegisError(
      .notLoaded, "there is no interface \(name) in this network namespace",
      hint: known.isEmpty ? nil : "there are: \(known.joined(separator: ", "))")
  }
}

extension Interfaces {
  /// Of all interfaces in the caller's network namespace.
  public static var names: [String] { Interface.all().map(\.name).sorted() }

  /// What an interface is called by itself, if the name is one of its alternative ones; else the name as it is.
  public static func ownName(of name: String) -> String { Interface.find(name)?.name ?? name }
}
