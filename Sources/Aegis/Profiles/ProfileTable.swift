internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// The profiles of a loaded datapath, or of a saved policy, and which of them is in force.
public struct ProfileTable: Sendable {
  let datapath: Datapath

  /// Besides main.
  public static let most = Int(AEGIS_PROFILES) - 1

  public init(_ datapath: Datapath) {
    self.datapath = datapath[profile: .main]
  }

  /// Which profile is in force.
  public struct InForce: Sendable, Equatable {
    public let profile: Profile
    /// ns of CLOCK_BOOTTIME; then it is main again. nil is for good.
    let until: UInt64?
    /// When and by whom it was switched to; nil if nobody ever switched.
    public let since: WallTime?
    public let user: UInt32
    /// How often somebody switched.
    public let switches: UInt64

    /// The remaining time; nil if it does not end.
    public var remaining: Duration? {
      let now = Clock.boottime()
      return until.map { .nanoseconds(Int64(clamping: $0 - min($0, now))) }
    }
  }

  private var isUsed: Bool {
    get throws(AegisError) { try Settings.read(datapath).stages & aegis_stage.profiles != 0 }
  }

  private func map() throws(AegisError) -> BPFMap<UInt32, aegis_profile> {
    try datapath.map(AEGIS_MAP_profiles)
  }

  private func rows() throws(AegisError) -> [UInt32: aegis_profile] {
    let map = try map()
    return try kernel { () throws(SystemError) in
      var rows: [UInt32: aegis_profile] = [:]
      try map.visit { rows[$0] = $1 }
      return rows
    }
  }

  /// The row of main; nil if there are no others.
  func head() throws(AegisError) -> aegis_profile? {
    try isUsed ? rows()[AEGIS_PROFILE_MAIN] : nil
  }

  /// Main first, then the others by name.
  public func all() throws(AegisError) -> [Profile] {
    if try !isUsed { return [.main] }
    return try named()
  }

  /// Also those that an interrupted call began to make.
  func named() throws(AegisError) -> [Profile] {
    let named = try rows().compactMap { number, row in
      ProfileName(row).map { Profile(number: number, name: $0) }
    }
    return [.main] + named.filter { !$0.isMain }.sorted { $0.name < $1.name }
  }

  /// The name of each number.
  public func names() throws(AegisError) -> [UInt32: String] {
    Dictionary(uniqueKeysWithValues: try all().map { ($0.number, $0.name.text) })
  }

  /// The number of each.
  func numbers() throws(AegisError) -> [ProfileName: UInt32] {
    Dictionary(uniqueKeysWithValues: try all().map { ($0.name, $0.number) })
  }

  /// - Throws: `badInput` if there is no such profile.
  public func find(_ name: ProfileName) throws(AegisError) -> Profile {
    let all = try all()
    if let found = all.first(where: { $0.name == name }) { return found }
    throw AegisError(
      .badInput, "there is no profile \(name)",
      hint: all.count == 1
        ? "there is only main; apply -f FILE --as \(name) makes it"
        : "there are \(all.map(\.name.text).joined(separator: ", "))")
  }

  /// Makes a planned profile, unless there is one. It begins as a datapath that was just loaded: everything passes.
  func make(_ profile: Profile) throws(AegisError) {
    if profile.isMain { return }
    let map = try map()
    var row = aegis_profile()
    CText.write(profile.name.text, to: &row.name)
    if try ProfileName(rows()[profile.number] ?? aegis_profile()) != profile.name {
      try kernel { () throws(SystemError) in try map.update(row, forKey: profile.number) }
    }
    for side in datapath.directions where try side.exists {
      // Without its own configuration, packets would be judged by main.
      let view = side[profile: profile]
      try Settings.write(Settings.read(view), to: view)
    }
    try Settings.changeBoth(datapath) { $0.set(aegis_stage.profiles, true) }
  }

  /// Forgets a profile that has neither rates nor rules nor keys.
  func forget(_ profile: Profile) throws(AegisError) {
    let map = try map()
    if try automatic()?.profile == profile { try set(automatic: nil) }
    // It may have been in force until some time.
    if try rows()[AEGIS_PROFILE_MAIN].map(Self.number) == profile.number {
      try put(.main, until: nil)
    }
    let configs = try datapath.directions.map { side throws(AegisError) in
      try side.map(AEGIS_MAP_config) as BPFMap<UInt32, aegis_config>
    }
    try kernel { () throws(SystemError) in
      for config in configs { try config.update(aegis_config(), forKey: profile.number) }
      try map.update(aegis_profile(), forKey: profile.number)
    }
    for side in datapath.directions { side.openMaps?.forget(profile.number) }
    if try named().count > 1 { return }
    try Settings.changeBoth(datapath) { $0.set(aegis_stage.profiles, false) }
  }
}

extension ProfileTable {
  /// The profile of interfaces that name none.
  public func inForce() throws(AegisError) -> InForce {
    guard try isUsed else {
      return InForce(profile: .main, until: nil, since: nil, user: 0, switches: 0)
    }
    let row = try rows()[AEGIS_PROFILE_MAIN] ?? aegis_profile()
    let number = Self.number(row)
    let end = row.in_force & Self.longest
    let until = end == 0 ? nil : end << UInt64(AEGIS_PROFILE_UNTIL_SHIFT)
    let isOver = until.map { $0 <= Clock.boottime() } ?? false
    let profile = isOver ? nil : try all().first { $0.number == number }
    return InForce(
      profile: profile ?? .main, until: profile?.isMain == false ? until : nil,
      since: row.since == 0 ? nil : WallTime(milliseconds: Int64(clamping: row.since)),
      user: row.user, switches: row.switches)
  }

  /// Of the profile in force, by the row of main.
  private static func number(_ row: aegis_profile) -> UInt32 {
    UInt32(row.in_force >> UInt64(AEGIS_PROFILE_SHIFT))
  }

  private static let longest = UInt64(1) << UInt64(AEGIS_PROFILE_SHIFT) - 1

  /// The word that puts a profile into force.
  static func word(_ profile: Profile, until: UInt64? = nil) -> UInt64 {
    let end = until.map { min(max($0 >> UInt64(AEGIS_PROFILE_UNTIL_SHIFT), 1), longest) } ?? 0
    return UInt64(profile.number) << UInt64(AEGIS_PROFILE_SHIFT) | end
  }

  /// Puts a profile into force for all packets of both directions at once.
  ///
  /// - Parameter until: ns of CLOCK_BOOTTIME; nil is for good.
  func put(_ profile: Profile, until: UInt64?) throws(AegisError) {
    let path = datapath.pin(of: AEGIS_MAP_profiles)
    try kernel { () throws(SystemError) in
      let head = try MappedValue<aegis_profile>(pinnedAt: path)
      head.set(\.since, to: UInt64(max(0, Clock.realtimeNanoseconds() / 1_000_000)))
      head.set(\.user, to: getuid())
      head.set(\.switches, to: head.value.switches + 1)
      head.set(\.in_force, to: Self.word(profile, until: until))
    }
  }
}
