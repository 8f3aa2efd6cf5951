internal import BPF
internal import CAegis

/// The configuration the datapath reads with every packet.
enum Settings {
  static func read(_ datapath: Datapath) throws(AegisError) -> aegis_config {
    let map: BPFMap<UInt32, aegis_config> = try datapath.map(AEGIS_MAP_CONFIG)
    return try kernel { () throws(BPFError) in try map.value(forKey: 0) } ?? aegis_config()
  }

  static func write(_ config: aegis_config, to datapath: Datapath) throws(AegisError) {
    let map: BPFMap<UInt32, aegis_config> = try datapath.map(AEGIS_MAP_CONFIG)
    try kernel { () throws(BPFError) in try map.update(config, forKey: 0) }
  }

  /// Of a datapath that has just been loaded: everything passes, and the limiter's hash is secret.
  static func fresh() -> aegis_config {
    var random = SystemRandomNumberGenerator()
    var config = aegis_config()
    config.seed = (random.next(), random.next(), random.next())
    config.stages = aegis_stage.configured
    return config
  }
}

/// `enum aegis_stage` as the bits that they are.
extension aegis_stage {
  static let configured = AEGIS_STAGE_CONFIGURED.rawValue
  static let deny = AEGIS_STAGE_DENY.rawValue
  static let rate = AEGIS_STAGE_RATE.rawValue
}
