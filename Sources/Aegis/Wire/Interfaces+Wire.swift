internal import BPF
internal import CAegis
internal import Linux

extension Interfaces {
  /// Joins two interfaces: what passes on one leaves by the other. It does what is missing, and nothing if all is well.
  ///
  /// - Throws: `failed` with everything that is in the way, each with the command that helps.
  public func attach(
    _ name: String, wire options: WireOptions, mode: AttachMode, in session: borrowing Session
  ) throws(AegisError) -> AttachOutcome {
    let ports = [name, options.peer]
    try Self.check(ports, options)
    if mode == .tc {
      throw AegisError(
        .badInput, "the ports of a wire cannot be attached in tc mode: XDP joins them")
    }
    var known = try attachments()
    let mode = mode == .auto ? known.mode(of: ports) : mode
    try refuse(known, ports)
    let checks = WireChecks(
      ports: [try WirePort.read(name), try WirePort.read(options.peer)],
      ifDetached: options.ifDetached, isNative: mode != .generic)
    if !checks.errors.isEmpty { throw AegisError(wire: ports, checks.errors) }
    let wire = try WireAttachment(datapath, ports, options, checks.ports)
    let attached = known.here(ports)
    if attached.count == 2, try wire.isComplete {
      if mode != .auto, let other = attached.first(where: { $0.mode != mode }) {
        _ = try Self.alreadyAttached(other, other.name, mode)
      }
      return AttachOutcome(isChanged: false, mode: attached[0].mode, warning: nil)
    }
    for port in ports where !attached.contains(where: { $0.name == port }) {
      if let index = Interface.index(of: port) { try refuseForeign(on: port, index) }
    }
    if session.isDryRun { return AttachOutcome(isChanged: true, mode: mode, warning: nil) }
    for port in ports where !attached.contains(where: { $0.name == port }) {
      try claim(port, known)
      known = try attachments()
    }
    do throws(AegisError) {
      try wire.prepare(mode: mode)
      var outcomes: [AttachOutcome] = []
      for port in ports where !attached.contains(where: { $0.name == port }) {
        outcomes.append(try link(port, mode))
      }
      var errors: [Finding] = []
      for port in ports { errors += try checks.transmission(afterwards: WirePort.read(port)) }
      if outcomes.allSatisfy({ $0.mode == .native }), !errors.isEmpty {
        throw AegisError(wire: ports, errors)
      }
      return AttachOutcome(
        isChanged: true, mode: outcomes.first?.mode ?? attached.first?.mode ?? mode,
        warning: outcomes.compactMap(\.warning).first
          ?? checks.warnings.first.map { "\($0.message): \($0.fix ?? "see doctor")" })
    } catch {
      // What was attached before stays.
      if attached.isEmpty { _ = try? abandon(ports, in: session) }
      throw error
    }
  }

  /// Undoes an attachment that failed.
  private func abandon(_ ports: [String], in session: borrowing Session) throws(AegisError) {
    let all = try attachments()
    let port = all.first { ports.contains($0.name) && !$0.isElsewhere && $0.wire != nil }
    if let port { try detach(port, in: session) }
  }

  private static func check(_ ports: [String], _ options: WireOptions) throws(AegisError) {
    if ports[0] == ports[1] {
      throw AegisError(.badInput, "a wire needs two ports, and \(ports[0]) is only one")
    }
    if let trusted = options.trusted, !ports.contains(trusted) {
      throw AegisError(
        .badInput, "\(trusted) is no port of the wire",
        hint: "trust \(ports.joined(separator: " or "))")
    }
    for port in ports {
      guard Interface.index(of: port) != nil else { throw noInterface(port) }
      try requireEthernetHeader(port)
    }
  }

  /// Refuses ports that are attached otherwise.
  private func refuse(_ known: [Attachment], _ ports: [String]) throws(AegisError) {
    for attachment in known where attachment.isAttached && attachment.isElsewhere {
      for port in ports where Interface.index(of: port) == attachment.ifindex {
        throw AegisError(
          .failed,
          "\(attachment.name) in another network namespace has the index of \(port), and counts as it",
          hint: "detach it there first, or use an instance of its own: --pin-root DIR")
      }
    }
    for attachment in known where attachment.direction == .out {
      if !ports.contains(attachment.name) || attachment.isElsewhere { continue }
      guard attachment.isAttached || attachment.isDeclared else { continue }
      throw AegisError(
        .failed,
        "\(attachment.name) is attached for out, and frames that a wire sends on do not pass that",
        hint: "aegisctl detach \(ShellWord(attachment.name)) --direction out")
    }
    for attachment in known.here(ports) where !ports.contains(attachment.wire?.peer ?? "") {
      let state =
        attachment.wire.map { "joined to \($0.peer)" } ?? "attached, and no port of a wire"
      throw AegisError(
        .failed, "\(attachment.name) is \(state)",
        hint: "aegisctl detach \(ShellWord(attachment.name))")
    }
  }

  /// Gives an interface that is not attached a slot. What is declared for a port moves there, so that a call that is
  /// killed forgets nothing.
  private func claim(_ name: String, _ known: [Attachment]) throws(AegisError) {
    guard let ifindex = Interface.index(of: name) else { throw Self.noInterface(name) }
    if let other = known.first(where: {
      $0.pin == ifindex && ($0.isAttached || $0.isElsewhere && $0.isDeclared)
    }) {
      throw Self.sameIndex(other, name)
    }
    let slots = try Slots(datapath)
    let taken = try slots.taken()
    let slot = try slot(for: name, ifindex, known)
    let own = taken.first { $0.slot == slot && $0.interface.ifindex == ifindex }
    let stale = known.first {
      $0.name == name && $0.pin != ifindex && $0.wire != nil && !$0.isElsewhere
    }
    let old = taken.first { $0.slot == stale?.slot }
    var interface = (own ?? old)?.interface ?? aegis_interface()
    interface.netns = NetworkNamespace.currentInode()
    interface.ifindex = ifindex
    if own == nil { interface.flags &= ~(aegis_port_flag.undo | aegis_port_flag.relay) }
    if let profile { interface.profile = profile }
    CText.write(name, to: &interface.name)
    if own == nil {
      try slots.claim(slot, for: interface)
    } else {
      try slots.update(slot, to: interface)
      try slots.count(.in, of: slot)
    }
    for (slot, var peer) in taken where stale != nil && peer.peer == stale?.pin {
      peer.peer = ifindex
      try slots.update(slot, to: peer)
    }
    try clearStale(known, name, ifindex, except: slot)
  }

  /// Attaches the program to an interface that has a slot.
  private func link(_ name: String, _ mode: AttachMode) throws(AegisError) -> AttachOutcome {
    guard let ifindex = Interface.index(of: name) else { throw Self.noInterface(name) }
    let slots = try Slots(datapath)
    let taken = try slots.taken().first { $0.interface.ifindex == ifindex }
    guard let slot = taken?.slot, var interface = taken?.interface else {
      throw AegisError.notAttached(name)
    }
    return try link(name, ifindex, mode) { used throws(SystemError) in
      interface.mode = used?.recorded ?? 0
      try slots.record(interface, in: slot)
    }
  }

  /// Undoes what made the ports a wire, after their links are gone: of each port what can be undone.
  func cut(_ ports: [Attachment]) throws(AegisError) {
    var failed: AegisError?
    for port in ports {
      do { try WireAttachment.undo(port, of: datapath) } catch { failed = failed ?? error }
    }
    if try !attachments().contains(where: { $0.wire != nil }) {
      try WirePrograms.stopCounting(at: datapath.root)
    }
    if let failed { throw failed }
  }
}

extension [Attachment] {
  /// Those of these names that are attached in this network namespace.
  func here(_ names: [String]) -> [Attachment] {
    names.compactMap { name in
      first { $0.name == name && $0.isAttached && !$0.isElsewhere && $0.direction == .in }
    }
  }

  /// The ports that are left of a wire, of which one is given as it was.
  func wire(of port: Attachment) -> [Attachment] {
    filter { each in
      each.wire != nil
        && (each.pin == port.pin
          || each.pin == port.wire?.peerPin && each.wire?.peerPin == port.pin)
    }
  }

  /// The mode of the ports that are attached already.
  fileprivate func mode(of names: [String]) -> AttachMode {
    here(names).first { $0.mode == .generic }?.mode ?? .auto
  }
}
