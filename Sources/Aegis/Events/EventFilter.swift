internal import CAegis

/// Which packets are reported, and how many at most.
public struct EventFilter: Sendable {
  /// The reasons that decided, or would have dropped; empty means any.
  public var reasons: Set<Reason> = []
  /// The source of the packet; nil means any, including packets that are not IP.
  public var source: Prefix?
  /// The class of the peer; nil means any, including packets without one.
  public var className: ClassName?
  /// nil means both.
  public var direction: Direction?
  /// The name of an interface that the datapath is attached to; nil means any.
  public var interface: String?
  /// The maximum number of packets reported per second. A burst may have as many packets as 100 ms give: at least 10,
  /// or the rate if that is lower, and at most half of the ring's room.
  public var rate: UInt32
  /// One packet in this many is reported, at random.
  public var sample: UInt32

  /// - Parameters:
  ///   - rate: 1 to `mostRate`.
  ///   - sample: 1, which is every packet, to `mostSample`.
  public init(rate: UInt32 = defaultRate, sample: UInt32 = 1) {
    self.rate = rate
    self.sample = sample
  }

  public static let defaultRate: UInt32 = 1000
  public static let mostRate: UInt32 = 1_000_000
  public static let mostSample: UInt32 = 1_000_000_000

  /// The reasons to drop, including what would be dropped if it were not only monitored.
  public static let drops = Set(Reason.allCases.filter { $0.verdict == .drop })

  /// The index of `interface`; 0 means any.
  func ifindex(in datapath: Datapath) throws(AegisError) -> UInt32 {
    guard let interface else { return 0 }
    let attached = try Interfaces(datapath).attachments().filter(\.isAttached)
    guard let found = attached.first(where: { $0.name == interface }) else {
      throw .notAttached(interface)
    }
    if let direction,
      !attached.contains(where: { $0.name == interface && $0.direction == direction })
    {
      throw AegisError(
        .notLoaded,
        "\(interface) is not attached for packets that \(direction == .out ? "leave" : "come in")",
        hint: "aegisctl attach \(ShellWord(interface)) --direction \(direction.rawValue)")
    }
    return found.ifindex
  }

  /// The number of `className`; nil means any.
  func classNumber(in datapath: Datapath) throws(AegisError) -> UInt32? {
    guard let className else { return nil }
    guard let number = try ClassTable(datapath).classNumbers()[className] else {
      throw .noClass(className)
    }
    guard try Settings.read(datapath).stages & aegis_stage.classes != 0 else {
      throw AegisError(
        .badInput, "no class is defined and no rate is for one, so packets have no classes",
        hint: "aegisctl set-class NAME --country DE")
    }
    return number
  }

  /// - Parameters:
  ///   - ifindex: The index of `interface`.
  ///   - classNumber: The number of `className`.
  func abi(ifindex: UInt32, classNumber: UInt32?) throws(AegisError) -> aegis_event_filter {
    var filter = aegis_event_filter()
    do throws(InputError) {
      var budget = try Rate(packets: UInt64(rate), period: .second)
      budget.burst = min(budget.defaultBurst, rate, UInt32(EventMaps.room / 2))
      filter.budget = try budget.abi()
    } catch {
      throw AegisError(error)
    }
    filter.reasons = reasons.isEmpty ? .max : reasons.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    if let source {
      let isV4 = source.address.width == 32
      filter.family = (isV4 ? AEGIS_FAMILY_V4 : AEGIS_FAMILY_V6).rawValue
      filter.source = source.address.octets
      filter.mask = Settings.mask(source.length)
    }
    filter.ifindex = ifindex
    filter.directions = direction.map { 1 << UInt64($0.abi.rawValue) } ?? 0
    filter.classes = classNumber.map { 1 << UInt64($0) } ?? 0
    filter.sample = sample
    return filter
  }
}
