/// The header for a frame whose own link has none, or another kind.
enum EthernetHeader {
  static let length = 14
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86dd

  /// - Parameters:
  ///   - type: The EtherType in host byte order.
  ///   - source: 6 bytes.
  static func bytes(
    type: UInt16, source: [UInt8] = [0, 0, 0, 0, 0, 0], isBroadcast: Bool = false
  ) -> [UInt8] {
    let destination = [UInt8](repeating: isBroadcast ? 0xff : 0, count: 6)
    return destination + source + [UInt8(type >> 8), UInt8(type & 0xff)]
  }

  /// The EtherType of an IP packet, by its version.
  static func type(ofIP firstByte: UInt8?) -> UInt16 {
    firstByte.map { $0 >> 4 == 6 } == true ? ipv6 : ipv4
  }
}
