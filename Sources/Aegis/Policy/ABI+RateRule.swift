internal import BPF
internal import CAegis

extension Rate {
  /// The limit for the CPUs of this machine.
  func limit() throws(AegisError) -> aegis_rate {
    do {
      return try machineLimit()
    } catch {
      throw AegisError(error)
    }
  }

  private func machineLimit() throws(InputError) -> aegis_rate {
    try abi(cpus: (try? CPUs.possible()) ?? 1)
  }

  /// - Throws: `InputError` for a rate or burst that the limiter's clock cannot represent with enough precision, and
  ///   for a burst of bytes that lets no full frame pass.
  public func validate() throws(InputError) {
    _ = try machineLimit()
    try checkFrame(cpus: (try? CPUs.possible()) ?? 1)
  }
}

extension aegis_rule {
  /// Sets one limit and keeps the limit of the other unit. A limit of the same unit passes on its lines.
  mutating func put(_ limit: aegis_rate, _ unit: Rate.Unit) {
    if unit == .packets { packets.change(to: limit) } else { bytes.change(to: limit) }
  }

  /// Changes all limits to those of the rule.
  mutating func change(to rule: aegis_rule) {
    packets.change(to: rule.packets)
    bytes.change(to: rule.bytes)
  }
}

extension aegis_rate {
  fileprivate mutating func change(to limit: aegis_rate) {
    let before = self
    self = limit
    if interval != 0, before.interval != 0 { put(where: before) }
  }
}

extension aegis_rates {
  /// Rates without limits, with their own buckets.
  static func fresh() -> aegis_rates {
    var rates = aegis_rates()
    // 27 bits: the datapath adds the family and the kind of bucket below.
    rates.id = UInt32.random(in: 1..<(1 << 27))
    return rates
  }

  private var all: [(rate: aegis_rate, isTotal: Bool, isBytes: Bool)] {
    [
      (source.packets, false, false), (source.bytes, false, true), (total.packets, true, false),
      (total.bytes, true, true),
    ]
  }

  var isEmpty: Bool { all.allSatisfy { $0.rate.interval == 0 } }

  /// Whether there is only a rate of packets for each source, for which the datapath has a fast path.
  var isSimple: Bool { source.packets.interval != 0 && isAtMostSimple }

  /// Whether there is nothing else than such a rate.
  var isAtMostSimple: Bool { all.dropFirst().allSatisfy { $0.rate.interval == 0 } }

  /// These rates, but those that come have no interval yet, and those that go have none any more.
  func halfway(from before: aegis_rates) -> aegis_rates {
    var rates = self
    rates.id = isEmpty ? before.id : id
    for kind in Self.kinds {
      let (old, new) = (before[keyPath: kind.rate], self[keyPath: kind.rate])
      if old.interval != 0, new.interval != 0 { continue }
      rates[keyPath: kind.rate] = new.interval != 0 ? new : old
      rates[keyPath: kind.rate].interval = 0
    }
    return rates
  }

  func rules(for selector: RateSelector) -> [RateRule] {
    all.compactMap { rate, isTotal, isBytes in
      let isBits = rate.flags & AEGIS_RATE_BITS.rawValue != 0
      return Rate(rate, isBytes ? (isBits ? .bits : .bytes) : .packets).map {
        RateRule($0, for: selector, isTotal: isTotal)
      }
    }
  }
}

extension RateSelector {
  /// The bit of `aegis_rate_shape` that makes the datapath look for it; 0 for `rest`.
  func shape(isTotal: Bool) -> UInt32 {
    switch (port, prefix) {
    case (nil, nil): className == nil ? 0 : AEGIS_RATE_BY_CLASS.rawValue
    case (_?, nil): AEGIS_RATE_BY_PORT.rawValue
    case (nil, _?): isTotal ? AEGIS_TOTAL_BY_PREFIX.rawValue : AEGIS_RATE_BY_PREFIX.rawValue
    case (_?, _?):
      isTotal
        ? AEGIS_TOTAL_BY_PORT_AND_PREFIX.rawValue : AEGIS_RATE_BY_PORT_AND_PREFIX.rawValue
    }
  }

  /// Key of `rate_prefix`; nil without a prefix.
  ///
  /// - Parameter groups: With that of its ports, if there are several and they have a rate.
  func prefixKey(_ groups: PortGroups = PortGroups()) -> aegis_key_prefix? {
    guard let prefix else { return nil }
    let ports = portKey(groups)
    var key = aegis_key()
    key.family = UInt8(
      prefix.address.width == 32 ? AEGIS_FAMILY_V4.rawValue : AEGIS_FAMILY_V6.rawValue)
    (key.protocol, key.port) = (ports.protocol, ports.port)
    key.source = prefix.address.octets
    return aegis_key_prefix(length: AEGIS_KEY_HEAD_BITS + UInt32(prefix.length), key: key)
  }

  /// The key of `rate_port`.
  ///
  /// - Parameter groups: As of `prefixKey`.
  func portKey(_ groups: PortGroups = PortGroups()) -> aegis_port {
    guard let port else { return aegis_port() }
    guard let only = port.ports.only else {
      // No group has the greatest number.
      return aegis_port(protocol: 0, profile: 0, port: groups.number(of: port) ?? .max)
    }
    return aegis_port(protocol: port.protocol.rawValue, profile: 0, port: only.bigEndian)
  }

  /// nil for ports that have no group.
  init?(_ key: aegis_port, _ groups: PortGroups) {
    guard let port = Port(key, groups) else { return nil }
    self.init(port: port)
  }

  /// nil for ports that have no group.
  init?(_ key: aegis_key_prefix, _ groups: PortGroups) {
    let ports = aegis_port(protocol: key.key.protocol, profile: 0, port: key.key.port)
    let port = Port(ports, groups)
    if ports.port != 0, port == nil { return nil }
    self.init(port: port, prefix: key.prefix)
  }

  /// By port and prefix, port, several ports, prefix, class, all: the most specific has the greatest. Of several ports
  /// the fewest are the most specific, with a prefix or without one.
  var rank: Int {
    // Above the number of ports, which is less than 1 << 16.
    switch port?.ports {
    case nil: prefix != nil ? 2 : className != nil ? 1 : 0
    case .several(let numbers): 1 << 17 - numbers.count
    case .one: prefix != nil ? 2 << 17 : 1 << 17
    }
  }

  /// The least specific first, and then by name.
  static func isBefore(_ one: RateSelector, _ other: RateSelector) -> Bool {
    one.rank == other.rank
      ? "\(one)" < "\(other)" : one.rank < other.rank
  }
}

extension RateSelector.Port {
  /// nil for no port, and for ports that have no group.
  fileprivate init?(_ key: aegis_port, _ groups: PortGroups) {
    if key.port == 0 { return nil }
    guard key.protocol == 0 else {
      self.init(
        .one(UInt16(bigEndian: key.port)), TransportProtocol(rawValue: key.protocol))
      return
    }
    guard let port = groups.port(of: key.port) else { return nil }
    self = port
  }
}

extension aegis_key_prefix {
  /// The prefix of addresses in it; nil if its length is not valid.
  var prefix: Prefix? {
    let isV4 = UInt32(key.plain.family) == AEGIS_FAMILY_V4.rawValue
    let address = isV4 ? IPAddress(v4: key.source) : IPAddress(v6: key.source)
    return Prefix(address: address, length: Int(length) - Int(AEGIS_KEY_HEAD_BITS))
  }
}
