/// A named match, and what becomes of the packets that match.
///
/// Rules have an order, and the first one that matches decides. One that is monitored, or has expired, leaves a packet
/// to the next one.
public struct Rule: Hashable, Sendable {
  public enum Action: Hashable, Sendable {
    case drop
    /// Admits a packet as an allow key does.
    case allow
    /// Leaves it to what follows whether a packet is admitted; this rate judges it in place of all others.
    ///
    /// nil is no rate: none judges it.
    case limit(Rate?, isTotal: Bool)
    /// Leaves it to what follows too, and if the packet passes, gives it to the operator's own program. Where one such
    /// rule is not monitored, the program gets no other packets.
    case hook
  }

  public var name: RuleName
  public var match = RuleMatch()
  /// A packet that matches a field of these does not match the rule. One that lacks what a field is about, such as a
  /// port, does not match it either.
  public var exceptions = RuleMatch()
  public var action: Action
  /// Whether packets that match are only counted.
  public var isMonitored = false
  public var note: Note?
  /// ns of CLOCK_BOOTTIME; nil means never.
  public var expires: UInt64?

  public init(_ name: RuleName, _ action: Action) {
    self.name = name
    self.action = action
  }

  /// Whether both are equal, except for less than a second of their expiry.
  public func says(_ other: Rule) -> Bool {
    var same = other
    if Policy.Conditions.isSame(expires, other.expires) { same.expires = expires }
    return self == same
  }

  public mutating func expire(at end: EntryEdit.End) { expires = EntryEdit(end: end).expires }

  func isExpired(at now: UInt64) -> Bool { expires.map { $0 <= now } ?? false }
}

extension Rule.Action {
  /// Whether it says itself what becomes of a packet. Otherwise keys and the default do.
  var isFinal: Bool { self == .drop || self == .allow }

  /// The word after `--then`.
  public var word: String {
    switch self {
    case .drop: "drop"
    case .allow: "allow"
    case .limit: "limit"
    case .hook: "hook"
    }
  }
}
