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

  /// The programs in force. That of a direction behind tc is nil if it is not loaded.
  private struct Wanted {
    let main: UInt32
    let traffic: [Direction: UInt32]

    init(_ datapath: Datapath) throws(AegisError) {
      let program = try datapath.program()
      main = try kernel { () throws(SystemError) in try program.info().id }
      traffic = Direction.allCases.reduce(into: [:]) { programs, direction in
        let pin = TrafficProgram.pin(direction, in: datapath.root.current)
        programs[direction] = try? BPFProgram(pinnedAt: pin).info().id
      }
    }

    func program(of attachment: Attachment) -> UInt32? {
      attachment.mode == .tc ? traffic[attachment.direction] : main
    }
  }

  func steps() throws(AegisError) -> [Repair.Step] {
    let wanted = try Wanted(datapath)
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
            RepairItem(attachment.label, .finished, "its detachment was interrupted"),
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

  /// The numbers of the programs that an attachment may run.
  private func expected(of attachment: Attachment, _ wanted: Wanted) -> [UInt32?] {
    [wanted.program(of: attachment), attachment.mode == .tc ? nil : measuring]
  }

  /// nil for an interface that is detached on purpose.
  private func step(
    for attachment: Attachment, wanted: Wanted
  ) throws(AegisError) -> Repair.Step? {
    let isExpected = expected(of: attachment, wanted).contains(attachment.program)
    if attachment.isAttached, !isExpected, !isReplacing {
      return Repair.Step(
        RepairItem(attachment.label, .restored, Self.text(ofProgram: attachment.program)),
        .restore(attachment))
    }
    guard attachment.isDeclared else {
      return !attachment.isAttached
        ? nil
        : Repair.Step(
          RepairItem(attachment.label, .finished, "its detachment was interrupted"),
          .detach(attachment))
    }
    if attachment.isReplaced { return try lost(attachment, wanted: wanted) }
    if attachment.isElsewhere {
      let state =
        attachment.isGone
        ? "attached, moved to"
        : attachment.isAttached
          ? "attached, in" : attachment.mode == .tc ? "in" : "not attached, in"
      return Repair.Step(
        RepairItem(attachment.label, .elsewhere, "\(state) another network namespace"))
    }
    let index = Interface.index(of: attachment.name)
    // What was attached by XDP may be attached by tc, unless it is.
    let mode = attachment.isAttached ? attachment.mode : .tc
    if let index, Interfaces.isUnreadable(index, mode: mode) {
      return Repair.Step(
        RepairItem(attachment.name, .unsupported, "its packets have no Ethernet header"))
    }
    if !attachment.isAttached { return try lost(attachment, wanted: wanted) }
    if let index, Interfaces.isBare(index) != attachment.isBare {
      return Repair.Step(
        RepairItem(attachment.label, .restored, "the type of its link was changed"),
        .attach(attachment))
    }
    if !attachment.isMoved { return Repair.Step(RepairItem(attachment.label, .unchanged)) }
    return Repair.Step(
      RepairItem(attachment.label, .adopted, "it was moved here from another network namespace"),
      .attach(attachment))
  }

  /// Handles an interface that should be attached and is not.
  private func lost(
    _ attachment: Attachment, wanted: Wanted
  ) throws(AegisError) -> Repair.Step {
    let name = attachment.label
    guard let ifindex = Interface.index(of: attachment.name) else {
      return Repair.Step(RepairItem(name, .waiting, "the interface does not exist"))
    }
    let occupant = try occupant(of: ifindex, attachment, wanted)
    guard let occupant else {
      let cause =
        attachment.isReplaced
        ? "the one before it was moved to another network namespace"
        : ifindex == attachment.pin ? "its link is missing" : "it was created again"
      return Repair.Step(RepairItem(name, .attached, cause), .attach(attachment))
    }
    let links = (try? BPFLink.search(ifindex: ifindex, program: occupant.program))?
      .filter { $0 != attachment.link }
    let isOurs = expected(of: attachment, wanted).contains(occupant.program)
    if isOurs, ifindex == attachment.pin, let link = links?.first {
      return Repair.Step(
        RepairItem(name, .adopted, "the pin of its link was missing"),
        .adopt(link: link, attachment))
    }
    return Repair.Step(RepairItem(name, .foreign, occupant.text))
  }

  /// What runs in the place of a link: another XDP program, or our own behind tc, which stands beside others.
  private func occupant(
    of ifindex: UInt32, _ attachment: Attachment, _ wanted: Wanted
  ) throws(AegisError) -> (program: UInt32, text: String)? {
    if attachment.mode == .tc {
      guard let program = wanted.traffic[attachment.direction],
        attachment.direction.hook.programs(of: ifindex).contains(program)
      else { return nil }
      return (program, "a link of this instance without a pin")
    }
    // tc takes over from XDP where that cannot read the packets.
    let found = try kernel { () throws(SystemError) in try ForeignProgram.find(on: ifindex) }
    return found.map { ($0.program, "\($0.description), \($0.ownerText)") }
  }

  /// Pins of links whose interface is gone, except those that a new attachment replaces, and of links that silence no
  /// port.
  private func stalePins(
    _ attachments: [Attachment], covered: [Repair.Step]
  ) throws(AegisError) -> [Repair.Step] {
    let root = datapath.root
    // Of what is in another network namespace, and of what is attached again.
    let kept = Set(
      attachments.filter(\.isElsewhere).flatMap { root.pins(of: $0.pin) }
        + covered.compactMap { step in
          if case .attach(let attachment) = step.work { attachment.path(at: root) } else { nil }
        })
    let silenced = attachments.filter { $0.wire != nil }.map { root.silence($0.pin) }
    return try root.linkPins().compactMap { name in
      let path = root.links + "/" + name
      let finding: String
      if name.contains(PinRoot.silenceSuffix) {
        if silenced.contains(path) { return nil }
        finding = "it silences no port of a wire"
      } else {
        if kept.contains(path) { return nil }
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
