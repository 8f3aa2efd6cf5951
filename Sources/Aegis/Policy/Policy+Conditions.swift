extension Policy {
  /// How long an entry lasts and what it does.
  ///
  /// Copies share their contents through one reference: a list may have a million entries, most with the same
  /// conditions.
  public struct Conditions: Sendable {
    private final class Stated: Sendable {
      let expires: UInt64?
      let note: Note?
      let rate: Rate?
      let isMonitored: Bool

      init(expires: UInt64?, note: Note?, rate: Rate?, isMonitored: Bool) {
        self.expires = expires
        self.note = note
        self.rate = rate
        self.isMonitored = isMonitored
      }
    }

    /// nil means the default: forever, without a note.
    private var stated: Stated?

    public init(
      expires: UInt64? = nil, note: Note? = nil, rate: Rate? = nil, isMonitored: Bool = false
    ) {
      if expires == nil, note == nil, rate == nil, !isMonitored { return }
      stated = Stated(expires: expires, note: note, rate: rate, isMonitored: isMonitored)
    }

    /// ns of CLOCK_BOOTTIME; nil means never.
    public var expires: UInt64? { stated?.expires }
    public var note: Note? { stated?.note }
    /// The rate of a key, used instead of the rules.
    public var rate: Rate? { stated?.rate }
    /// Whether packets are only counted, and pass.
    public var isMonitored: Bool { stated?.isMonitored ?? false }

    /// Whether both share their contents; if not, they may still be equal.
    func isShared(with other: Conditions) -> Bool { stated === other.stated }
  }
}

extension Policy.Conditions: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.isShared(with: right)
      || left.expires == right.expires && left.isAlike(right)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(expires)
    hasher.combine(note)
    hasher.combine(rate)
    hasher.combine(isMonitored)
  }

  /// Whether both are equal, except for less than a second of their expiry.
  public func says(_ other: Self) -> Bool {
    isShared(with: other) || isAlike(other) && Self.isSame(expires, other.expires)
  }

  private func isAlike(_ other: Self) -> Bool {
    isMonitored == other.isMonitored && rate == other.rate && note == other.note
  }

  /// In ns. An expiry that was written as wall-clock time and read again differs by less than this.
  private static var tolerance: UInt64 { 1_000_000_000 }

  static func isSame(_ one: UInt64?, _ other: UInt64?) -> Bool {
    guard let one, let other else { return one == other }
    return max(one, other) - min(one, other) < tolerance
  }
}
