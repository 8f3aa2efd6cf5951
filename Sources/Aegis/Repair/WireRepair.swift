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
    let here = try Interfaces(datapath).attachments().filter {
      $0.wire != nil && $0.isAttached && $0.isDeclared && !$0.isElsewhere
    }
    var steps: [Repair.Step] = []
    for port in here {
      guard let peer = here.first(where: { $0.pin == port.wire?.peerPin }) else { continue }
      if port.pin < peer.pin, let step = try mend(port, peer) { steps.append(step) }
      if let step = Self.follow(port, peer) { steps.append(step) }
    }
    return steps
  }

  private func mend(_ port: Attachment, _ peer: Attachment) throws(AegisError) -> Repair.Step? {
    guard let options = port.declaredWire else { return nil }
    let wire = try WireAttachment(
      datapath, [port.name, peer.name], options,
      [WirePort.read(port.name), WirePort.read(peer.name)])
    let faults = try wire.faults()
    if faults.isEmpty { return nil }
    return Repair.Step(
      RepairItem(port.name, .restored, faults.joined(separator: ", ")), .attach(port))
  }

  /// A port that was taken down says nothing about the other one: both would hold each other down for ever.
  private static func follow(_ port: Attachment, _ peer: Attachment) -> Repair.Step? {
    guard let wire = port.wire, wire.followsLink, let peerWire = peer.wire, !peerWire.isHeldDown,
      let hasCarrier = peer.hasCarrier
    else { return nil }
    if wire.isHeldDown, hasCarrier {
      return Repair.Step(
        RepairItem(port.name, .followed, "taken up: \(peer.name) has a carrier"),
        .follow(port, isUp: true))
    }
    guard !hasCarrier, port.isUp else { return nil }
    return Repair.Step(
      RepairItem(port.name, .followed, "taken down: \(peer.name) has no carrier"),
      .follow(port, isUp: false))
  }
}

extension Interfaces {
  /// Takes a port down with the other one of its wire, or up again.
  func hold(_ port: Attachment, isUp: Bool) throws(AegisError) {
    let slots = try Slots(datapath)
    guard var interface = try slots.taken().first(where: { $0.slot == port.slot })?.interface
    else { return }
    if isUp {
      interface.flags &= ~aegis_port_flag.heldDown
    } else {
      interface.flags |= aegis_port_flag.heldDown
    }
    // A call that is killed leaves the port marked as held down only while it may be.
    if !isUp { try slots.update(port.slot, to: interface) }
    try kernel { () throws(SystemError) in try Interface.set(.up, isUp, of: port.name) }
    if isUp { try slots.update(port.slot, to: interface) }
  }
}
