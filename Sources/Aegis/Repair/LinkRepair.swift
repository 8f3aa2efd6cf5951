internal import BPF
internal import CAegis
internal import Linux

/// Compares the links with the declared interfaces.
struct LinkRepair {
  let datapath: Datapath
  /// Whether links may run an older program because a replacement is not finished.
  let isReplacing: Bool
  /// The number of the program that links run while their latency is measured.
  private let measuring: UInt32?

  init(_ datapath: Datapath, isReplacing: Bool = false) {
    self.datapath = datapath
    self.isReplacing = isReplacing
    measuring = Measuring(datapath.root).program
  }

  /// Whether a link runs another program than the one in force.
  func hasOldProgram() throws(AegisError) -> Bool {
    let wanted = try programInForce()
    return try Interfaces(datapath).attachments().contains {
      $0.isAttached && $0.program != wanted
    }
  }

  private func programInForce() throws(AegisError) -> UInt32 {
    let program = try datapath.program()
    return try kernel { () throws(SystemError) in try program.info().id }
  }

  func steps() throws(AegisError) -> [Repair.Step] {
    let wanted = try programInForce()
    let attachments = try Interfaces(datapath).attachments()
    var steps: [Repair.Step] = []
    var cut: Set<UInt32> = []
    for attachment in attachments {
      // One detachment takes both ports of a wire.
      if let wire = attachment.wire, !attachment.isDeclared || isCut(wire, attachments) {
        if !cut.insert(attachment.slot).inserted { continue }
        cut.formUnion(attachments.wire(of: attachment).map(\.slot))
        // In another network namespace its settings are out of reach.
        if attachment.isElsewhere, !attachment.isAttached { continue }
        steps.append(
          Repair.Step(
            RepairItem(attachment.name, .finished, "its detachment was interrupted"),
            .detach(attachment)))
      } else if let port = intruded(by: attachment, attachments) {
        steps.append(
          Repair.Step(
            RepairItem(
              attachment.name, .cleared,
              "moved to another network namespace, where its packets count as those of \(port.name)"
            ),
            .detach(attachment)))
      } else if let step = try step(for: attachment, wanted: wanted) {
        steps.append(step)
      }
    }
    return try steps + stalePins(attachments, covered: steps)
  }

  /// Whether the other port of a wire is detached on purpose.
  private func isCut(_ wire: WireEnd, _ all: [Attachment]) -> Bool {
    all.contains { $0.pin == wire.peerPin && $0.wire != nil && !$0.isDeclared }
  }

  /// The port of a wire that has the index which an attached interface got in another network namespace: the datapath
  /// cannot tell one from the other.
  private func intruded(by attachment: Attachment, _ all: [Attachment]) -> Attachment? {
    guard attachment.isAttached, attachment.isElsewhere else { return nil }
    return all.first {
      $0.slot != attachment.slot && $0.wire != nil && $0.pin == attachment.ifindex
    }
  }

  /// nil for an interface that is detached on purpose.
  private func step(
    for attachment: Attachment, wanted: UInt32
  ) throws(AegisError) -> Repair.Step? {
    let isExpected = [wanted, measuring].contains(attachment.program)
    if attachment.isAttached, !isExpected, !isReplacing {
      return Repair.Step(
        RepairItem(attachment.name, .restored, Self.text(ofProgram: attachment.program)),
        .restore(attachment))
    }
    guard attachment.isDeclared else {
      return !attachment.isAttached
        ? nil
        : Repair.Step(
          RepairItem(attachment.name, .finished, "its detachment was interrupted"),
          .detach(attachment))
    }
    if attachment.isReplaced { return try lost(attachment, wanted: wanted) }
    if attachment.isElsewhere {
      let state =
        attachment.isGone
        ? "attached, moved to" : attachment.isAttached ? "attached, in" : "not attached, in"
      return Repair.Step(
        RepairItem(attachment.name, .elsewhere, "\(state) another network namespace"))
    }
    if let index = Interface.index(of: attachment.name), Interfaces.isUnreadable(index) {
      return Repair.Step(
        RepairItem(attachment.name, .unsupported, "its packets have no Ethernet header"))
    }
    if !attachment.isAttached { return try lost(attachment, wanted: wanted) }
    if !attachment.isMoved { return Repair.Step(RepairItem(attachment.name, .unchanged)) }
    return Repair.Step(
      RepairItem(attachment.name, .adopted, "it was moved here from another network namespace"),
      .attach(attachment))
  }

  /// Handles an interface that should be attached and is not.
  private func lost(
    _ attachment: Attachment, wanted: UInt32
  ) throws(AegisError) -> Repair.Step {
    let name = attachment.name
    guard let ifindex = Interface.index(of: name) else {
      return Repair.Step(RepairItem(name, .waiting, "the interface does not exist"))
    }
    let occupant = try kernel { () throws(SystemError) in try ForeignProgram.find(on: ifindex) }
    guard let occupant else {
      let cause =
        attachment.isReplaced
        ? "the one before it was moved to another network namespace"
        : ifindex == attachment.pin ? "its link is missing" : "it was created again"
      return Repair.Step(RepairItem(name, .attached, cause), .attach(attachment))
    }
    let links = (try? BPFLink.search(ifindex: ifindex, program: occupant.program))?
      .filter { $0 != attachment.link }
    let isOurs = [wanted, measuring].contains(occupant.program)
    if isOurs, ifindex == attachment.pin, let link = links?.first {
      return Repair.Step(
        RepairItem(name, .adopted, "the pin of its link was missing"),
        .adopt(link: link, attachment))
    }
    return Repair.Step(
      RepairItem(name, .foreign, "\(occupant.description), \(occupant.ownerText)"))
  }

  /// Pins of links whose interface is gone, except those that a new attachment replaces, and of links that silence no
  /// port.
  private func stalePins(
    _ attachments: [Attachment], covered: [Repair.Step]
  ) throws(AegisError) -> [Repair.Step] {
    let root = datapath.root
    let elsewhere = attachments.filter(\.isElsewhere).map { "\($0.pin)" }
    let replaced = covered.compactMap { step in
      if case .attach(let attachment) = step.work { "\(attachment.pin)" } else { nil }
    }
    let silenced = attachments.filter { $0.wire != nil }.map { "\($0.pin)\(PinRoot.silenceSuffix)" }
    return try root.linkPins().compactMap { name in
      let path = root.links + "/" + name
      let finding: String
      if name.contains(PinRoot.silenceSuffix) {
        if silenced.contains(name) { return nil }
        finding = "it silences no port of a wire"
      } else {
        if elsewhere.contains(name) || replaced.contains(name) { return nil }
        guard (try? BPFLink(pinnedAt: path).info().ifindex) == 0 else { return nil }
        finding = "its interface is gone"
      }
      return Repair.Step(RepairItem("links/\(name)", .cleared, finding), .clear(path: path))
    }
  }

  /// Describes a foreign program in one of our links.
  private static func text(ofProgram id: UInt32?) -> String {
    guard let id, let info = try? BPFProgram.open(id: id)?.info() else {
      return "its link ran another program"
    }
    return "its link ran the program \"\(info.name)\" (id \(id), tag \(info.tagText))"
  }
}
