extension IPAddress {
  /// Creates an address from 4 or 16 octets; an IPv4-mapped address becomes IPv4. nil for any other number of octets.
  init?(networkOrder octets: [UInt8]) {
    let bits = octets.reduce(0 as UInt128) { $0 << 8 | UInt128($1) }
    switch octets.count {
    case 4: self = .v4(UInt32(truncatingIfNeeded: bits))
    case 16: self = IPAddress.v6(bits).unmapped
    default: return nil
    }
  }

  /// 4 or 16 octets.
  public var networkOrder: [UInt8] {
    (0..<width / 8).map { UInt8(truncatingIfNeeded: leftAligned >> UInt128(120 - 8 * $0)) }
  }

  /// Whether it is the loopback or the unspecified address.
  var isLoopback: Bool {
    switch self {
    case .v4(let bits): bits >> 24 == 127 || bits == 0
    case .v6(let bits): bits <= 1
    }
  }

  /// Whether a socket at this local address gets nothing from other hosts.
  var isOnlyLocal: Bool {
    switch self {
    case .v4(let bits): bits >> 24 == 127
    case .v6(let bits): bits == 1
    }
  }

  /// The same for an address in network byte order, as the kernel tells it.
  static func isOnlyLocal(_ octets: [UInt8]) -> Bool {
    IPAddress(networkOrder: octets)?.unmapped.isOnlyLocal == true
  }

  /// Whether it is only meaningful together with an interface.
  var isLinkLocal: Bool {
    switch self {
    case .v4: false
    case .v6(let bits): bits >> 118 == 0xfe80 >> 6
    }
  }
}
