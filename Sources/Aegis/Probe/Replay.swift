internal import Linux

/// Runs frame after frame through the loaded policy, with buckets of its own, and sums up what would become of them.
public struct Replay: ~Copyable {
  /// When packets are judged.
  public enum Pace: Sendable, Hashable {
    /// By their own times, this many times as fast; nothing waits for them.
    case recorded(speed: Double)
    /// One right after the other.
    case atOnce
  }

  /// What would become of a source.
  public struct Source: Sendable {
    public let address: IPAddress
    public fileprivate(set) var packets: UInt64 = 0
    public fileprivate(set) var dropped: [Reason: UInt64] = [:]

    public var droppedPackets: UInt64 { dropped.values.reduce(0, +) }
  }

  /// Sources that are told apart; what comes from others counts by reason alone.
  public static let mostSources = 1 << 20

  public private(set) var counts = Counts()
  /// Frames that no program can be run on, being shorter than an Ethernet header.
  public private(set) var unjudged = 0
  /// Frames of which the capture holds less than the headers that decide.
  public private(set) var unreadable = 0
  /// Whether there were more sources than are told apart.
  public private(set) var hasMoreSources = false
  /// Of the first packet and the latest, in ns since the Unix epoch.
  public private(set) var span: ClosedRange<Int64>?

  private let probe: PolicyProbe
  private let pace: Pace
  private let start = PolicyProbe.Moment.now
  private var first: Int64?
  private var latest: UInt64 = 0
  private var bySource: [IPAddress: Source] = [:]

  /// - Parameter probe: With buckets of its own.
  public init(_ probe: consuming PolicyProbe, pace: Pace) {
    self.probe = probe
    self.pace = pace
  }

  /// - Parameters:
  ///   - time: Of the frame, in ns since the Unix epoch. One before the last is judged with that.
  ///   - captured: How many of its bytes are known; the others are to be zero.
  public mutating func judge(
    _ frame: [UInt8], at time: Int64, captured: Int
  ) throws(AegisError) {
    note(time)
    guard PolicyProbe.frameSizes ~= frame.count else {
      unjudged += 1
      return
    }
    let judgement = try probe.judge(frame, at: moment(of: time))
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

  /// The limiter's clock starts with the first packet; what expires is as it was when the replay began.
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

  /// Ten years, in ns: a capture with a broken clock does not run over.
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

  /// Those of which most was dropped, in this order; none of which nothing was.
  public func worst(_ most: Int) -> [Source] {
    let hit = bySource.values.filter { !$0.dropped.isEmpty }
    let sorted = hit.sorted {
      ($0.droppedPackets, $1.address) > ($1.droppedPackets, $0.address)
    }
    return Array(sorted.prefix(most))
  }
}
