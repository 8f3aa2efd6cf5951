extension PacketQuery {
  /// A frame that is neither IP nor ARP: one of a PPPoE session.
  static let notIP: [UInt8] =
    [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0x64] + [UInt8](repeating: 0, count: 46)

  /// The other end, which the datapath ignores. RFC 5737 and RFC 3849.
  private var local: IPAddress {
    source.width == 32 ? .v4(0xc000_0201) : .v6(0x2001_0db8 << 96 | 1)
  }

  private var addresses: [UInt8] {
    let (peer, local) = (source.networkOrder, local.networkOrder)
    return direction == .out ? local + peer : peer + local
  }

  /// The complete Ethernet frame: a TCP SYN, a datagram, an echo request or a bare IP packet. Checksums are zero; the
  /// datapath leaves them to the stack.
  public var frame: [UInt8] {
    let transport = transport
    let header = source.width == 32 ? 20 : 40
    let padding = max(0, length - 14 - header - transport.count)
    let payload = transport + [UInt8](repeating: 0, count: padding)
    let ethernet: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]
    return ethernet + (source.width == 32 ? ipv4(payload) : ipv6(payload))
  }

  private func ipv4(_ payload: [UInt8]) -> [UInt8] {
    [0x08, 0x00, 0x45, 0] + Self.octets(UInt16(clamping: 20 + payload.count))
      + [0, 0, 0, 0, 64, `protocol`.rawValue, 0, 0]
      + addresses + payload
  }

  private func ipv6(_ payload: [UInt8]) -> [UInt8] {
    [0x86, 0xdd, 0x60, 0, 0, 0] + Self.octets(UInt16(clamping: payload.count))
      + [`protocol`.rawValue, 64] + addresses + payload
  }

  private var transport: [UInt8] {
    let ports = Self.octets(sourcePort ?? 49_152) + Self.octets(port ?? 0)
    switch `protocol` {
    case .tcp: return ports + [0, 0, 0, 1, 0, 0, 0, 0, 5 << 4, 2, 0xff, 0xff, 0, 0, 0, 0]
    case .udp:
      let header = source.width == 32 ? 34 : 54
      return ports + Self.octets(UInt16(clamping: max(8, length - header))) + [0, 0]
    case .sctp: return ports + [UInt8](repeating: 0, count: 8)
    case .icmp: return [8, 0, 0, 0, 0, 1, 0, 1]
    case .icmpv6: return [128, 0, 0, 0, 0, 1, 0, 1]
    default: return []
    }
  }

  private static func octets(_ number: UInt16) -> [UInt8] {
    [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
  }
}
