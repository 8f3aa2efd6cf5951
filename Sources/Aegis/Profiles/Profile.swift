internal import CAegis

/// A set of settings, rates, rules and keys for both directions; everything else is common to all.
public struct Profile: Hashable, Sendable {
  /// Its place in the datapath.
  let number: UInt32
  public let name: ProfileName

  public static let main = Profile(number: AEGIS_PROFILE_MAIN, name: .main)

  public var isMain: Bool { number == AEGIS_PROFILE_MAIN }

  /// What a command needs behind its other options to be about this profile.
  public var option: String { isMain ? "" : " --as \(name)" }
}

extension aegis_config {
  /// This configuration with what each profile has from another one.
  func with(own: aegis_config) -> aegis_config {
    var config = self
    config.rates = own.rates
    config.rate_shapes = own.rate_shapes
    config.key_shapes = own.key_shapes
    config.rules = own.rules
    config.port_keys = own.port_keys
    config.port_groups = own.port_groups
    (config.first_port, config.last_port) = (own.first_port, own.last_port)
    config.stages = stages & ~aegis_stage.own | own.stages & aegis_stage.own
    return config
  }

  /// Only what each profile has.
  var own: aegis_config { aegis_config().with(own: self) }
}

extension aegis_stage {
  static let profiles = AEGIS_STAGE_PROFILES.rawValue
  /// Those that each profile has.
  static let own = AEGIS_STAGES_OWN.rawValue
}

extension aegis_key {
  func of(_ profile: UInt32) -> aegis_key {
    var key = self
    key.family |= UInt8(profile << AEGIS_PROFILE_FAMILY_SHIFT)
    return key
  }

  /// The number of the profile that has it.
  var profile: UInt32 { UInt32(family) >> AEGIS_PROFILE_FAMILY_SHIFT }

  /// The same key of main.
  var plain: aegis_key {
    var key = self
    key.family &= 1 << UInt8(AEGIS_PROFILE_FAMILY_SHIFT) - 1
    return key
  }
}

extension aegis_key_prefix {
  func of(_ profile: UInt32) -> aegis_key_prefix {
    aegis_key_prefix(length: length, key: key.of(profile))
  }

  var plain: aegis_key_prefix { aegis_key_prefix(length: length, key: key.plain) }
}

extension aegis_port {
  func of(_ profile: UInt32) -> aegis_port {
    aegis_port(protocol: self.protocol, profile: UInt8(profile), port: port)
  }
}

extension Datapath {
  /// The same datapath, and the same direction, in each profile; main comes first.
  var profileViews: [Datapath] {
    get throws(AegisError) { try ProfileTable(self).all().map { self[profile: $0] } }
  }

  /// Both directions in each profile.
  var views: [Datapath] {
    get throws(AegisError) {
      try ProfileTable(self).all().flatMap { self[profile: $0].directions }
    }
  }
}
