import Aegis

extension SplitMix64 {
  /// Half of them IPv6, whose groups are often 0 so that runs of them come in every place.
  mutating func address() -> IPAddress {
    if Bool.random(using: &self) { return .v4(.random(in: 0 ... .max, using: &self)) }
    var bits: UInt128 = 0
    for _ in 0..<8 {
      let group: UInt16 = Bool.random(using: &self) ? 0 : .random(in: 0 ... .max, using: &self)
      bits = bits << 16 | UInt128(group)
    }
    return .v6(bits)
  }

  /// Of any length; a host every now and then.
  mutating func prefix() -> Prefix {
    let address = address()
    let length = Int.random(in: 0...address.width, using: &self)
    guard length % 5 > 0, let prefix = Prefix(address: address, length: length) else {
      return Prefix(address)
    }
    return prefix
  }

  /// One, or a few ranges.
  private mutating func ports() -> KeyPorts {
    if Bool.random(using: &self) { return .one(.random(in: 1 ... .max, using: &self)) }
    return KeyPorts(
      NumberSet(
        (0..<Int.random(in: 1...4, using: &self)).map { _ in
          let first = UInt16.random(in: 1 ... .max, using: &self)
          return first...UInt16.random(in: first ... .max, using: &self)
        }))
  }

  /// Of every shape.
  mutating func key() throws -> AllowKey {
    let source: Prefix? = Int.random(in: 0..<4, using: &self) == 0 ? nil : prefix()
    let ports: KeyPorts? = Bool.random(using: &self) ? nil : ports()
    let ported = [nil, TransportProtocol.tcp, .udp, .sctp].randomElement(using: &self) ?? nil
    guard ports == nil, Bool.random(using: &self) else {
      return try AllowKey(source: source, ports: ports, protocol: ported)
    }
    let number = UInt8.random(in: 1 ... .max, using: &self)
    return try AllowKey(source: source, protocol: TransportProtocol(rawValue: number))
  }

  /// With as many significant digits as there may be, or with few.
  mutating func rate() throws -> Rate {
    let period = Rate.Period.allCases.randomElement(using: &self) ?? .second
    let scales: [UInt64] = [1, 10, 1000, 100_000, 1_000_000]
    let scale = scales.randomElement(using: &self) ?? 1
    let most = Rate.Unit.packets.maximum * UInt64(period.seconds) / scale
    return try Rate(packets: .random(in: 1...most, using: &self) * scale, period: period)
  }
}
