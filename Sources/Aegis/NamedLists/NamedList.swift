internal import CAegis
internal import Linux

/// What holds for all entries of a list of drop entries.
public struct NamedList: Hashable, Sendable {
  public enum Action: String, Sendable, CaseIterable {
    case drop
    /// Its entries do nothing by themselves.
    case none
  }

  public var action = Action.drop
  public var directions = Directions.in
  /// Whether its entries only count what they would drop.
  public var isMonitored = false
  public var note: Note?
  /// When all its entries stop matching, in ns of CLOCK_BOOTTIME; nil means never.
  public var expires: UInt64?

  public init() {}

  public init(
    action: Action = .drop, directions: Directions = .in, isMonitored: Bool = false,
    note: Note? = nil, expires: UInt64? = nil
  ) {
    self.action = action
    self.directions = directions
    self.isMonitored = isMonitored
    self.note = note
    self.expires = expires
  }

  /// Whether its entries drop packets, as long as it has not expired.
  var isEnforced: Bool { action == .drop && !isMonitored }

  /// Whether both are equal, except for less than a second of their expiry.
  func says(_ other: NamedList) -> Bool {
    var same = other
    if Policy.Conditions.isSame(expires, other.expires) { same.expires = expires }
    return self == same
  }

  /// Has all entries expire at this time.
  public mutating func expire(at end: EntryEdit.End) { expires = EntryEdit(end: end).expires }

  func isExpired(at now: UInt64) -> Bool { expires.map { $0 <= now } ?? false }
}

extension NamedList {
  /// The words that describe it to an operator.
  public var words: [String] {
    let settings = [
      action == .none ? "a set" : nil, isMonitored ? "monitored" : nil,
      directions == .in ? nil : directions == .out ? "what leaves" : "both directions",
    ]
    return settings.compactMap { $0 } + Policy.Conditions(expires: expires, note: note).words
  }
}

extension NamedList {
  /// The same in one text.
  var text: String { words.joined(separator: ", ") }
}

extension aegis_list_flag {
  static let monitor = AEGIS_LIST_MONITOR.rawValue
  static let set = AEGIS_LIST_SET.rawValue
  static let `in` = AEGIS_LIST_IN.rawValue
  static let out = AEGIS_LIST_OUT.rawValue
}

extension NamedList {
  /// - Parameter note: The text of the note with a number.
  init(_ row: aegis_list, note: (UInt32) throws(AegisError) -> Note?) throws(AegisError) {
    action = row.flags & aegis_list_flag.set != 0 ? .none : .drop
    directions =
      row.flags & aegis_list_flag.out == 0
      ? .in : row.flags & aegis_list_flag.in == 0 ? .out : .both
    isMonitored = row.flags & aegis_list_flag.monitor != 0
    self.note = row.note == 0 ? nil : try note(row.note)
    expires = row.expires == 0 ? nil : row.expires
  }

  var flags: UInt32 {
    var flags: UInt32 = 0
    if action == .none { flags |= aegis_list_flag.set }
    if isMonitored { flags |= aegis_list_flag.monitor }
    if directions.contains(.in) { flags |= aegis_list_flag.in }
    if directions.contains(.out) { flags |= aegis_list_flag.out }
    return flags
  }
}
