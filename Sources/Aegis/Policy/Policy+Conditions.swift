extension Policy {
  /// How long an entry holds and what it does.
  ///
  /// Copies share what they say, in one word: a list has a million entries, and most of them say the same.
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

    /// nil says nothing: for good, without a note.
    private var stated: Stated?

    public init(
      expires: UInt64? = nil, note: Note? = nil, rate: Rate? = nil, isMonitored: Bool = false
    ) {
      if expires == nil, note == nil, rate == nil, !isMonitored { return }
      stated = Stated(expires: expires, note: note, rate: rate, isMonitored: isMonitored)
    }

    /// ns of CLOCK_BOOTTIME; nil is for good.
    public var expires: UInt64? { stated?.expires }
    public var note: Note? { stated?.note }
    /// Of a key, instead of the rules.
    public var rate: Rate? { stated?.rate }
    /// Counted only: packets pass.
    public var isMonitored: Bool { stated?.isMonitored ?? false }

    /// Whether they share what they say; if not they may still say the same.
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

  /// The same but for less than a second of its time.
  public func says(_ other: Self) -> Bool {
    isShared(with: other) || isAlike(other) && Self.isSame(expires, other.expires)
  }

  private func isAlike(_ other: Self) -> Bool {
    isMonitored == other.isMonitored && rate == other.rate && note == other.note
  }

  /// ns. A time that was written down as wall-clock time and read again is off by less.
  private static var tolerance: UInt64 { 1_000_000_000 }

  private static func isSame(_ one: UInt64?, _ other: UInt64?) -> Bool {
    guard let one, let other else { return one == other }
    return max(one, other) - min(one, other) < tolerance
  }
}
