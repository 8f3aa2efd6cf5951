internal import CAegis

/// An entry of a list, as shown to an operator.
public struct Entry<Element: Hashable & Sendable>: Sendable {
  public let element: Element
  /// When it stops matching, in ns of CLOCK_BOOTTIME; nil means never.
  public let expires: UInt64?
  /// The time until it stops matching.
  public let remaining: Duration?
  /// Packets that it decided or, for a key, passed to the limiter.
  public let hits: UInt64
  public let note: Note?
  public let isProtected: Bool
  /// Whether a drop only monitors: its packets are counted as ones that would be dropped, and continue.
  public let isMonitored: Bool
  /// The rate of a key, used instead of the rules; nil means that the rules apply.
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

  /// The same entry for an element that contains its element, or is a part of it.
  func of<Other>(_ element: Other) -> Entry<Other> {
    Entry<Other>(
      element: element, expires: expires, remaining: remaining, hits: hits, note: note,
      isProtected: isProtected, isMonitored: isMonitored, rate: rate)
  }
}

public enum ChangeAction: String, Sendable, CaseIterable {
  case added, updated, removed, unchanged
}

/// The outcome for one element that a command was asked to change.
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

/// Allows `enum aegis_entry_flag` to be used as bits.
extension aegis_entry_flag {
  static let protected = UInt16(AEGIS_ENTRY_PROTECTED.rawValue)
  static let monitor = UInt16(AEGIS_ENTRY_MONITOR.rawValue)
}
