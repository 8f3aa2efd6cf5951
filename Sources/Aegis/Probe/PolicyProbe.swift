internal import CAegis
internal import Linux

/// A policy, asked about packets that never were on a wire: the datapath's own code, in this process, on the maps that
/// are loaded or on what a policy would load. Nothing is counted and nobody else's bucket is charged.
public struct PolicyProbe: ~Copyable {
  /// Which buckets rates are judged by.
  public enum Buckets: Sendable {
    /// Those in force, which stay as they are.
    case inForce
    /// As many of their own, all full at first, that are charged from packet to packet.
    case own
  }

  /// When a packet is judged, in ns of both of the kernel's clocks.
  public struct Moment: Sendable {
    public let monotonic: UInt64
    /// What expires is compared with this one.
    public let boottime: UInt64

    public init(monotonic: UInt64, boottime: UInt64) {
      self.monotonic = monotonic
      self.boottime = boottime
    }

    public static var now: Moment {
      Moment(monotonic: Clock.monotonic(), boottime: Clock.boottime())
    }
  }

  /// Bytes of the smallest frame that the kernel runs a program on, and of one with the longest IP packet behind tags; a
  /// longer packet (BIG TCP) is known by as much of it.
  public static let frameSizes = 14...65_536 + 128

  private let host: HostDatapath
  private let facts: any PolicyFacts
  private let charges: Bool

  /// The policy in force.
  ///
  /// - Throws: `otherLayout` if another version of the tool loaded it.
  public init(_ datapath: Datapath, buckets: Buckets = .inForce) throws(AegisError) {
    let host = try HostDatapath(over: datapath)
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

  /// A policy that need not be loaded, with nobody in debt.
  ///
  /// - Throws: `badInput` for a rate that the limiter's clock cannot keep.
  public init(_ policy: Policy, buckets: Buckets = .inForce) throws(AegisError) {
    let image = try PolicyImage(policy)
    host = image.host
    facts = image
    charges = buckets == .own
  }

  /// What would become of an Ethernet frame.
  ///
  /// - Parameters:
  ///   - linear: Its bytes in the first piece of a driver's buffer; nil for all.
  ///   - moment: nil for now.
  /// - Throws: `badInput` for a frame that is not one of `frameSizes`.
  public func judge(
    _ frame: [UInt8], linear: Int? = nil, at moment: Moment? = nil
  ) throws(AegisError) -> Judgement {
    guard Self.frameSizes ~= frame.count else {
      throw AegisError(.badInput, "a frame of \(frame.count) bytes is not a valid Ethernet frame")
    }
    // A replay reads each entry once; what a packet found stays what it was.
    if !charges { host.forget() }
    return try host.judge(frame, linear: linear, at: moment ?? .now, charges: charges)
  }

  /// Explains a judgement by what the policy says of the entries and rules that it names.
  public func trace(of judgement: Judgement) throws(AegisError) -> PacketTrace {
    try PacketTraceBuilder(judgement, facts, host.config()).trace()
  }
}
