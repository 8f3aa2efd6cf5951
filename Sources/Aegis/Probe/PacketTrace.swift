/// The way of a packet through the datapath, stage by stage, up to the one that decides.
public struct PacketTrace: Sendable {
  /// What comes after each other, in this order.
  public enum Stage: String, Sendable, CaseIterable {
    case parse, deadline
    case protectedKeys = "protected keys"
    case dropHosts = "drop hosts"
    case dropPrefixes = "drop prefixes"
    case neighbours
    case keys
    case defaultAction = "default"
    case rate
    case mode
  }

  public enum Result: String, Sendable {
    /// On to the next stage.
    case goesOn = "continues"
    case passes
    case drops
    /// Goes on, though it would be dropped but for monitoring.
    case wouldDrop = "would drop"
    /// There is nothing to look for.
    case empty
  }

  public struct Step: Sendable {
    public let stage: Stage
    public let result: Result
    public var entry: MatchedEntry?
    public var rate: RateJudgement?
    /// Until an unconfirmed policy ends, of the deadline.
    public var remaining: Duration?
  }

  public let judgement: Judgement
  public let steps: [Step]
  /// Whether what no key names is dropped.
  public let deniesByDefault: Bool

  public var reason: Reason { judgement.reason }
}

/// An entry that names the packet.
public struct MatchedEntry: Sendable {
  /// As `drop-ip` and `allow-key` take it.
  public let name: String
  public let note: Note?
  /// Until it stops matching; nil is for good.
  public let remaining: Duration?
  public let isMonitored: Bool
}

/// What the limiter finds.
public struct RateJudgement: Sendable {
  /// Whom the rates are written for, the most specific first: the first of these that there is decides.
  public enum Place: String, Sendable, CaseIterable {
    case key = "its key"
    case portAndPrefix = "port and prefix"
    case port, prefix
    case rest = "default"
  }

  /// A rule that holds for the packet.
  public struct Rule: Sendable, Hashable {
    public let place: Place
    /// Which packets it is for: `port 53/udp`.
    public let name: String
  }

  /// One of up to four buckets that must all have room: packets and bytes, of its source and of all together.
  public struct Bucket: Sendable {
    public let rate: Rate
    public let isTotal: Bool
    /// The rule that it is of, and those that gave way to it.
    public let rule: Rule
    public let passedOver: [Rule]
    /// Packets or bytes that it has left before the packet, of so many when full.
    public let left: UInt64
    public let size: UInt64
    public let isOver: Bool
    /// Until the packet would conform, if nothing else came.
    public let retryAfter: Duration?
    /// Whether it is shared with other sources, since its set is full.
    public let isShared: Bool
  }

  public let buckets: [Bucket]
}
