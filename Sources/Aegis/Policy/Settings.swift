internal import BPF
internal import CAegis
internal import Linux

/// The configuration the datapath reads with every packet.
enum Settings {
  static func read(_ datapath: Datapath) throws(AegisError) -> aegis_config {
    try Migration.config(of: datapath.root.current, abi: datapath.origin.abi)
  }

  static func write(_ config: aegis_config, to datapath: Datapath) throws(AegisError) {
    let map: BPFMap<UInt32, aegis_config> = try datapath.map(AEGIS_MAP_config)
    try kernel { () throws(SystemError) in try map.update(config, forKey: 0) }
  }

  /// Of a datapath that has just been loaded: everything passes, and the limiter's hash is secret.
  static func fresh() -> aegis_config {
    var config = aegis_config()
    config.seed = seed()
    config.rates = .fresh()
    config.mask_v4 = mask(32)
    config.mask_v6 = mask(64)
    config.stages = aegis_stage.configured
    return config
  }
}

extension Settings {
  /// What keeps others from aiming at a set of the limiter.
  static func seed() -> (UInt64, UInt64, UInt64) {
    var random = SystemRandomNumberGenerator()
    return (random.next(), random.next(), random.next())
  }

  /// As many leading ones.
  static func mask(_ length: Int) -> aegis_address {
    IPAddress.v6(length == 0 ? 0 : .max << UInt128(128 - length)).octets
  }

  static func length(of mask: aegis_address) -> Int {
    (~IPAddress(v6: mask).leftAligned).leadingZeroBitCount
  }
}

/// `enum aegis_stage` as the bits that they are.
extension aegis_stage {
  static let configured = AEGIS_STAGE_CONFIGURED.rawValue
  static let deny = AEGIS_STAGE_DENY.rawValue
  static let rate = AEGIS_STAGE_RATE.rawValue
  static let rateSimple = AEGIS_STAGE_RATE_SIMPLE.rawValue
  static let monitor = AEGIS_STAGE_MONITOR.rawValue
  static let deadline = AEGIS_STAGE_DEADLINE.rawValue
  static let survey = AEGIS_STAGE_SURVEY.rawValue
  static let events = AEGIS_STAGE_EVENTS.rawValue
}
