internal import CAegis
internal import Linux

/// How a command, or an entry of a list, changes an entry or creates it.
public struct EntryEdit: Sendable {
  public enum End: Sendable {
    case never
    /// After this time from now.
    case after(Duration)
    /// At a wall-clock time, converted with the current setting: if the clock is set later, the remaining time does not
    /// change.
    case at(WallTime)

    public init(_ lifetime: Lifetime) {
      switch lifetime {
      case .forGood: self = .never
      case .limited(let duration): self = .after(duration)
      }
    }
  }

  /// How the rate of a key changes.
  public enum RateEdit: Sendable {
    case keep
    case off
    /// Sets a rate for each source that the key lets in.
    case set(Rate)
  }

  /// ns of CLOCK_BOOTTIME; nil means never.
  let expires: UInt64?
  /// In ns. Expiries that differ by no more than this are equal: reading two clocks takes time, and one of them is
  /// adjusted.
  private let tolerance: UInt64
  private let extends: Bool
  private let note: Note?
  private let rate: RateEdit
  private let isMonitored: Bool?
  private let isWhole: Bool
  /// Whether a key is protected.
  let isProtected: Bool

  /// - Parameters:
  ///   - extends: Whether the expiry of an existing entry may only move later.
  ///   - note: nil keeps the note of an existing entry.
  ///   - isMonitored: Whether a drop only counts what it would drop; nil keeps the setting of an existing entry.
  ///   - isWhole: Whether an existing entry loses its note if this edit has none.
  public init(
    end: End = .never, extends: Bool = false, note: Note? = nil, rate: RateEdit = .keep,
    isMonitored: Bool? = nil, isWhole: Bool = false, isProtected: Bool = false
  ) {
    switch end {
    case .never: (expires, tolerance) = (nil, 0)
    case .after(let lifetime): (expires, tolerance) = (Self.boottime(in: lifetime), 0)
    case .at(let time): (expires, tolerance) = (Self.boottime(of: time), 500_000_000)
    }
    self.extends = extends
    self.note = note
    self.rate = rate
    self.isMonitored = isMonitored
    self.isWhole = isWhole
    self.isProtected = isProtected
  }

  /// The resulting conditions of an entry; the same ones if nothing changes.
  ///
  /// - Parameter old: nil if there is none, or it has expired.
  func made(of old: Policy.Conditions?) -> Policy.Conditions {
    let new = Policy.Conditions(
      expires: end(over: old), note: note(over: old), rate: rate(over: old),
      isMonitored: isMonitored ?? old?.isMonitored ?? false)
    return new == old ? old ?? new : new
  }

  private func end(over old: Policy.Conditions?) -> UInt64? {
    guard let old else { return expires }
    guard let before = old.expires else { return extends ? nil : expires }
    guard let expires else { return nil }
    if extends, expires < before { return before }
    return max(expires, before) - min(expires, before) <= tolerance ? before : expires
  }

  /// An edit that extends an entry keeps its note.
  private func note(over old: Policy.Conditions?) -> Note? {
    if extends, let kept = old?.note { return kept }
    return note ?? (isWhole ? nil : old?.note)
  }

  private func rate(over old: Policy.Conditions?) -> Rate? {
    switch rate {
    case .keep: old?.rate
    case .off: nil
    case .set(let rate): rate
    }
  }

  private static func boottime(of time: WallTime) -> UInt64 {
    let now = ClockReading.now()
    switch now.moment(of: time) {
    case .passed: return now.boottime
    case .ahead(let end): return min(end, boottime(in: Lifetime.longest))
    case .beyond: return boottime(in: Lifetime.longest)
    }
  }

  private static func boottime(in duration: Duration) -> UInt64 {
    Clock.boottime(after: min(duration, Lifetime.longest))
  }
}
