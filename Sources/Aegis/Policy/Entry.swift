internal import CAegis

/// What is on a list, as an operator sees it.
public struct Entry<Element: Hashable & Sendable>: Sendable {
  public let element: Element
  /// When it stops matching, in ns of CLOCK_BOOTTIME; nil is never.
  public let expires: UInt64?
  /// Until then.
  public let remaining: Duration?
  /// Packets that it decided or, for a key, let on to the limiter.
  public let hits: UInt64
  public let note: Note?
  public let isProtected: Bool
  /// Of a drop: its packets are counted as ones that would be dropped, and go on.
  public let isMonitored: Bool
  /// Of a key, instead of the rules; nil leaves it to them.
  public let rate: Rate?
}

/// What became of one thing that a verb was asked to make so.
public struct Change<Element: Sendable>: Sendable {
  public enum Action: String, Sendable, CaseIterable {
    case added, updated, removed, unchanged
  }

  public let element: Element
  public let action: Action

  public init(_ element: Element, _ action: Action) {
    self.element = element
    self.action = action
  }
}

extension aegis_entry {
  static func new(
    expires: UInt64, note: UInt32, rate: UInt32, protected: Bool, monitored: Bool, prefixLength: Int
  ) -> aegis_entry {
    var entry = aegis_entry()
    entry.expires = expires
    entry.note = note
    entry.rate = rate
    entry.flags =
      (protected ? aegis_entry_flag.protected : 0) | (monitored ? aegis_entry_flag.monitor : 0)
    entry.prefix_length = UInt8(prefixLength)
    return entry
  }

  var isProtected: Bool { flags & aegis_entry_flag.protected != 0 }

  var isMonitored: Bool { flags & aegis_entry_flag.monitor != 0 }

  func isExpired(at now: UInt64) -> Bool { expires != 0 && expires <= now }

  func remaining(at now: UInt64) -> Duration? {
    expires == 0 ? nil : .nanoseconds(expires - min(expires, now))
  }

  /// The same but for what only the datapath writes.
  func says(_ other: aegis_entry) -> Bool {
    expires == other.expires && note == other.note && rate == other.rate && flags == other.flags
  }
}

/// `enum aegis_entry_flag` as the bits that they are.
extension aegis_entry_flag {
  static let protected = UInt16(AEGIS_ENTRY_PROTECTED.rawValue)
  static let monitor = UInt16(AEGIS_ENTRY_MONITOR.rawValue)
}
