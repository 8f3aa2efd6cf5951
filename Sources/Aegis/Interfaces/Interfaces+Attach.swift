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

  /// Sends the packets of an interface through the datapath. `auto` uses native mode, or generic mode if the driver
  /// does not support native mode.
  ///
  /// - Throws: `interfaceTaken` if another program is attached, which then stays; `badInput` if the packets have no
  ///   Ethernet header.
  public func attach(
    _ name: String, mode: AttachMode, in session: borrowing Session
  ) throws(AegisError) -> AttachOutcome {
    guard let ifindex = Interface.index(of: name) else { throw Self.noInterface(name) }
    try Self.requireEthernetHeader(name)
    let known = try attachments()
    let attached = known.filter(\.isAttached)
    if let present = attached.first(where: { $0.ifindex == ifindex && !$0.isElsewhere }) {
      let outcome = try Self.alreadyAttached(present, name, mode)
      if outcome.isChanged, !session.isDryRun { try settle(present, known) }
      return outcome
    }
    if let other = attached.first(where: { $0.pin == ifindex }) {
      throw Self.sameIndex(other, name)
    }
    if known.contains(where: { $0.name == name && $0.wire != nil && !$0.isElsewhere }) {
      // What made it a port would be forgotten with its record.
      throw AegisError(
        .failed, "\(name) is a port of a wire that is not complete",
        hint: "aegisctl repair, or aegisctl detach \(ShellWord(name))")
    }
    if session.isDryRun {
      try refuseForeign(on: name, ifindex)
      return AttachOutcome(isChanged: true, mode: mode, warning: nil)
    }
    try clearStale(known, name, ifindex)
    let slots = try Slots(datapath)
    let slot = try slot(for: name, ifindex, known)
    var interface = aegis_interface()
    interface.netns = NetworkNamespace.currentInode()
    interface.ifindex = ifindex
    CText.write(name, to: &interface.name)
    if !known.contains(where: { $0.slot == slot && $0.ifindex == ifindex }) {
      try slots.claim(slot, for: interface)
    }
    return try link(name, ifindex, mode) { used throws(SystemError) in
      interface.mode = used?.rawValue ?? 0
      try slots.record(interface, in: slot)
    }
  }

  static func alreadyAttached(
    _ present: Attachment, _ name: String, _ mode: AttachMode
  ) throws(AegisError) -> AttachOutcome {
    guard mode == .auto || mode == present.mode else {
      throw AegisError(
        .failed, "\(name) is attached in \(present.mode.rawValue) mode",
        hint:
          "aegisctl detach \(ShellWord(name)) && aegisctl attach \(ShellWord(name)) --mode \(mode.rawValue)"
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

  /// Removes dead pins of this index, and slots of interfaces of this name that are gone.
  func clearStale(
    _ known: [Attachment], _ name: String, _ ifindex: UInt32
  ) throws(AegisError) {
    let slots = try Slots(datapath)
    try kernel { () throws(SystemError) in _ = try FileSystem.remove(datapath.root.link(ifindex)) }
    for old in known where !old.isAttached && old.name == name && old.ifindex != ifindex {
      // An interface of this name that is declared in another namespace is a different interface.
      if old.isElsewhere, old.isDeclared { continue }
      try kernel { () throws(SystemError) in
        _ = try FileSystem.remove(datapath.root.link(old.ifindex))
        _ = try FileSystem.remove(datapath.root.silence(old.ifindex))
      }
      try slots.release(old.slot)
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
  func link(
    _ name: String, _ ifindex: UInt32, _ mode: AttachMode,
    record: (XDPMode?) throws(SystemError) -> Void
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

  /// - Returns: An error after the kernel had accepted the link; the link is then removed again.
  /// - Throws: The kernel's refusal, which may not apply in another mode.
  private func link(
    _ program: borrowing BPFProgram, _ ifindex: UInt32, _ mode: XDPMode,
    _ record: (XDPMode?) throws(SystemError) -> Void
  ) throws(SystemError) -> SystemError? {
    let link = try BPFLink(attaching: program, to: ifindex, mode: mode)
    do {
      try record(mode)
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
