import Aegis

extension SeededGenerator {
  /// A frame; half of them as they should be, the others mutated, cut short or with lying lengths.
  mutating func frame() -> Frame {
    var frame = wellFormed()
    if chance(4) {
      for _ in 0..<pick(1...4) {
        frame.bytes[pick(12...min(frame.bytes.count, 100) - 1)] = byte()
      }
    }
    if chance(8) {
      frame = frame.truncated(to: pick(Frame.headerLength...frame.bytes.count))
    }
    return frame
  }

  private mutating func wellFormed() -> Frame {
    let tags = tags()
    let vlan: UInt16? = chance(2) ? nil : 100
    let padding = chance(4) ? pick(0...20) : 0
    let to = chance(8) ? Frame.group(UInt8(pick(0...20))) : Frame.host
    switch pick(0...20) {
    case 0: return .arp(tags: tags)
    case 1:
      let to = chance(2) ? Frame.group(pick([0, 2, 3, 14, 15, 16])) : to
      return Frame(pick(Self.types), .zeros(46), to: to, tags: tags, vlan: vlan)
    case 2...10: return Frame(ipv4(), to: to, tags: tags, vlan: vlan, padding: padding)
    default: return Frame(ipv6(), to: to, tags: tags, vlan: vlan, padding: padding)
    }
  }

  private static let types: [UInt16] = [
    0x8847, 0x9100, 0x0026, 1500, 1501, 0x88cc, 0x8809, 0x888e, 0x88f7,
  ]

  mutating func tags() -> [UInt16] {
    (0..<pick([0, 0, 0, 0, 1, 2, 3, 4, 5, 8])).map { _ in
      pick([Frame.vlan, Frame.serviceVLAN])
    }
  }

  private mutating func ipv4() -> IPv4 {
    var packet = IPv4(transport(), from: host4())
    if chance(4) { packet.options = .zeros(4 * pick(1...10)) }
    if chance(6) { packet.fragmentOffset = UInt16(pick(0...3)) }
    if chance(6) { packet.hasMoreFragments.toggle() }
    if chance(6) { packet.mayBeFragmented.toggle() }
    if chance(12) { packet.words = UInt8(pick(0...15)) }
    if chance(12) { packet.totalLength = UInt16(max(0, packet.bytes.count + pick(-30...4))) }
    return packet
  }

  private mutating func ipv6() -> IPv6 {
    var packet = IPv6(transport(), from: host6()) { $0.hopLimit = 64 }
    packet.hopLimit = pick([1, 1, 2, 64, 254, 255, 255, 255])
    if chance(2) {
      packet.extensions = (0..<pick([1, 1, 2, 3, 8, 9, 10])).map { _ in extensionHeader() }
    }
    if chance(12) { packet.payloadLength = UInt16(max(0, packet.bytes.count - 40 + pick(-30...4))) }
    return packet
  }

  private mutating func extensionHeader() -> ExtensionHeader {
    let length = UInt8(pick([0, 0, 1, 2]))
    switch pick(0...12) {
    case 0...2: return .hopByHop(length)
    case 3...5: return .routing(length)
    case 6...8: return .destination(length)
    case 9: return .authentication(length)
    case 10: return .fragment(UInt16(pick(0...1)), more: chance(2))
    case 11: return .fragment(0, more: chance(4), reserved: byte())
    default: return .destination(UInt8(pick(0...6)), size: 8)
    }
  }

  private mutating func transport() -> Transport {
    let port = chance(10) ? 0 : pick(Self.ports)
    let payload = pick(0...24)
    var transport: Transport =
      switch pick(0...9) {
      case 0...1:
        .tcp(
          port, options: 4 * pick(0...10), payload: payload,
          flags: pick([0x02, 0x10, 0x12, 0x04, 0x14]))
      case 2: .tcp(port, words: UInt8(pick(0...15)), payload: payload)
      case 3...4: .udp(port, payload: payload)
      case 5: .udp(port, length: UInt16(pick(0...40)), payload: payload)
      case 6: .sctp(port, payload: payload)
      case 7: .icmp(pick([3, 3, 8]), pick([0, 4]), payload: payload)
      case 8:
        .icmpv6(pick([2, 128, 130, 131, 132, 143, 133, 134, 135, 136, 137]), pick([0, 0, 0, 1]))
      default: .other(pick([0, 41, 43, 44, 47, 50, 51, 59, 60]), size: payload)
      }
    if chance(8) { transport = transport.truncated(to: pick(0...24)) }
    return transport
  }
}
