/// The path of a packet through the datapath, stage by stage, up to the one that decides.
public struct PacketTrace: Sendable {
  /// The stages, in order.
  public enum Stage: String, Sendable, CaseIterable {
    case parse, deadline
    case protectedKeys = "protected keys"
    case drops
    case neighbours
    case relay
    case rules
    case keys
    case defaultAction = "default"
    case reply
    case rate
    case hook
    case mode
    case wire
  }

  public enum Result: String, Sendable {
    /// The packet continues to the next stage.
    case goesOn = "continues"
    case passes
    case drops
    /// The packet leaves by the other port of the wire.
    case leaves
    /// The packet continues, but would be dropped without monitoring.
    case wouldDrop = "would drop"
    /// The stage has nothing to look for.
    case empty
  }

  public struct Step: Sendable {
    public let stage: Stage
    public let result: Result
    public var entry: MatchedEntry?
    /// A rule that the packet matched.
    public var rule: MatchedRule?
    public var rate: RateJudgement?
    /// The time until the deadline of an unconfirmed policy.
    public var remaining: Duration?
    /// What lists have that contains the address, besides `entry`; of the last step of the drops.
    public var holders: [ListHolding] = []
  }

  /// What is known of the address of the source.
  public struct Origin: Sendable {
    /// nil where nothing asks for classes.
    public internal(set) var className: ClassName?
    /// The prefix that gives it this class; nil if none does.
    public internal(set) var prefix: Prefix?
    public internal(set) var country: CountryCode?
    /// The file that names the country.
    public internal(set) var file: GeoTable.Source?
  }

  public let judgement: Judgement
  /// nil where no IP header was read.
  public internal(set) var origin: Origin?
  public let steps: [Step]
  /// Whether packets that no key names are dropped.
  public let deniesByDefault: Bool

  public var reason: Reason { judgement.reason }
}

/// An entry that names the packet.
public struct MatchedEntry: Sendable {
  /// The name, in the form that `drop-ip` and `allow-key` accept.
  public let name: String
  public let note: Note?
  /// The time until it stops matching; nil means never.
  public let remaining: Duration?
  public let isMonitored: Bool
  /// The list of a drop entry.
  public var list: ListName?
}

/// A rule that the packet matched.
public struct MatchedRule: Sendable {
  /// nil if it no longer exists.
  public let rule: Rule?
  /// `drop`, `allow`, `limit` or `hook`.
  public let action: String
  /// The time until it stops matching; nil means never.
  public let remaining: Duration?
  public let isMonitored: Bool
}

/// An entry of a list that contains an address.
public struct ListHolding: Sendable, Equatable {
  public let list: ListName
  public let prefix: Prefix
  /// Whether it would drop packets if no longer prefix decided.
  public let isEnforced: Bool
}

/// The result of the limiter.
public struct RateJudgement: Sendable {
  /// The scopes of rates, the most specific first: the first one that exists decides.
  public enum Place: String, Sendable, CaseIterable {
    case key = "its key"
    case portAndPrefix = "port and prefix"
    case port
    case portsAndPrefix = "ports and prefix"
    case ports, prefix
    case addressClass = "class"
    case rest = "default"
    /// In the place of a key.
    case rule = "its rule"
  }

  /// A rule that applies to the packet.
  public struct Rule: Sendable, Hashable {
    public let place: Place
    /// Which packets it is for: `port 53/udp`.
    public let name: String
  }

  /// One of up to four buckets that must all have room: for packets and bytes, of its source and of all sources
  /// together.
  public struct Bucket: Sendable {
    public let rate: Rate
    public let isTotal: Bool
    /// The rule that it belongs to, and the rules that it takes precedence over.
    public let rule: Rule
    public let passedOver: [Rule]
    /// The packets or bytes left before the packet, and the number when full.
    public let left: UInt64
    public let size: UInt64
    public let isOver: Bool
    /// The time until the packet would conform, if no other packet came.
    public let retryAfter: Duration?
    /// Whether it is shared with other sources, since its set is full.
    public let isShared: Bool
  }

  public let buckets: [Bucket]
}
