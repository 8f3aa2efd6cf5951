internal import CAegis

extension HostDatapath {
  /// The rates of a selector; nil if it has none. The default rate is in the configuration.
  func rates(of selector: RateSelector, isTotal: Bool) throws(AegisError) -> aegis_rates? {
    if let name = selector.className {
      let rates: aegis_rates? = try value(of: number(of: name), in: AEGIS_MAP_rate_class)
      return rates?.isEmpty == false ? rates : nil
    }
    let groups = try groups(of: selector)
    if let key = selector.prefixKey(groups)?.of(profile.number) {
      return try value(of: key, in: Self.map(isTotal))
    }
    return try value(of: selector.portKey(groups).of(profile.number), in: AEGIS_MAP_rate_port)
  }

  /// Sets exactly these rates for a selector.
  func put(
    _ rates: aegis_rates, of selector: RateSelector, isTotal: Bool, _ config: inout aegis_config
  ) throws(AegisError) {
    config.rate_shapes |= selector.shape(isTotal: isTotal)
    if let name = selector.className {
      return try put(
        rates.isEmpty ? aegis_rates() : rates, for: number(of: name), in: AEGIS_MAP_rate_class)
    }
    if let port = selector.port { try addGroup(of: port, &config) }
    let groups = try groups(of: selector)
    guard let key = selector.prefixKey(groups)?.of(profile.number) else {
      let key = selector.portKey(groups).of(profile.number)
      if rates.isEmpty { return try remove(key, in: AEGIS_MAP_rate_port) }
      return try put(rates, for: key, in: AEGIS_MAP_rate_port)
    }
    if rates.isEmpty { return try remove(key, in: Self.map(isTotal)) }
    var rates = rates
    rates.length = key.length
    try put(rates, for: key, in: Self.map(isTotal))
  }

  private func groups(of selector: RateSelector) throws(AegisError) -> PortGroups {
    selector.port?.isGroup == true ? try portGroups() : PortGroups()
  }

  private func number(of name: ClassName) throws(AegisError) -> UInt32 {
    guard let number = try classNumbers()[name] else { throw .noClass(name) }
    return profile.number * AEGIS_CLASSES + number
  }

  private static func map(_ isTotal: Bool) -> aegis_map {
    isTotal ? AEGIS_MAP_total_prefix : AEGIS_MAP_rate_prefix
  }
}
