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

/// The caller must know which map a prefix belongs in: check `address` and `isHost` first.
extension Prefix {
  /// Key of `drop_v4`, network order: the first four octets.
  var v4Key: UInt32 { UInt32(truncatingIfNeeded: address.leftAligned >> 96).bigEndian }

  /// The key of `drop_v6`.
  var v6Key: aegis_address { address.octets }

  /// The key of `drop_prefix_v4`.
  var v4PrefixKey: aegis_prefix_v4 { aegis_prefix_v4(length: UInt32(length), address: v4Key) }

  /// The key of `drop_prefix_v6`.
  var v6PrefixKey: aegis_prefix_v6 { aegis_prefix_v6(length: UInt32(length), address: v6Key) }

  /// Reads a key of `drop_v4`, which is in network order.
  init(v4 key: UInt32) {
    self.init(.v4(UInt32(bigEndian: key)))
  }

  /// Reads a key of `drop_v6`.
  init(_ key: aegis_address) {
    self.init(IPAddress(v6: key))
  }

  /// Reads a key of `drop_prefix_v4`. A length above the maximum of the family is clamped.
  init(_ key: aegis_prefix_v4) {
    self.init(masking: .v4(UInt32(bigEndian: key.address)), length: Int(min(key.length, 32)))
  }

  /// Reads a key of `drop_prefix_v6`. A length above the maximum of the family is clamped.
  init(_ key: aegis_prefix_v6) {
    self.init(masking: IPAddress(v6: key.address), length: Int(min(key.length, 128)))
  }
}
