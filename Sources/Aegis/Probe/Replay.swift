internal import CAegis
internal import Linux

/// Runs a sequence of frames through a policy, with separate buckets, and sums up the results. Of packets that leave,
/// each destination is what a source is otherwise.
public struct Replay: ~Copyable {
  /// The times at which packets are judged.
  public enum Pace: Sendable, Hashable {
    /// Their recorded times, this many times as fast; the replay itself does not wait.
    case recorded(speed: Double)
    /// All at once, one after the other.
    case atOnce
  }

  /// The results for a source.
  public struct Source: Sendable {
    public let address: IPAddress
    public fileprivate(set) var packets: UInt64 = 0
    public fileprivate(set) var dropped: [Reason: UInt64] = [:]

    public var droppedPackets: UInt64 { dropped.values.reduce(0, +) }
  }

  /// The number of sources that are distinguished; packets of others are only counted by reason.
  public static let mostSources = 1 << 20

  public private(set) var counts = Counts()
  /// Frames that are shorter than an Ethernet header, which no program can be run on.
  public private(set) var unjudged = 0
  /// Frames whose captured part lacks some of the headers that decide.
  public private(set) var unreadable = 0
  /// Whether there were more sources than are distinguished.
  public private(set) var hasMoreSources = false
  /// The times of the first and the latest packet, in ns since the Unix epoch.
  public private(set) var span: ClosedRange<Int64>?

  public var direction: Direction { probe.direction }

  private let probe: PolicyProbe
  private let pace: Pace
  private let start = PolicyProbe.Moment.now
  private var first: Int64?
  private var latest: UInt64 = 0
  private var bySource: [IPAddress: Source] = [:]
  private var accepted = AcceptedConnections()

  /// - Parameter probe: A probe with its own buckets.
  public init(_ probe: consuming PolicyProbe, pace: Pace) {
    self.probe = probe
    self.pace = pace
  }

  /// - Parameters:
  ///   - time: The time of the frame, in ns since the Unix epoch. A frame with a time before the last one is judged at
  ///     the time of the last.
  ///   - captured: The number of captured bytes; the others must be zero.
  public mutating func judge(
    _ frame: [UInt8], at time: Int64, captured: Int
  ) throws(AegisError) {
    note(time)
    guard PolicyProbe.frameSizes ~= frame.count else {
      unjudged += 1
      return
    }
    let moment = moment(of: time)
    var judgement = try probe.judge(frame, at: moment)
    // What is dropped by default is charged to no bucket, so that it can be judged again.
    if direction == .out, judgement.isDroppedByDefault, accepted.contain(frame, judgement) {
      judgement = try probe.judge(frame, at: moment, socket: .established)
    }
    guard captured >= frame.count || judgement.isReadable(within: captured) else {
      unreadable += 1
      return
    }
    counts.note(
      judgement.reason, wouldDrop: judgement.wouldDrop,
      Count(packets: 1, bytes: UInt64(frame.count)))
    if let source = judgement.source { note(source, judgement.reason) }
  }

  private mutating func note(_ time: Int64) {
    span = span.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
  }

  /// The limiter's clock starts with the first packet; expiries are judged as of the start of the replay.
  private mutating func moment(of time: Int64) -> PolicyProbe.Moment {
    guard case .recorded(let speed) = pace else {
      return PolicyProbe.Moment(monotonic: Clock.monotonic(), boottime: start.boottime)
    }
    let first = first ?? time
    self.first = first
    let passed = max(0, Double(time) - Double(first)) / speed
    latest = max(latest, UInt64(min(passed, Self.longest)))
    return PolicyProbe.Moment(monotonic: start.monotonic + latest, boottime: start.boottime)
  }

  /// Ten years, in ns, so that a capture with a broken clock does not overflow.
  private static let longest = 3e17

  private mutating func note(_ address: IPAddress, _ reason: Reason) {
    guard bySource[address] != nil || bySource.count < Self.mostSources else {
      hasMoreSources = true
      return
    }
    bySource[address, default: Source(address: address)].packets += 1
    if reason.verdict == .drop {
      bySource[address]?.dropped[reason, default: 0] += 1
    }
  }

  public var sourceCount: Int { bySource.count }

  /// The sources that lost the most packets, in this order, without those that lost none.
  public func worst(_ most: Int) -> [Source] {
    let hit = bySource.values.filter { !$0.dropped.isEmpty }
    let sorted = hit.sorted {
      ($0.droppedPackets, $1.address) > ($1.droppedPackets, $0.address)
    }
    return Array(sorted.prefix(most))
  }
}

extension Judgement {
  /// Whether no key names it and the default is deny, even if that is only monitored.
  fileprivate var isDroppedByDefault: Bool {
    (wouldDrop ?? reason).rawValue == AEGIS_DROP_DEFAULT.rawValue
  }
}
