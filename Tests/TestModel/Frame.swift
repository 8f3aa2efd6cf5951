/// A raw Ethernet frame. Every field can be made to lie; no checksum is right.
struct Frame: Sendable {
  static let ipv4: UInt16 = 0x0800
  static let arp: UInt16 = 0x0806
  static let vlan: UInt16 = 0x8100
  static let serviceVLAN: UInt16 = 0x88a8
  static let ipv6: UInt16 = 0x86dd
  static let headerLength = 14

  static let host: [UInt8] = [0x02, 0, 0, 0, 0, 1]

  var bytes: [UInt8]

  /// - Parameters:
  ///   - tags: The tag protocol identifiers in front of the type, outermost first.
  ///   - vlan: The VLAN of the outermost tag, those behind have the next ones; nil for VLAN 0 in all of them.
  ///   - padding: Bytes behind the payload.
  init(
    _ type: UInt16, _ payload: [UInt8], to destination: [UInt8] = Self.host,
    tags: [UInt16] = [], vlan: UInt16? = 100, padding: Int = 0
  ) {
    bytes = destination + [0x02, 0, 0, 0, 0, 2]
    for (number, tag) in tags.enumerated() {
      bytes += .big(tag) + .big(vlan.map { $0 + UInt16(number) } ?? 0)
    }
    bytes += .big(type) + payload
    bytes += Array(repeating: 0xa5, count: padding)
  }

  init(
    _ packet: IPv4, to destination: [UInt8] = Self.host, tags: [UInt16] = [],
    vlan: UInt16? = 100, padding: Int = 0
  ) {
    self.init(Self.ipv4, packet.bytes, to: destination, tags: tags, vlan: vlan, padding: padding)
  }

  init(
    _ packet: IPv6, to destination: [UInt8] = Self.host, tags: [UInt16] = [],
    vlan: UInt16? = 100, padding: Int = 0
  ) {
    self.init(Self.ipv6, packet.bytes, to: destination, tags: tags, vlan: vlan, padding: padding)
  }

  /// A frame as a ticket has it.
  init(hex: String) {
    let digits = hex.compactMap(\.hexDigitValue)
    bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }

  /// An ARP request.
  static func arp(tags: [UInt16] = [], length: Int = 28) -> Frame {
    let request: [UInt8] = [0, 1, 8, 0, 6, 4, 0, 1] + .zeros(20)
    return Frame(
      arp, Array(request.prefix(length)), to: Array(repeating: 0xff, count: 6), tags: tags)
  }

  /// 01-80-C2-00-00-XX: link control, up to 0F.
  static func group(_ last: UInt8) -> [UInt8] { [0x01, 0x80, 0xc2, 0, 0, last] }

  func truncated(to length: Int) -> Frame {
    var copy = self
    copy.bytes = Array(bytes.prefix(length))
    return copy
  }
}
