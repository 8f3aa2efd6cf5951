internal import BPF
internal import CAegis
internal import Linux

/// What may get lost of a relay that is on: what `doctor` tells of, and `repair` restores.
struct RelayUpkeep {
  enum Part {
    /// The program that the datapath continues with.
    case program
    /// The keys, which a killed call has changed only half.
    case keys
    /// What it knows of the wall clock.
    case clock
    /// Settings of interfaces, and neighbours.
    case host
  }

  /// Of its items.
  static let name = "relay"

  private let datapath: Datapath
  private let store: RelayStore
  private let settings: RelaySettings
  private let destinations: [IPAddress]

  /// More than the reading of two clocks takes.
  private static let leastSkew = Duration.milliseconds(10)

  /// nil if there is no relay.
  init?(_ datapath: Datapath) throws(AegisError) {
    store = RelayStore(datapath)
    guard let settings = try store.settings() else { return nil }
    self.datapath = datapath
    self.settings = settings
    destinations = try RelayUsers(datapath).all().map(\.destination.address)
  }

  private var host: RelayHost {
    RelayHost(datapath, listen: settings.listen.map(\.address), destinations: destinations)
  }

  private func skew() throws(AegisError) -> Duration { try store.clockSkew() ?? .zero }

  private func hasProgram() throws(AegisError) -> Bool {
    try RelayProgram.isInPlace(in: datapath.root.current)
  }

  func findings() throws(AegisError) -> [Finding] {
    var findings: [Finding] = []
    if try !hasProgram() {
      findings.append(
        Finding(
          "relay", .error, "its program is missing",
          because: "packets to be relayed are dropped: drop.relay-unroutable",
          fix: "aegisctl repair"))
    }
    if try store.isHalfSet() {
      findings.append(
        Finding(
          "relay", .warning, Self.halfSet,
          because: "the key of a token is derived for each packet", fix: "aegisctl repair"))
    }
    let skew = try skew()
    if abs(skew) > RelayStore.mostSkew {
      findings.append(
        Finding(
          "relay", .error, Self.text(skew),
          because: "tokens expire early or late, and packets are refused as replayed",
          fix: "aegisctl repair"))
    }
    findings += try host.check()
    if let local = LocalPorts.read(), let finding = RelayChecks.ports(settings, local) {
      findings.append(finding)
    }
    if !findings.isEmpty { return findings }
    let place = settings.listen.map { "\($0)" }.joined(separator: ", ")
    let noun = destinations.count == 1 ? "user" : "users"
    return [.ok("relay", "\(place), \(destinations.count) \(noun)")]
  }

  private static let halfSet = "the change of its keys was interrupted"

  private static func text(_ skew: Duration) -> String {
    let tenths = Int64((abs(skew) / .milliseconds(100)).rounded())
    return
      "the clock was set \(skew < .zero ? "back" : "ahead") by \(tenths / 10).\(tenths % 10) s since the relay was told"
  }

  /// What is missing, of the relay and of interfaces that are not kept for it any more.
  static func steps(_ datapath: Datapath) throws(AegisError) -> [Repair.Step] {
    let left = try left(datapath)
    guard let relay = try RelayUpkeep(datapath) else { return left }
    return try left + relay.steps()
  }

  private func steps() throws(AegisError) -> [Repair.Step] {
    func step(_ found: String, _ part: Part) -> Repair.Step {
      Repair.Step(RepairItem(Self.name, .restored, found), .relay(self, part))
    }
    var steps: [Repair.Step] = []
    if try !hasProgram() { steps.append(step("its program was missing", .program)) }
    let skew = try skew()
    if try store.isHalfSet() {
      steps.append(step(Self.halfSet, .keys))
    }
    if abs(skew) > Self.leastSkew { steps.append(step(Self.text(skew), .clock)) }
    do throws(AegisError) {
      let faults = try host.faults()
      if !faults.isEmpty { steps.append(step(faults.joined(separator: ", "), .host)) }
    } catch {
      steps.append(
        Repair.Step(
          RepairItem(Self.name, .incomplete, error.message + (error.hint.map { ": \($0)" } ?? ""))))
    }
    return steps
  }

  /// Interfaces whose detachment was interrupted, or could not restore their settings from another namespace.
  private static func left(_ datapath: Datapath) throws(AegisError) -> [Repair.Step] {
    let slots = try Slots(datapath).taken().filter {
      $0.interface.flags & aegis_port_flag.relay != 0
    }.map(\.slot)
    if slots.isEmpty { return [] }
    return try Interfaces(datapath).attachments().filter {
      $0.direction == .in && slots.contains($0.slot) && !$0.isDeclared && !$0.isElsewhere
    }.map {
      Repair.Step(
        RepairItem($0.name, .finished, "its settings were those that the relay needs"), .leave($0))
    }
  }

  func repair(_ part: Part, in session: borrowing Session) throws(AegisError) {
    switch part {
    case .program: try RelayProgram.make(in: datapath.root.current)
    case .keys: _ = try store.set(settings, in: session)
    case .clock: try store.refreshClock(in: session)
    case .host: try host.prepare(in: session)
    }
  }
}

private func abs(_ duration: Duration) -> Duration {
  duration < .zero ? .zero - duration : duration
}
