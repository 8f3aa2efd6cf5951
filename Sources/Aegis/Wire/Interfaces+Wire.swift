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
        isChanged: true, mode: outcomes.first?.mode ?? mode,
        warning: outcomes.compactMap(\.warning).first)
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
    for attachment in known.here(ports) where !ports.contains(attachment.wire?.peer ?? "") {
      let state =
        attachment.wire.map { "joined to \($0.peer)" } ?? "attached, and no port of a wire"
      throw AegisError(
        .failed, "\(attachment.name) is \(state)",
        hint: "aegisctl detach \(ShellWord(attachment.name))")
    }
  }

  /// Gives an interface that is not attached a slot.
  private func claim(_ name: String, _ known: [Attachment]) throws(AegisError) {
    guard let ifindex = Interface.index(of: name) else { throw Self.noInterface(name) }
    if let other = known.first(where: { $0.isAttached && $0.pin == ifindex }) {
      throw Self.sameIndex(other, name)
    }
    try clearStale(known, name, ifindex)
    let slot = try slot(for: name, ifindex, known)
    if known.contains(where: { $0.slot == slot && $0.ifindex == ifindex }) { return }
    var interface = aegis_interface()
    interface.netns = NetworkNamespace.currentInode()
    interface.ifindex = ifindex
    CText.write(name, to: &interface.name)
    try Slots(datapath).claim(slot, for: interface)
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
      interface.mode = used?.rawValue ?? 0
      try slots.record(interface, in: slot)
    }
  }

  /// Undoes what made the ports a wire, after their links are gone.
  func cut(_ ports: [Attachment]) throws(AegisError) {
    for port in ports { try WireAttachment.undo(port, of: datapath) }
    if try !attachments().contains(where: { $0.wire != nil }) {
      try WirePrograms.stopCounting(at: datapath.root)
    }
  }
}

extension [Attachment] {
  /// Those of these names that are attached in this network namespace.
  func here(_ names: [String]) -> [Attachment] {
    names.compactMap { name in
      first { $0.name == name && $0.isAttached && !$0.isElsewhere }
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
