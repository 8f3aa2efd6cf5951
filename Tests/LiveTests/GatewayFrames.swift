/// Frames that a wire carries, and a bridge often does not.
enum GatewayFrames {
  private static let station: [UInt8] = [0x02, 0, 0, 0, 0x10, 0x01]
  private static let other: [UInt8] = [0x02, 0, 0, 0, 0x20, 0x02]

  private static func frame(
    to destination: [UInt8] = other, _ type: UInt16, _ payload: [UInt8], padded: Bool = true
  ) -> [UInt8] {
    let frame = destination + station + [UInt8(type >> 8), UInt8(type & 255)] + payload
    return padded && frame.count < 60
      ? frame + [UInt8](repeating: 0, count: 60 - frame.count) : frame
  }

  private static func group(_ last: UInt8) -> [UInt8] { [0x01, 0x80, 0xc2, 0, 0, last] }

  private static func tagged(_ tags: [(type: UInt16, vlan: UInt16)], _ inner: [UInt8]) -> [UInt8] {
    let bytes = tags.flatMap { tag in
      [tag.type, tag.vlan].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }
    return Array(inner[..<12]) + bytes + Array(inner[12...])
  }

  /// An IPv4 packet with a UDP datagram; the checksum of its header is right.
  static func ipv4(from source: [UInt8], size: Int = 60, spoiled: Bool = false) -> [UInt8] {
    let length = UInt16(size - 14)
    var header: [UInt8] = [
      0x45, 0, UInt8(length >> 8), UInt8(length & 255), 0, 1, 0, 0, 64, 17, 0, 0,
    ]
    header += source + [10, 77, 0, 9]
    var sum: UInt32 = 0
    for index in stride(from: 0, to: 20, by: 2) {
      sum += UInt32(header[index]) << 8 | UInt32(header[index + 1])
    }
    sum = (sum & 0xffff) + (sum >> 16)
    let check = ~UInt16((sum & 0xffff) + (sum >> 16))
    (header[10], header[11]) = (UInt8(check >> 8), UInt8(check & 255))
    if spoiled { header[0] = 0x41 }
    let body = size - 34
    let udp: [UInt8] = [0x0f, 0xa0, 0x0f, 0xa0, UInt8(body >> 8), UInt8(body & 255), 0, 0]
    return frame(0x0800, header + udp + [UInt8](repeating: 0x55, count: body - 8))
  }

  static let plain = ipv4(from: [192, 0, 2, 7])
  static let arp = frame(to: [UInt8](repeating: 255, count: 6), 0x0806, [0, 1, 8, 0, 6, 4, 0, 1])
  static let stp = frame(to: group(0), 38, [0x42, 0x42, 3] + [UInt8](repeating: 0, count: 35))
  static let lacp = frame(to: group(2), 0x8809, [1, 1])
  static let lldp = frame(to: group(0x0e), 0x88cc, [2, 7, 4])
  static let eapol = frame(to: group(3), 0x888e, [1, 1, 0, 0])
  static let solicitation: [UInt8] = frame(
    to: [0x33, 0x33, 0xff, 0, 0, 1], 0x86dd,
    [0x60, 0, 0, 0, 0, 24, 58, 255] + [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [9]
      + [0xff, 2] + [UInt8](repeating: 0, count: 9) + [1, 0xff, 0, 0, 1]
      + [135, 0, 0x5d, 0x4b] + [UInt8](repeating: 0, count: 20))
  static let spoiled = ipv4(from: [192, 0, 2, 7], spoiled: true)

  static let all: [(name: String, frame: [UInt8])] = [
    ("IPv4", plain),
    ("IPv4 of full size", ipv4(from: [192, 0, 2, 7], size: 1514)),
    ("IPv4 with a broken header", spoiled),
    ("ARP", arp),
    ("neighbour solicitation", solicitation),
    ("VLAN", tagged([(0x8100, 7)], plain)),
    ("VLAN of full size", tagged([(0x8100, 7)], ipv4(from: [192, 0, 2, 7], size: 1514))),
    ("VLAN 0", tagged([(0x8100, 0xe000)], plain)),
    ("QinQ", tagged([(0x88a8, 100), (0x8100, 7)], plain)),
    ("five tags", tagged([UInt16](1...5).map { (0x8100, $0) }, plain)),
    ("STP", stp),
    ("PAUSE", frame(to: group(1), 0x8808, [0, 1, 0xff, 0xff])),
    ("LACP", lacp),
    ("EAPOL", eapol),
    ("LLDP", lldp),
    ("CDP", frame(to: [1, 0, 0x0c, 0xcc, 0xcc, 0xcc], 30, [0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0])),
    ("PVST", frame(to: [1, 0, 0x0c, 0xcc, 0xcc, 0xcd], 50, [0xaa, 0xaa, 3, 0, 0, 0x0c, 1, 0x0b])),
    ("PTP", frame(to: [1, 0x1b, 0x19, 0, 0, 0], 0x88f7, [0, 2])),
    ("MACsec", frame(0x88e5, [0x2c, 0])),
    ("MPLS", frame(0x8847, [0, 0, 0x11, 64])),
    ("PPPoE", frame(0x8864, [0x11, 0, 0, 1, 0, 4])),
    ("multicast", frame(to: [1, 0, 0x5e, 1, 2, 3], 0x0800, Array(plain[14...]))),
    ("broadcast", frame(to: [UInt8](repeating: 255, count: 6), 0x0800, Array(plain[14...]))),
    ("of an unknown type", frame(0x88b5, [1, 2, 3])),
    ("14 bytes", frame(0x88b5, [], padded: false)),
  ]
}
