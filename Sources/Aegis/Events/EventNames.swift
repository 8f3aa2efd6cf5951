internal import CAegis

/// The names for the numbers in events. They are looked up again when a number is not known, but not for every event.
struct EventNames {
  private var interfaces: [UInt32: String] = [:]
  /// Both directions number their rates, their rules and their keys of several ports.
  private var rates: [Direction: [UInt32: String]] = [:]
  private var matches: [Direction: [UInt16: String]] = [:]
  private var classes: [UInt32: ClassName] = [:]
  private var lists: [UInt16: ListName] = [:]
  /// Interfaces without a header of the link.
  private var bare: Set<UInt32> = []
  private var lookedAt: ContinuousClock.Instant?

  private static let patience = Duration.seconds(1)

  init(_ datapath: Datapath) throws(AegisError) {
    try refresh(datapath)
    // Names that were added since are looked up at once.
    lookedAt = nil
  }

  /// Looks up the names for these events; an event whose name cannot be found shows its number.
  mutating func learn(_ events: [aegis_event], of datapath: Datapath) {
    let isKnown = events.allSatisfy {
      interfaces[$0.ifindex] != nil && ($0.rates == 0 || rate(of: $0) != nil)
        && ($0.rule == 0 || match(of: $0) != nil)
        && ($0.class == 0 || classes[UInt32($0.class)] != nil)
        && ($0.listNumber.map { lists[$0] != nil } ?? true)
    }
    let isFresh = lookedAt.map { $0 + Self.patience > .now } ?? false
    if !isKnown, !isFresh { _ = try? refresh(datapath) }
  }

  func interface(_ index: UInt32) -> String { interfaces[index] ?? "if\(index)" }
  func isBare(_ index: UInt32) -> Bool { bare.contains(index) }
  func rate(of event: aegis_event) -> String? {
    rates[event.leaves ? .out : .in]?[event.rates]
  }
  /// `rule NAME`, or a key of several ports.
  func match(of event: aegis_event) -> String? {
    event.rule == 0 ? nil : matches[event.leaves ? .out : .in]?[event.rule - 1]
  }
  func className(_ number: UInt32) -> ClassName? { classes[number] }
  func list(of event: aegis_event) -> ListName? { event.listNumber.flatMap { lists[$0] } }

  private mutating func refresh(_ datapath: Datapath) throws(AegisError) {
    lookedAt = .now
    for side in datapath.directions {
      rates[side.direction] = try RateTable(side).names()
      matches[side.direction] = try RuleTable(side).names().mapValues { "rule \($0)" }
      for view in try side.profileViews {
        matches[side.direction]?.merge(
          try PortKeyTable(view).names().mapValues { "\($0)" }
        ) { one, _ in one }
      }
    }
    classes = try ClassTable(datapath).names()
    lists = try ListTable(datapath).names()
    for attachment in try Interfaces(datapath).attachments() {
      interfaces[attachment.ifindex] = attachment.name
      if attachment.isBare { bare.insert(attachment.ifindex) }
    }
  }
}
