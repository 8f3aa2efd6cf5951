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

extension Entry {
  init(
    _ element: Element, _ entry: aegis_entry, _ conditions: Policy.Conditions, at now: UInt64
  ) {
    self.init(
      element: element, expires: conditions.expires, remaining: entry.remaining(at: now),
      hits: entry.hits, note: conditions.note, isProtected: entry.isProtected,
      isMonitored: entry.isMonitored, rate: conditions.rate)
  }

  /// The same of what its element is a part of, or has as a part.
  func of<Other>(_ element: Other) -> Entry<Other> {
    Entry<Other>(
      element: element, expires: expires, remaining: remaining, hits: hits, note: note,
      isProtected: isProtected, isMonitored: isMonitored, rate: rate)
  }
}

public enum ChangeAction: String, Sendable, CaseIterable {
  case added, updated, removed, unchanged
}

/// What became of one thing that a verb was asked to make so.
public struct Change<Element: Sendable>: Sendable {
  public typealias Action = ChangeAction

  public let element: Element
  public let action: Action

  public init(_ element: Element, _ action: Action) {
    self.element = element
    self.action = action
  }
}

extension aegis_entry {
  static func new(
    expires: UInt64, protected: Bool, monitored: Bool, prefixLength: Int
  ) -> aegis_entry {
    var entry = aegis_entry()
    entry.expires = expires
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
}

/// `enum aegis_entry_flag` as the bits that they are.
extension aegis_entry_flag {
  static let protected = UInt16(AEGIS_ENTRY_PROTECTED.rawValue)
  static let monitor = UInt16(AEGIS_ENTRY_MONITOR.rawValue)
}
