extension IPAddress {
  /// From 4 or 16 octets; one that is IPv4-mapped is IPv4. nil for any other number.
  init?(networkOrder octets: [UInt8]) {
    let bits = octets.reduce(0 as UInt128) { $0 << 8 | UInt128($1) }
    switch octets.count {
    case 4: self = .v4(UInt32(truncatingIfNeeded: bits))
    case 16: self = IPAddress.v6(bits).unmapped
    default: return nil
    }
  }

  /// 4 or 16 octets.
  var networkOrder: [UInt8] {
    (0..<width / 8).map { UInt8(truncatingIfNeeded: leftAligned >> UInt128(120 - 8 * $0)) }
  }

  /// Whether it is this host itself, or nobody.
  var isLoopback: Bool {
    switch self {
    case .v4(let bits): bits >> 24 == 127 || bits == 0
    case .v6(let bits): bits <= 1
    }
  }

  /// Whether it means nothing without an interface.
  var isLinkLocal: Bool {
    switch self {
    case .v4: false
    case .v6(let bits): bits >> 118 == 0xfe80 >> 6
    }
  }
}
