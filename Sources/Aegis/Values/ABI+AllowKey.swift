import CAegis

extension AllowKey {
  /// Whether it has several ports: it is in no map of keys, but in a set as rules are.
  public var hasSeveralPorts: Bool { ports.map { $0.only == nil } ?? false }

  /// The bit for its shape in `key_shapes` and `protect_shapes`: 1 << (ports << 2 | source). It has one port or any.
  var shapeBit: UInt16 {
    let ports =
      switch (`protocol`, ports) {
      case (.some, .some): AEGIS_KEY_PROTOCOL_PORT
      case (.some, nil): AEGIS_KEY_PROTOCOL
      case (nil, .some): AEGIS_KEY_PORT
      case (nil, nil): AEGIS_KEY_NEITHER
      }
    let kind =
      if source == nil {
        AEGIS_KEY_SOURCE_ANY
      } else {
        isPrefix ? AEGIS_KEY_SOURCE_PREFIX : AEGIS_KEY_SOURCE_HOST
      }
    return 1 << UInt16(ports.rawValue << 2 | kind.rawValue)
  }

  /// Key of `key` and `protect`, or the key within `abiPrefixKey`. The port is in network order. It has one port or any.
  var abiKey: aegis_key {
    let family =
      switch source?.address {
      case nil: AEGIS_FAMILY_ANY
      case .v4: AEGIS_FAMILY_V4
      case .v6: AEGIS_FAMILY_V6
      }
    return aegis_key(
      family: UInt8(family.rawValue), protocol: `protocol`?.rawValue ?? 0,
      port: (ports?.only ?? 0).bigEndian, source: source?.address.octets ?? aegis_address())
  }

  /// Key of `key_prefix` and `protect_prefix`.
  var abiPrefixKey: aegis_key_prefix {
    aegis_key_prefix(length: AEGIS_KEY_HEAD_BITS + UInt32(source?.length ?? 0), key: abiKey)
  }

  /// Reads a key of `key` or `protect`: its source is any or a host.
  init(_ key: aegis_key) {
    self.init(key, length: Int.max)
  }

  /// Reads a key of `key_prefix` or `protect_prefix`.
  init(_ prefix: aegis_key_prefix) {
    self.init(prefix.key, length: Int(prefix.length) - Int(AEGIS_KEY_HEAD_BITS))
  }

  /// A length that is not valid for the family is clamped to the nearest valid one.
  private init(_ key: aegis_key, length: Int) {
    let address: IPAddress? =
      switch UInt32(key.family) {
      case AEGIS_FAMILY_ANY.rawValue: nil
      case AEGIS_FAMILY_V4.rawValue: IPAddress(v4: key.source)
      default: IPAddress(v6: key.source)
      }
    self.init(
      unchecked: address.map { Prefix(masking: $0, length: max(0, min(length, $0.width))) },
      key.port == 0 ? nil : .one(UInt16(bigEndian: key.port)),
      key.protocol == 0 ? nil : TransportProtocol(rawValue: key.protocol))
  }
}
