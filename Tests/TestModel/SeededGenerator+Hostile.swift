extension SeededGenerator {
  /// A frame that means to get past a filter to a host with the addresses that packets here are for: one of `frame()`,
  /// within what might be unpacked, behind tags that Linux takes off. Its IPv4 checksum is right, so that the host
  /// has no other reason to refuse it.
  ///
  /// - Parameter host: The hardware address of the host.
  mutating func hostileFrame(to host: [UInt8]) -> Frame {
    var frame = frame()
    if chance(6) { frame.bytes = wrapped(frame.bytes) }
    if chance(2) {
      let tags = (0..<pick(1...8)).flatMap { _ in priorityTag() }
      frame.bytes.insert(contentsOf: tags, at: 12)
    }
    let to =
      switch pick(0...9) {
      case 0: Frame.group(UInt8(pick(0...20)))
      case 1: [UInt8](repeating: 0xff, count: 6)
      default: host
      }
    frame.bytes.replaceSubrange(0..<6, with: to)
    return frame.sealed
  }

  /// Of VLAN 0, with any priority.
  private mutating func priorityTag() -> [UInt8] {
    .big(pick([Frame.vlan, Frame.serviceVLAN])) + [byte() & 0xf0, 0]
  }

  /// The packet of a frame within something else than Ethernet's own type, or within another packet.
  private mutating func wrapped(_ frame: [UInt8]) -> [UInt8] {
    let (addresses, type) = (frame.prefix(12), Array(frame[12..<14]))
    let packet = Array(frame.dropFirst(14))
    let length = [UInt8].big(UInt16(chance(4) ? pick(0...1535) : packet.count + 8))
    let isIPv6 = type == .big(Frame.ipv6)
    let body: [UInt8] =
      switch pick(0...11) {
      // LLC with SNAP, LLC's own number of IP, and IPX that has neither.
      case 0...1: length + [0xaa, 0xaa, 3, 0, 0, 0] + type + packet
      case 2: length + [6, 6, 3] + packet
      case 3: length + [0xff, 0xff] + packet
      // MPLS with an explicit null, a session of PPPoE, a backbone of providers, an Ethernet bridge.
      case 4: .big(UInt16(0x8847)) + [0, 0, isIPv6 ? 0x21 : 1, 64] + packet
      case 5:
        [0x88, 0x64, 0x11, 0, 0, 1] + .big(UInt16(packet.count + 2)) + [0, isIPv6 ? 0x57 : 0x21]
          + packet
      case 6: [0x88, 0xe7, 0, 0, 0, 1] + frame
      case 7: [0x65, 0x58] + frame
      case 8: .big(pick(Self.otherTypes)) + packet
      case 9: type + tunnel(packet, isIPv6: isIPv6)
      default: tunnelFrame(packet, isIPv6: isIPv6)
      }
    return addresses + body
  }

  /// What Linux has handlers for, or numbers of its own.
  private static let otherTypes: [UInt16] = [
    1, 3, 4, 0xc, 0x1b, 0xf8, 0x60, 0x600, 0x880b, 0x8848, 0x894f, 0x4305, 0x88be, 0x22eb, 0xdada,
    0x892f, 0x88fb, 0x88e5,
  ]

  /// A packet within one of IPv4 or IPv6, as tunnels and IPsec have it.
  private mutating func tunnelFrame(_ packet: [UInt8], isIPv6: Bool) -> [UInt8] {
    let isOuterIPv6 = chance(2)
    return .big(isOuterIPv6 ? Frame.ipv6 : Frame.ipv4)
      + (isOuterIPv6
        ? IPv6(inner(packet, isIPv6: isIPv6), from: host6()).bytes
        : IPv4(inner(packet, isIPv6: isIPv6), from: host4()).bytes)
  }

  private mutating func tunnel(_ packet: [UInt8], isIPv6: Bool) -> [UInt8] {
    isIPv6
      ? IPv6(inner(packet, isIPv6: true), from: host6()).bytes
      : IPv4(inner(packet, isIPv6: false), from: host4()).bytes
  }

  private mutating func inner(_ packet: [UInt8], isIPv6: Bool) -> Transport {
    let number: UInt8 = isIPv6 ? 41 : 4
    return switch pick(0...2) {
    case 0: Transport(number: number, bytes: packet)
    case 1:
      Transport(number: 47, bytes: [0, 0] + .big(isIPv6 ? Frame.ipv6 : Frame.ipv4) + packet)
    default: Transport(number: 51, bytes: [number, 4] + .zeros(22) + packet)
    }
  }
}

extension Frame {
  /// With the checksum of the IPv4 header that is behind the tags, if there is one.
  var sealed: Frame {
    var start = Self.headerLength
    while start <= bytes.count, [Self.vlan, Self.serviceVLAN].contains(word(start - 2)) {
      start += 4
    }
    guard start < bytes.count, word(start - 2) == Self.ipv4 else { return self }
    let end = start + Int(bytes[start] & 0xf) * 4
    guard end >= start + 20, end <= bytes.count else { return self }
    var copy = self
    copy.bytes.replaceSubrange(start + 10..<start + 12, with: [0, 0])
    var sum = stride(from: start, to: end, by: 2).reduce(0) { $0 + Int(copy.word($1)) }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    copy.bytes.replaceSubrange(start + 10..<start + 12, with: [UInt8].big(~UInt16(sum)))
    return copy
  }

  func word(_ offset: Int) -> UInt16 {
    UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
  }
}
