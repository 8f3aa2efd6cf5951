extension PacketQuery {
  /// A frame that is neither IP nor ARP: one of a PPPoE session.
  static let notIP: [UInt8] =
    [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0x64] + [UInt8](repeating: 0, count: 46)

  /// The other end, which the datapath ignores. RFC 5737 and RFC 3849.
  private var other: IPAddress {
    if let local { return local }
    return source.width == 32 ? .v4(0xc000_0201) : .v6(0x2001_0db8 << 96 | 1)
  }

  private var addresses: [UInt8] {
    let (peer, local) = (source.networkOrder, other.networkOrder)
    return direction == .out ? local + peer : peer + local
  }

  /// The complete Ethernet frame: a TCP SYN, a datagram, an echo request or a bare IP packet. Checksums are zero; the
  /// datapath leaves them to the stack.
  public var frame: [UInt8] {
    let transport = transport
    let ahead = (source.width == 32 ? 20 : 40) + fragmentHeader.count
    let padding = max(0, length - 14 - ahead - transport.count)
    let payload = fragmentHeader + transport + [UInt8](repeating: 0, count: padding)
    let ethernet: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]
    let tag = header.vlan == 0 ? [] : [0x81, 0x00] + Self.octets(header.vlan)
    return ethernet + tag + (source.width == 32 ? ipv4(payload) : ipv6(payload))
  }

  private func ipv4(_ payload: [UInt8]) -> [UInt8] {
    let place: [UInt8] =
      switch header.fragment {
      case nil: [0, 0]
      case .first: [0x20, 0]
      case .later: [0x20, 0xb9]
      }
    return [0x08, 0x00, 0x45, header.dscp << 2]
      + Self.octets(UInt16(clamping: 20 + payload.count))
      + [0, 0] + place + [header.hopLimit, `protocol`.rawValue, 0, 0]
      + addresses + payload
  }

  private func ipv6(_ payload: [UInt8]) -> [UInt8] {
    [0x86, 0xdd, 0x60 | header.dscp >> 2, header.dscp << 6, 0, 0]
      + Self.octets(UInt16(clamping: payload.count))
      + [header.fragment == nil ? `protocol`.rawValue : 44, header.hopLimit] + addresses + payload
  }

  /// RFC 8200 section 4.5
  private var fragmentHeader: [UInt8] {
    guard source.width == 128, let fragment = header.fragment else { return [] }
    let place: UInt16 = fragment == .first ? 1 : 185 << 3 | 1
    return [`protocol`.rawValue, 0] + Self.octets(place) + [0, 0, 0, 1]
  }

  private var transport: [UInt8] {
    let ports = Self.octets(sourcePort ?? 49_152) + Self.octets(port ?? 0)
    switch `protocol` {
    case .tcp:
      return ports + [0, 0, 0, 1, 0, 0, 0, 0, 5 << 4, header.tcpFlags, 0xff, 0xff, 0, 0, 0, 0]
    case .udp:
      let ahead = (source.width == 32 ? 34 : 54) + fragmentHeader.count
      return ports + Self.octets(UInt16(clamping: max(8, length - ahead))) + [0, 0]
    case .sctp: return ports + [UInt8](repeating: 0, count: 8)
    case .icmp: return [header.icmp?.v4 ?? 8, header.icmp?.code ?? 0, 0, 0, 0, 1, 0, 1]
    case .icmpv6: return [header.icmp?.v6 ?? 128, header.icmp?.code ?? 0, 0, 0, 0, 1, 0, 1]
    default: return []
    }
  }

  private static func octets(_ number: UInt16) -> [UInt8] {
    [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
  }
}
