internal import CAegis

/// The result of the datapath's search for entries that name a packet: `AEGIS_FOUND`.
struct Found {
  let rawValue: UInt64

  init?(_ rawValue: UInt64) {
    if rawValue == 0 { return nil }
    self.rawValue = rawValue
  }

  /// Whether the entry decides, instead of only counting.
  var decides: Bool { rawValue & UInt64(AEGIS_FOUND) != 0 }

  private var length: Int { Int(rawValue >> UInt64(AEGIS_FOUND_LENGTH_SHIFT) & 0xff) }

  /// The number of the list that has the drop entry.
  var list: UInt16 { UInt16(truncatingIfNeeded: rawValue >> UInt64(AEGIS_FOUND_LIST_SHIFT)) }

  /// The drop entry, by the source that it named.
  func drop(of source: IPAddress) -> Prefix? { Prefix(address: source, length: length) }

  /// The key, from the fields of the packet that it named.
  func key(
    of source: IPAddress, port: UInt16?, protocol: TransportProtocol
  ) -> AllowKey {
    let ports = UInt32(rawValue >> UInt64(AEGIS_FOUND_PORTS_SHIFT) & 3)
    let kind = UInt32(rawValue >> UInt64(AEGIS_FOUND_SOURCE_SHIFT) & 3)
    let hasProtocol = [AEGIS_KEY_PROTOCOL_PORT, AEGIS_KEY_PROTOCOL].map(\.rawValue).contains(ports)
    let hasPort = [AEGIS_KEY_PROTOCOL_PORT, AEGIS_KEY_PORT].map(\.rawValue).contains(ports)
    let prefix =
      kind == AEGIS_KEY_SOURCE_ANY.rawValue
      ? nil
      : Prefix(
        address: source, length: kind == AEGIS_KEY_SOURCE_HOST.rawValue ? source.width : length)
    return AllowKey(
      unchecked: prefix, hasPort ? port.map(KeyPorts.one) : nil, hasProtocol ? `protocol` : nil)
  }
}
