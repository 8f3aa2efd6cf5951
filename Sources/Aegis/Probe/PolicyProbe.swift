internal import CAegis
internal import Linux

/// A policy that can be queried about synthetic packets. It runs the datapath's own code in this process, on the loaded
/// maps or on those that a policy would load. Nothing is counted and no loaded bucket is charged.
public struct PolicyProbe: ~Copyable {
  /// Which buckets are used to judge rates.
  public enum Buckets: Sendable {
    /// The buckets in force, which are not changed.
    case inForce
    /// A separate set of buckets, all full at first, which packets are charged to.
    case own
  }

  /// The time when a packet is judged, in ns of two of the kernel's clocks.
  public struct Moment: Sendable {
    public let monotonic: UInt64
    /// The clock that expiries are compared with.
    public let boottime: UInt64

    public init(monotonic: UInt64, boottime: UInt64) {
      self.monotonic = monotonic
      self.boottime = boottime
    }

    public static var now: Moment {
      Moment(monotonic: Clock.monotonic(), boottime: Clock.boottime())
    }
  }

  /// The size in bytes of the smallest frame that the kernel runs a program on, and of one with the longest IP packet
  /// behind tags. For a longer packet (BIG TCP), only this many bytes are known.
  public static let frameSizes = 14...65_536 + 128

  private let host: HostDatapath
  private let facts: any PolicyFacts
  private let charges: Bool

  /// The policy in force.
  ///
  /// - Parameter isForced: Whether to judge by the profile of the datapath, whichever is in force.
  /// - Throws: `otherLayout` if another version of the tool loaded it.
  public init(
    _ datapath: Datapath, buckets: Buckets = .inForce, isForced: Bool = false
  ) throws(AegisError) {
    let host = try HostDatapath(over: datapath)
    if isForced { try host.force() }
    if !datapath.isOfThisBuild {
      Notice.give(
        "another build of aegisctl loaded the datapath: the answer uses the logic of this one")
    }
    if buckets == .own {
      host.beginAnew(AEGIS_MAP_cells, entries: try datapath.capacity().cells)
    }
    self.host = host
    facts = LoadedFacts(datapath: datapath)
    charges = buckets == .own
  }

  /// A policy that need not be loaded; no source owes anything.
  ///
  /// - Parameter geo: The countries of addresses; nil if they are unknown.
  /// - Throws: `badInput` for a rate that the limiter's clock cannot keep, or classes that contradict each other.
  public init(
    _ policy: Policy, geo: GeoTable? = nil, buckets: Buckets = .inForce,
    direction: Direction = .in
  ) throws(AegisError) {
    try policy.checkClasses()
    let image = try PolicyImage(policy, direction, geo: geo)
    host = image.host
    facts = image
    charges = buckets == .own
  }

  /// The packets that it judges.
  public var direction: Direction { host.direction }

  /// Whether the socket of a packet that comes in matters.
  public var asksForSockets: Bool {
    get throws(AegisError) {
      try host.config().stages & (aegis_stage.replies | aegis_stage.ruleSockets) != 0
        && direction == .in
    }
  }

  /// What would happen to an Ethernet frame.
  ///
  /// - Parameters:
  ///   - attachment: The interface that it comes in by, which matters for a wire; nil for any other.
  ///   - linear: The number of its bytes in the first part of a driver's buffer; nil for all.
  ///   - moment: nil means now.
  ///   - className: The class that its source is taken to have; nil for its own.
  ///   - socket: What it has to do with the sockets of this host. Of a packet that leaves, `established` means that it
  ///     belongs to a connection that this host accepted.
  /// - Throws: `badInput` for a frame whose size is not in `frameSizes`, or a class that does not exist.
  public func judge(
    _ frame: [UInt8], on attachment: Attachment? = nil, linear: Int? = nil,
    at moment: Moment? = nil,
    as className: ClassName? = nil, socket: SocketState = .none
  ) throws(AegisError) -> Judgement {
    guard Self.frameSizes ~= frame.count else {
      throw AegisError(.badInput, "a frame of \(frame.count) bytes is not a valid Ethernet frame")
    }
    // A replay reads each entry once, and the entries that were found do not change afterwards.
    if !charges { host.forget() }
    var assumed: UInt32 = 0
    if let className {
      guard let number = try host.classNumbers()[className] else { throw .noClass(className) }
      assumed = number
    }
    return try host.judge(
      frame, on: attachment?.pin ?? 0, linear: linear, at: moment ?? .now, charges: charges,
      assumed: assumed, socket: socket)
  }

  /// Explains a judgement with the policy's entries and rules that it refers to.
  public func trace(of judgement: Judgement) throws(AegisError) -> PacketTrace {
    let (facts, config) = try facts(of: judgement)
    var trace = try PacketTraceBuilder(judgement, facts, config).trace()
    if let source = judgement.source {
      trace.origin = try origin(of: source, classNumber: judgement.trace.class)
    }
    return trace
  }

  /// Those of the profile that it was judged by.
  private func facts(
    of judgement: Judgement
  ) throws(AegisError) -> (facts: any PolicyFacts, config: aegis_config) {
    guard let loaded = facts as? LoadedFacts else { return (facts, try host.config()) }
    let view = loaded.datapath[profile: try judgement.profile(of: loaded.datapath)]
    return (LoadedFacts(datapath: view), try Settings.read(view))
  }

  private func origin(
    of source: IPAddress, classNumber: UInt32
  ) throws(AegisError) -> PacketTrace.Origin {
    var origin = PacketTrace.Origin()
    if classNumber != 0 {
      origin.className = try host.classNumbers().first { $0.value == classNumber }?.key
    }
    if try host.config().stages & aegis_stage.classPrefixes != 0 {
      let whole = Prefix(masking: source, length: source.width)
      let found: aegis_class_prefix? = try host.longest(whole.classKey, in: AEGIS_MAP_class_prefix)
      if let found, found.number == classNumber {
        let length = Int(found.length) - Int(AEGIS_KEY_HEAD_BITS)
        origin.prefix = Prefix(masking: source, length: length)
      }
    }
    if let found = try host.country(of: source) {
      let files = try facts.geoFiles()
      origin.country = found.country
      origin.file = found.file < files.count ? files[found.file] : nil
    }
    return origin
  }
}
