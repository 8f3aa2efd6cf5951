internal import CAegis
internal import Linux

/// What a verb, or an entry of a list, makes of an entry, whether that is there already or not.
public struct EntryEdit: Sendable {
  public enum End: Sendable {
    case never
    /// From now on.
    case after(Duration)
    /// By the wall clock as it is now: when that is set anew, the end stays as far away as it was.
    case at(WallTime)
  }

  /// What is to become of the rate of a key.
  public enum RateEdit: Sendable {
    case keep
    case off
    /// For each source that the key lets in.
    case set(Rate)
  }

  /// ns of CLOCK_BOOTTIME; nil is for good.
  let expires: UInt64?
  /// Nanoseconds by which two ends are the same: reading two clocks takes time, and one of them is steered.
  private let tolerance: UInt64
  private let extends: Bool
  private let note: Note?
  private let rate: RateEdit
  private let isMonitored: Bool?
  private let isWhole: Bool
  /// Of a key.
  let isProtected: Bool

  /// - Parameters:
  ///   - extends: Whether the end of an entry that exists is moved only to later.
  ///   - note: nil leaves the note of an entry that exists.
  ///   - isMonitored: Of a drop: only to count what it would drop; nil leaves that of an entry that exists.
  ///   - isWhole: Whether an entry that exists loses the note that this does not name.
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

  /// What an entry is then; the same if that changes nothing.
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

  /// What extends an entry leaves it the note that it has.
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
