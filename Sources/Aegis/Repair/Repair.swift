/// Restores the declared state in the kernel: pins, links and their program.
public struct Repair: Sendable {
  public let root: PinRoot

  public init(_ root: PinRoot) {
    self.root = root
  }

  public struct Outcome: Sendable {
    /// Everything that was examined; in a dry run, with what would be done.
    public internal(set) var items: [RepairItem] = []
    /// Errors of items that could not be repaired.
    public internal(set) var errors: [AegisError] = []

    public var isChanged: Bool { items.contains { $0.action.isChange } }
  }

  /// An action, and the item that reports it as done.
  struct Step {
    enum Work {
      case nothing
      case pin(PinRepair.Loss, Direction)
      case finishReplacement
      case attach(Attachment)
      case settle(WireAttachment, mode: AttachMode)
      case follow(Attachment, isUp: Bool)
      case restore(Attachment)
      case adopt(link: UInt32, Attachment)
      case detach(Attachment)
      case clear(path: String)
      case restorePolicy
      case mend(any InnerTables, InnerPin)
      case clearUnused(any InnerTables)
      case relay(RelayUpkeep, RelayUpkeep.Part)
      case hook(HookUpkeep, HookUpkeep.Part)
      case leave(Attachment)
    }

    let item: RepairItem
    let work: Work

    init(_ item: RepairItem, _ work: Work = .nothing) {
      self.item = item
      self.work = work
    }
  }

  /// Does what is needed, and nothing if all is well. In a dry run it only reports.
  ///
  /// - Throws: `notLoaded` if nothing is loaded. Errors with single items are in the outcome.
  public func run(in session: borrowing Session) throws(AegisError) -> Outcome {
    var outcome = Outcome()
    try root.check()
    if let damage = try Damage.find(at: root) {
      try RootRepair(root).mend(damage, &outcome, isDryRun: session.isDryRun)
      if session.isDryRun { return outcome }
    }
    let datapath = try Datapath(toChangeAt: root)
    let pins = try PinRepair.steps(root)
    outcome.perform(pins, datapath, session)
    // Without the maps, the declared interfaces are not known.
    if !outcome.errors.isEmpty || (session.isDryRun && !pins.isEmpty) { return outcome }
    let isReplacing = try root.has(root.moving)
    outcome.perform(try leftovers(isReplacing) + leftMeasurement(), datapath, session)
    let links = LinkRepair(datapath, isReplacing: session.isDryRun && isReplacing)
    outcome.perform(try links.steps(), datapath, session)
    outcome.perform(try WireRepair(datapath).steps(), datapath, session)
    for tables in datapath.innerTables {
      outcome.perform(try steps(of: tables), datapath, session)
    }
    outcome.perform(try RelayUpkeep.steps(datapath), datapath, session)
    outcome.perform(try HookUpkeep(datapath).steps(), datapath, session)
    outcome.perform(try overdue(datapath, session), datapath, session)
    return outcome
  }

  private func overdue(
    _ datapath: Datapath, _ session: borrowing Session
  ) throws(AegisError) -> [Step] {
    guard try session.isRestoreDue(datapath) else { return [] }
    let found = "it was not confirmed in time: the previous policy is restored"
    return [Step(RepairItem("policy", .finished, found), .restorePolicy)]
  }

  private func steps(of tables: any InnerTables) throws(AegisError) -> [Step] {
    let place = tables.inner.directory.dropFirst(root.path.count + 1) + "/"
    let lost = try tables.differing().map { pin in
      Step(
        RepairItem(place + pin.name, .adopted, "its pin was another object"), .mend(tables, pin))
    }
    let left = try tables.unused().map { pin in
      Step(
        RepairItem(place + pin.name, .finished, "left by an interrupted call"),
        .clearUnused(tables))
    }
    return lost + left
  }

  private func leftMeasurement() throws(AegisError) -> [Step] {
    let measuring = Measuring(root)
    guard try measuring.exists, try measuring.isOver else { return [] }
    let found = "left by an interrupted latency"
    return [Step(RepairItem(PinRoot.measuringName, .finished, found), .finishReplacement)]
  }

  private func leftovers(_ isReplacing: Bool) throws(AegisError) -> [Step] {
    let names = try Generations(root).leftovers() + (isReplacing ? ["moving"] : [])
    return names.map {
      Step(RepairItem($0, .finished, "left by an interrupted load"), .finishReplacement)
    }
  }
}

extension Repair.Outcome {
  /// Continues after an error: the next interface may be fine.
  fileprivate mutating func perform(
    _ steps: [Repair.Step], _ datapath: Datapath, _ session: borrowing Session
  ) {
    for step in steps {
      do throws(AegisError) {
        if let refusal = Self.refusal(of: step.item) { throw refusal }
        if !session.isDryRun { try step.work.perform(datapath, session) }
        items.append(step.item)
      } catch {
        if Self.refusal(of: step.item) != nil { items.append(step.item) }
        errors.append(error)
      }
    }
  }

  /// An error for an item that only the operator can fix.
  private static func refusal(of item: RepairItem) -> AegisError? {
    switch item.action {
    case .incomplete:
      AegisError(
        .failed, "\(item.name): \(item.detail ?? "its wire is not complete")",
        hint: [RelayUpkeep.name, HookUpkeep.name].contains(item.name)
          ? "aegisctl doctor" : "aegisctl doctor \(ShellWord(item.name))")
    case .foreign:
      AegisError(
        .interfaceTaken, "\(item.name) already runs \(item.detail ?? "another program")",
        hint: "aegisctl doctor \(ShellWord(item.name)) names the command that removes it")
    case .unsupported:
      AegisError(
        .badInput, "\(item.name): \(item.detail ?? "its packets cannot be read")",
        hint:
          "aegisctl detach \(ShellWord(item.name)), and attach the interface that carries its packets"
      )
    default: nil
    }
  }
}
