import CAegis

extension IPAddress {
  /// The octets as in `aegis_address`: network order, an IPv4 address in the first four octets.
  var octets: aegis_address { unsafeBitCast(leftAligned.bigEndian, to: aegis_address.self) }

  /// The address in the first four octets.
  init(v4 octets: aegis_address) {
    self = .v4(UInt32(truncatingIfNeeded: Self.leftAligned(octets) >> 96))
  }

  init(v6 octets: aegis_address) {
    self = .v6(Self.leftAligned(octets))
  }

  private static func leftAligned(_ octets: aegis_address) -> UInt128 {
    UInt128(bigEndian: unsafeBitCast(octets, to: UInt128.self))
  }
}

/// Keys of tries. A length above the maximum of the family is clamped.
extension Prefix {
  init(_ key: aegis_prefix_v4) {
    self.init(masking: .v4(UInt32(bigEndian: key.address)), length: Int(min(key.length, 32)))
  }

  init(_ key: aegis_prefix_v6) {
    self.init(masking: IPAddress(v6: key.address), length: Int(min(key.length, 128)))
  }
}
