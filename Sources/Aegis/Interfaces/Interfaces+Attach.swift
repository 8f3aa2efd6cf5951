internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

extension Interfaces {
  /// The result of attaching.
  public struct AttachOutcome: Sendable {
    public let isChanged: Bool
    public let mode: AttachMode
    /// Why the best mode was not used, in the driver's words.
    public let warning: String?
  }

  /// Sends the packets of a direction of an interface through the datapath. For what comes in, `auto` uses native mode,
  /// or generic mode if the driver does not support native mode, or tc where XDP cannot read the packets. What leaves
  /// always goes by tc.
  ///
  /// - Throws: `interfaceTaken` if another XDP program is attached, which then stays; `badInput` if the packets cannot
  ///   be read in that mode.
  public func attach(
    _ name: String, _ direction: Direction = .in, mode wanted: AttachMode,
    in session: borrowing Session
  ) throws(AegisError) -> AttachOutcome {
    guard let ifindex = Interface.index(of: name) else { throw Self.noInterface(name) }
    let mode = direction == .out ? .tc : wanted
    try Self.requireReadable(name, mode: mode)
    let known = try attachments()
    let here = known.filter { $0.isAttached && $0.ifindex == ifindex && !$0.isElsewhere }
    if let present = here.first(where: { $0.direction == direction }) {
      let isBare = Self.isBare(ifindex) != present.isBare
      let outcome = try Self.alreadyAttached(present, name, mode, isAlone: here.count == 1)
      if outcome.isChanged || isBare, !session.isDryRun { try settle(present, known) }
      return outcome
    }
    if let other = known.first(where: { other in
      other.isAttached && other.pin == ifindex && !here.contains { $0.isBeside(other) }
    }) {
      throw Self.sameIndex(other, name)
    }
    if let port = known.first(where: { $0.name == name && $0.wire != nil && !$0.isElsewhere }) {
      if direction == .out { throw Self.noEgress(of: port) }
      // What made it a port would be forgotten with its record.
      throw AegisError(
        .failed, "\(name) is a port of a wire that is not complete",
        hint: "aegisctl repair, or aegisctl detach \(ShellWord(name))")
    }
    let isBare = Self.isBare(ifindex)
    let byTraffic = mode == .tc || isBare
    if session.isDryRun {
      if !byTraffic { try refuseForeign(on: name, ifindex) }
      return AttachOutcome(isChanged: true, mode: byTraffic ? .tc : mode, warning: nil)
    }
    if let moved = here.first(where: \.isMoved) { try settle(moved, known) }
    var (slot, interface) = try claim(name, ifindex, direction)
    let slots = try Slots(datapath)
    func record(_ used: AttachMode?) throws(SystemError) {
      interface[modeOf: direction] = used?.recorded ?? 0
      try slots.record(interface, in: slot)
    }
    if !byTraffic { return try link(name, ifindex, mode, slot: slot, record: record) }
    let warning =
      mode == .tc ? nil : "\(name) runs in tc mode: its packets have no Ethernet header"
    return try linkTraffic(name, ifindex, direction, slot, warning, record: record)
  }

  private static func noEgress(of port: Attachment) -> AegisError {
    AegisError(
      .failed,
      "\(port.name) is a port of a wire, whose frames do not pass what is attached for out",
      hint: "packets are judged where they come in: at the other port, \(port.wire?.peer ?? "")")
  }

  /// Gives a direction of an interface counters, in the slot that it has or gets.
  ///
  /// - Returns: The record of the slot, for this network namespace. What is declared for the other direction stays, also
  ///   if the interface was created again.
  private func claim(
    _ name: String, _ ifindex: UInt32, _ direction: Direction
  ) throws(AegisError) -> (slot: UInt32, aegis_interface) {
    let known = try attachments()
    let slots = try Slots(datapath)
    let taken = try slots.taken()
    let slot = try slot(for: name, ifindex, known)
    let own = taken.first { $0.slot == slot && $0.interface.ifindex == ifindex }?.interface
    let here = NetworkNamespace.currentInode()
    var interface = own?.netns == here ? own ?? aegis_interface() : aegis_interface()
    interface.netns = here
    interface.ifindex = ifindex
    CText.write(name, to: &interface.name)
    interface.note(try Self.link(ifindex))
    let stale = stale(known, name, ifindex)
    for other in Direction.allCases where own == nil && other != direction {
      let declared = stale.first { $0.direction == other && $0.isDeclared }
      interface[modeOf: other] = declared?.mode.recorded ?? 0
    }
    // Its settings are those of a new interface, with nothing to undo.
    if own == nil, stale.contains(where: { $0.isDeclared && $0.forwards }) {
      interface.flags |= aegis_port_flag.forward
    }
    if own == nil { interface.profile = stale.lazy.compactMap(\.profile).first }
    if let profile { interface.profile = profile }
    if own == nil {
      let counted = Direction.allCases.filter { $0 == direction || interface[modeOf: $0] != 0 }
      try slots.claim(slot, for: interface, counted)
    } else {
      try slots.count(direction, of: slot)
    }
    try clearStale(known, name, ifindex, direction, except: slot)
    return (slot, interface)
  }

  /// Attaches the program behind tc to an interface that has a slot.
  private func linkTraffic(
    _ name: String, _ ifindex: UInt32, _ direction: Direction, _ slot: UInt32, _ warning: String?,
    record: (AttachMode?) throws(SystemError) -> Void
  ) throws(AegisError) -> AttachOutcome {
    let program = try datapath.trafficProgram(direction)
    let place = TrafficLink(direction, of: ifindex, at: datapath.root)
    let flags: UInt32
    do {
      flags = try place.attach(program, byFilter: usesFilters, record: record)
    } catch {
      if error.isPermission { throw AegisError(error) }
      throw AegisError(
        error.errno == EEXIST ? .interfaceTaken : .kernelRefused,
        "cannot attach to \(name) by tc: \(error.reason)",
        hint: "aegisctl doctor \(ShellWord(name))", log: error.log)
    }
    if flags != 0 {
      let slots = try Slots(datapath)
      if var interface = try slots.taken().first(where: { $0.slot == slot })?.interface {
        interface.flags |= flags
        try slots.update(slot, to: interface)
      }
    }
    return AttachOutcome(isChanged: true, mode: .tc, warning: warning)
  }

  static func alreadyAttached(
    _ present: Attachment, _ name: String, _ mode: AttachMode, isAlone: Bool = true
  ) throws(AegisError) -> AttachOutcome {
    guard mode == .auto || mode == present.mode else {
      throw AegisError(
        .failed, "\(name) is attached in \(present.mode.rawValue) mode",
        hint:
          "aegisctl detach \(ShellWord(name))\(isAlone ? "" : " --direction in") && aegisctl attach \(ShellWord(name)) --mode \(mode.rawValue)"
      )
    }
    return AttachOutcome(
      isChanged: !present.isDeclared || present.isMoved, mode: present.mode, warning: nil)
  }

  static func sameIndex(_ other: Attachment, _ name: String) -> AegisError {
    let problem =
      other.isGone
      ? "\(other.name), which was moved to another network namespace, had the index of \(name)"
      : "an interface of another network namespace has the index \(other.pin) of \(name) here"
    return AegisError(
      .failed, problem, hint: "use an instance of its own for each namespace: --pin-root DIR")
  }

  /// The slots of interfaces of this name that are gone.
  private func stale(_ known: [Attachment], _ name: String, _ ifindex: UInt32) -> [Attachment] {
    known.filter { old in
      // An interface of this name that is declared in another namespace is a different interface.
      old.name == name && old.ifindex != ifindex && !(old.isElsewhere && old.isDeclared)
        && !known.contains {
          $0.isBeside(old) && ($0.isAttached || $0.isElsewhere && $0.isDeclared)
        }
    }
  }

  /// Removes dead pins of a direction of this index, and slots of interfaces of this name that are gone.
  func clearStale(
    _ known: [Attachment], _ name: String, _ ifindex: UInt32, _ direction: Direction = .in,
    except slot: UInt32? = nil
  ) throws(AegisError) {
    let slots = try Slots(datapath)
    let root = datapath.root
    try kernel { () throws(SystemError) in
      if direction == .in { _ = try FileSystem.remove(root.link(ifindex)) }
      _ = try FileSystem.remove(root.link(ifindex, direction))
    }
    for old in stale(known, name, ifindex) {
      try kernel { () throws(SystemError) in
        for pin in root.pins(of: old.ifindex) { _ = try FileSystem.remove(pin) }
      }
      if old.slot != slot { try slots.release(old.slot) }
    }
  }

  func slot(
    for name: String, _ ifindex: UInt32, _ known: [Attachment]
  ) throws(AegisError) -> UInt32 {
    let candidates = Slots.candidates(for: ifindex)
    let mine = known.first { $0.ifindex == ifindex && candidates.contains($0.slot) }
    if let mine { return mine.slot }
    // Prefer an unused slot, then one that is kept for its counters, then one that waits for an interface.
    let taken = [
      known, known.filter { $0.isAttached || $0.isDeclared },
      known.filter { $0.isAttached || $0.wire != nil },
    ]
    let free = taken.lazy.compactMap { taken in
      candidates.first { candidate in !taken.contains { $0.slot == candidate } }
    }.first
    guard let free else {
      throw AegisError(
        .failed, "other interfaces use all counters that \(name) could have",
        hint: "use a second instance: --pin-root DIR")
    }
    return free
  }

  /// `record` stores the mode before the link is pinned: a call that is killed before that leaves nothing behind.
  ///
  /// - Parameter slot: Of an interface that may be attached by tc in mode `auto`; nil for a port of a wire.
  func link(
    _ name: String, _ ifindex: UInt32, _ mode: AttachMode, slot: UInt32? = nil,
    record: (AttachMode?) throws(SystemError) -> Void
  ) throws(AegisError) -> AttachOutcome {
    let program = try datapath.program()
    let first = mode.xdp ?? .native
    var refused: SystemError?
    var failed: SystemError?
    do {
      failed = try link(program, ifindex, first, record)
    } catch {
      refused = error
    }
    if let failed { throw AegisError(failed) }
    guard let refused else {
      return AttachOutcome(isChanged: true, mode: AttachMode(first), warning: nil)
    }
    if refused.errno == EBUSY || refused.errno == EEXIST { try refuseForeign(on: name, ifindex) }
    if refused.isPermission { throw AegisError(refused) }
    let refusal = try AttachRefusal(
      error: refused, said: BPFLink.refusal(of: program, on: ifindex, mode: first),
      facts: .read(name, attached: []))
    guard mode == .auto, refused.errno != EBUSY, refused.errno != EEXIST else {
      throw AegisError(
        .kernelRefused, "cannot attach to \(name) in \(first) mode: \(refusal.reason)",
        hint: refusal.fix ?? "aegisctl doctor \(ShellWord(name))", log: refused.log)
    }
    if let slot, Self.isBonded(try Self.link(ifindex)) {
      return try linkTraffic(
        name, ifindex, .in, slot, "\(name) runs in tc mode: \(refusal.reason)", record: record)
    }
    do {
      failed = try link(program, ifindex, .generic, record)
    } catch {
      throw AegisError(
        .kernelRefused,
        "cannot attach to \(name): native mode: \(refusal.reason); generic: \(error.reason)",
        hint: refusal.remedy ?? "aegisctl doctor \(ShellWord(name))", log: error.log)
    }
    if let failed { throw AegisError(failed) }
    return AttachOutcome(
      isChanged: true, mode: .generic,
      warning: "\(name) runs in generic mode, which is slower: \(refusal.reason)"
        + (refusal.remedy.map { "; for native mode: \($0)" } ?? ""))
  }

  /// Whether it is a bond, or a port of one.
  private static func isBonded(_ link: LinkInfo) -> Bool {
    link.kind == "bond" || link.portKind == "bond"
  }

  /// - Returns: An error after the kernel had accepted the link; the link is then removed again.
  /// - Throws: The kernel's refusal, which may not apply in another mode.
  private func link(
    _ program: borrowing BPFProgram, _ ifindex: UInt32, _ mode: XDPMode,
    _ record: (AttachMode?) throws(SystemError) -> Void
  ) throws(SystemError) -> SystemError? {
    let link = try BPFLink(attaching: program, to: ifindex, mode: mode)
    do {
      try record(AttachMode(mode))
      try link.pin(at: datapath.root.link(ifindex))
      return nil
    } catch {
      _ = try? record(nil)
      return error
    }
  }

  /// Throws an error that names the program that is already attached.
  func refuseForeign(on name: String, _ ifindex: UInt32) throws(AegisError) {
    let found = try kernel { () throws(SystemError) in try ForeignProgram.find(on: ifindex) }
    guard let found else { return }
    throw AegisError(
      .interfaceTaken, "\(name) already runs \(found.description), \(found.ownerText)",
      hint: "remove it first: \(found.removal(from: name))")
  }
}
