internal import BPF
internal import CAegis
internal import Linux

/// Compares the settings of wires with what is declared, after their links were repaired.
struct WireRepair {
  let datapath: Datapath

  init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  func steps() throws(AegisError) -> [Repair.Step] {
    let all = try Interfaces(datapath).attachments()
    let ports = all.filter { $0.wire != nil && $0.isDeclared && !$0.isElsewhere }
    var steps: [Repair.Step] = []
    for port in ports {
      guard let wire = port.wire else { continue }
      guard wire.isWhole, let peer = all.first(where: { $0.pin == wire.peerPin }) else {
        steps.append(
          Repair.Step(
            RepairItem(port.name, .incomplete, "the other port of its wire is not known")))
        continue
      }
      // Once for both.
      if port.pin < peer.pin || peer.isElsewhere {
        if port.isAttached, peer.isAttached, !peer.isElsewhere { steps += try mend(port, peer) }
        steps += Self.follow(port, peer)
      }
    }
    return steps
  }

  private func mend(_ port: Attachment, _ peer: Attachment) throws(AegisError) -> [Repair.Step] {
    guard let options = port.declaredWire else { return [] }
    let ports = [try WirePort.read(port.name), try WirePort.read(peer.name)]
    let wire = try WireAttachment(datapath, [port.name, peer.name], options, ports)
    let checks = WireChecks(
      ports: ports, ifDetached: options.ifDetached, isNative: port.mode != .generic)
    let faults = try wire.faults()
    let restored =
      faults.isEmpty
      ? []
      : [
        Repair.Step(
          RepairItem(port.name, .restored, faults.joined(separator: ", ")),
          .settle(wire, mode: port.mode))
      ]
    return restored
      + checks.errors.map { finding in
        Repair.Step(
          RepairItem(
            port.name, .incomplete, finding.message + (finding.fix.map { ": \($0)" } ?? "")))
      }
  }

  /// Takes a port down while the other one has no carrier. A port that was taken down says nothing about the other one:
  /// both would hold each other down for ever.
  private static func follow(_ one: Attachment, _ other: Attachment) -> [Repair.Step] {
    func step(_ port: Attachment, isUp: Bool, _ why: String) -> Repair.Step {
      Repair.Step(
        RepairItem(port.name, .followed, (isUp ? "taken up: " : "taken down: ") + why),
        .follow(port, isUp: isUp))
    }
    let held = [one, other].filter { $0.wire?.isHeldDown == true && !$0.isElsewhere }
    guard one.wire?.followsLink == true else {
      return held.map { step($0, isUp: true, "it follows no other port any more") }
    }
    if held.count == 2 { return held.map { step($0, isUp: true, "both were held down") } }
    if let port = held.first {
      let peer = port.pin == one.pin ? other : one
      return peer.hasCarrier == true ? [step(port, isUp: true, "\(peer.name) has a carrier")] : []
    }
    for (port, peer) in [(one, other), (other, one)]
    where peer.hasCarrier != true && port.hasCarrier == true {
      if isNegotiating(peer) { return [] }
      return [step(port, isUp: false, "\(peer.name) has no carrier")]
    }
    return []
  }
}

extension WireRepair {
  /// ns: within this time after it was taken up a link may have no carrier yet.
  private static let patience: UInt64 = 10_000_000_000

  private static func isNegotiating(_ port: Attachment) -> Bool {
    guard let raised = port.wire?.raisedAt, raised != 0 else { return false }
    return Clock.boottime() < raised + patience
  }
}

extension Interfaces {
  /// Takes a port down with the other one of its wire, or up again.
  func hold(_ port: Attachment, isUp: Bool) throws(AegisError) {
    let slots = try Slots(datapath)
    guard var interface = try slots.taken().first(where: { $0.slot == port.slot })?.interface
    else { return }
    // A port is marked as long as it may be down, also by a call that is killed.
    if !isUp {
      interface.flags |= aegis_port_flag.heldDown
      try slots.update(port.slot, to: interface)
    }
    try kernel { () throws(SystemError) in try Interface.set(.up, isUp, of: port.name) }
    if isUp {
      interface.flags &= ~aegis_port_flag.heldDown
      interface.raised = Clock.boottime()
      try slots.update(port.slot, to: interface)
    }
  }
}
