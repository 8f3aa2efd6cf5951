internal import BPF
internal import CAegis
internal import Linux

/// The configuration the datapath reads with every packet.
enum Settings {
  /// What a profile has, with what is common to all.
  static func read(_ datapath: Datapath) throws(AegisError) -> aegis_config {
    let common = try stored(AEGIS_PROFILE_MAIN, of: datapath)
    if datapath.profile.isMain { return common }
    return common.with(own: try stored(datapath.profile.number, of: datapath))
  }

  /// The configuration of a profile as it is stored. One that is not stored yet begins as a new datapath does.
  private static func stored(
    _ profile: UInt32, of datapath: Datapath
  ) throws(AegisError) -> aegis_config {
    if let known = datapath.openMaps?[config: profile] { return known }
    var config = try readAnew(profile, of: datapath)
    if profile != AEGIS_PROFILE_MAIN, config.stages & aegis_stage.configured == 0 {
      config = fresh().own
    }
    datapath.openMaps?[config: profile] = config
    return config
  }

  private static func readAnew(
    _ profile: UInt32, of datapath: Datapath
  ) throws(AegisError) -> aegis_config {
    guard datapath.origin.isCurrent || profile != AEGIS_PROFILE_MAIN else {
      return try Migration.config(of: datapath.directory, abi: datapath.origin.abi)
    }
    let map: BPFMap<UInt32, aegis_config> = try datapath.map(AEGIS_MAP_config)
    return try kernel { () throws(SystemError) in try map.value(forKey: profile) }
      ?? aegis_config()
  }

  /// Writes what is common to all profiles first, and each part only if it changes.
  static func write(_ config: aegis_config, to datapath: Datapath) throws(AegisError) {
    guard !datapath.profile.isMain else {
      return try write(config, of: AEGIS_PROFILE_MAIN, to: datapath)
    }
    let common = try stored(AEGIS_PROFILE_MAIN, of: datapath)
    let changed = config.with(own: common)
    if !isIdentical(changed, common) {
      var changed = changed
      changed.protect_shapes = common.protect_shapes
      try write(changed, of: AEGIS_PROFILE_MAIN, to: datapath)
    }
    try write(config.own, of: datapath.profile.number, to: datapath)
  }

  private static func write(
    _ config: aegis_config, of profile: UInt32, to datapath: Datapath
  ) throws(AegisError) {
    let map: BPFMap<UInt32, aegis_config> = try datapath.map(AEGIS_MAP_config)
    try kernel { () throws(SystemError) in try map.update(config, forKey: profile) }
    datapath.openMaps?[config: profile] = config
  }

  /// Does the same, and holds the lock until it is done.
  @discardableResult
  static func change(
    _ datapath: Datapath, in session: borrowing Session, _ edit: (inout aegis_config) -> Void
  ) throws(AegisError) -> Bool {
    if session.isDryRun { return false }
    return try change(datapath, edit)
  }

  /// Applies changes that concern both directions.
  static func changeBoth(
    _ datapath: Datapath, _ edit: (inout aegis_config) throws(AegisError) -> Void
  ) throws(AegisError) {
    for side in datapath.directions { try change(side, edit) }
  }

  /// Applies changes, if there are any.
  ///
  /// - Returns: Whether anything changed.
  @discardableResult
  static func change(
    _ datapath: Datapath, _ edit: (inout aegis_config) throws(AegisError) -> Void
  ) throws(AegisError) -> Bool {
    let before = try read(datapath)
    var config = before
    try edit(&config)
    if isIdentical(config, before) { return false }
    try write(config, to: datapath)
    return true
  }

  /// The configuration of a new datapath: everything passes, and the limiter's hash is secret.
  static func fresh() -> aegis_config {
    var config = aegis_config()
    config.seed = seed()
    config.rates = .fresh()
    config.mask_v4 = mask(32)
    config.mask_v6 = mask(64)
    config.stages = aegis_stage.configured
    return config
  }

  /// The configuration of a direction that has none yet: everything passes, and what is common to both is the same.
  static func fresh(beside other: aegis_config) -> aegis_config {
    var config = fresh()
    (config.mask_v4, config.mask_v6) = (other.mask_v4, other.mask_v6)
    (config.deadline, config.geo) = (other.deadline, other.geo)
    config.stages |= other.stages & aegis_stage.common
    return config
  }
}

extension aegis_config {
  /// - Parameter ports: Those that the kernel gives to connections of this host.
  mutating func setReplies(_ pass: Bool, to ports: ClosedRange<UInt16>) {
    set(aegis_stage.replies, pass)
    (first_port, last_port) = pass ? (ports.lowerBound, ports.upperBound) : (0, 0)
  }

  /// The ports that replies may be for; nil if they do not pass.
  var replyPorts: ClosedRange<UInt16>? {
    stages & aegis_stage.replies == 0 || first_port > last_port ? nil : first_port...last_port
  }
}

extension Settings {
  /// The secret that prevents others from targeting a set of the limiter.
  static func seed() -> (UInt64, UInt64, UInt64) {
    var random = SystemRandomNumberGenerator()
    return (random.next(), random.next(), random.next())
  }

  /// An address with this number of leading ones.
  static func mask(_ length: Int) -> aegis_address {
    IPAddress.v6(length == 0 ? 0 : .max << UInt128(128 - length)).octets
  }

  static func length(of mask: aegis_address) -> Int {
    (~IPAddress(v6: mask).leftAligned).leadingZeroBitCount
  }
}

/// Allows `enum aegis_stage` to be used as bits.
extension aegis_stage {
  static let configured = AEGIS_STAGE_CONFIGURED.rawValue
  static let deny = AEGIS_STAGE_DENY.rawValue
  static let rate = AEGIS_STAGE_RATE.rawValue
  static let rateSimple = AEGIS_STAGE_RATE_SIMPLE.rawValue
  static let monitor = AEGIS_STAGE_MONITOR.rawValue
  static let deadline = AEGIS_STAGE_DEADLINE.rawValue
  static let survey = AEGIS_STAGE_SURVEY.rawValue
  static let events = AEGIS_STAGE_EVENTS.rawValue
  static let classes = AEGIS_STAGE_CLASS.rawValue
  static let classPrefixes = AEGIS_STAGE_CLASS_PREFIX.rawValue
  static let relay = AEGIS_STAGE_RELAY.rawValue
  static let lists = AEGIS_STAGE_LISTS.rawValue
  static let replies = AEGIS_STAGE_REPLIES.rawValue
  /// Those that both directions have alike.
  static let common = monitor | deadline | classes | classPrefixes | lists
}
