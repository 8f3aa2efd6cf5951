internal import CAegis

/// What happened to the packets that a reader's filter let through.
public struct EventTally: Hashable, Sendable {
  public var matched: UInt64 = 0
  /// Put into the ring.
  public var told: UInt64 = 0
  /// Skipped by the sampling.
  public var skipped: UInt64 = 0
  /// Lost because the ring was full.
  public var lost: UInt64 = 0

  /// Held back because they exceeded the budget.
  public var heldBack: UInt64 { matched - min(matched, told + skipped + lost) }

  public init(matched: UInt64 = 0, told: UInt64 = 0, skipped: UInt64 = 0, lost: UInt64 = 0) {
    self.matched = matched
    self.told = told
    self.skipped = skipped
    self.lost = lost
  }

  init(_ perCPU: [aegis_event_state]) {
    self.init()
    for state in perCPU {
      matched += state.matched
      told += state.told
      skipped += state.skipped
      lost += state.lost
    }
  }
}
