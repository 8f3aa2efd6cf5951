internal import BPF
internal import CAegis
internal import Linux

/// A profile that the datapath puts into force by itself while more packets are received than a rate, without any
/// process.
public struct AutomaticSwitch: Sendable, Equatable {
  public let profile: Profile
  /// Packets a second, of all interfaces together.
  public let rate: UInt64
  /// How long it stays in force after the last time that the rate was exceeded.
  public let hold: Duration

  public init(_ profile: Profile, above rate: UInt64, for hold: Duration) {
    (self.profile, self.rate, self.hold) = (profile, rate, hold)
  }

  /// Reads `received > 200k/s`.
  public static func rate(_ text: some StringProtocol) throws(InputError) -> UInt64 {
    let words = text.split(separator: " ")
    guard words.count == 3, words[0] == "received", words[1] == ">" else {
      throw InputError(text, "is no condition", hint: "write 'received > 200k/s', or off")
    }
    let rate = try Rate(words[2])
    guard rate.unit == .packets, rate.period == .second else {
      throw InputError(words[2], "is not packets a second", hint: "write 'received > 200k/s'")
    }
    return rate.amount
  }

  /// So many packets may be ahead of the rate: twice the rate exceeds it after this time.
  private static let depth = 50_000_000 as UInt64

  private var interval: UInt64 { max(1, UInt64(AEGIS_WHEN_SAMPLE) * 1_000_000_000 / rate) }

  fileprivate func put(into row: inout aegis_profile) {
    row.when_interval = interval
    // A few samples at least.
    row.when_depth = max(Self.depth, 4 * interval)
    row.when_tat = 0
    row.when_hold = Clock.nanoseconds(hold)
    row.when_rate = rate
    row.when_profile = profile.number
  }
}

extension Clock {
  fileprivate static func nanoseconds(_ duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000)
  }
}

extension ProfileTable {
  /// nil if the datapath switches nothing by itself.
  public func automatic() throws(AegisError) -> AutomaticSwitch? {
    guard let row = try head(), row.when_interval != 0,
      let profile = try all().first(where: { $0.number == row.when_profile })
    else { return nil }
    return AutomaticSwitch(
      profile, above: row.when_rate, for: .nanoseconds(Int64(clamping: row.when_hold)))
  }

  /// How often the datapath has put it into force.
  public func automaticSwitches() throws(AegisError) -> UInt32 { try head()?.when_count ?? 0 }

  /// - Parameter wanted: nil for none. What is in force stays.
  /// - Returns: Whether anything changed.
  @discardableResult
  public func set(
    automatic wanted: AutomaticSwitch?, in session: borrowing Session
  ) throws(AegisError) -> Bool {
    if try automatic() == wanted { return false }
    if session.isDryRun { return true }
    try set(automatic: wanted)
    return true
  }

  func set(automatic wanted: AutomaticSwitch?) throws(AegisError) {
    let side = datapath[.in]
    try Settings.change(side) { $0.set(AEGIS_STAGE_WHEN.rawValue, false) }
    let path = datapath.pin(of: AEGIS_MAP_profiles)
    try kernel { () throws(SystemError) in
      // No packet charges it while it changes.
      try GracePeriod.wait()
      let head = try MappedValue<aegis_profile>(pinnedAt: path)
      var row = aegis_profile()
      wanted?.put(into: &row)
      head.set(\.when_interval, to: row.when_interval)
      head.set(\.when_depth, to: row.when_depth)
      head.set(\.when_tat, to: row.when_tat)
      head.set(\.when_hold, to: row.when_hold)
      head.set(\.when_rate, to: row.when_rate)
      head.set(\.when_profile, to: row.when_profile)
    }
    if wanted != nil { try Settings.change(side) { $0.set(AEGIS_STAGE_WHEN.rawValue, true) } }
  }
}
