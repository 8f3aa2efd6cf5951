import Aegis

@testable import TestModel

/// An IP packet of which rules can ask everything.
struct RulePacket {
  enum Fragment: CaseIterable {
    case none, first, middle, last
    /// Of IPv6, a whole packet with the header of a fragment.
    case atomic
  }

  var source: IPAddress
  var destination: IPAddress
  var number: UInt8 = 6
  var sourcePort: UInt16 = 40000
  var port: UInt16 = 443
  var flags: UInt8 = 2
  var type: UInt8 = 8
  var code: UInt8 = 0
  /// Bytes of the packet, if that is not too short for its headers.
  var length = 60
  var hopLimit: UInt8 = 64
  var dscp: UInt8 = 0
  /// The lower two bits of the traffic class.
  var congestion: UInt8 = 0
  /// Tags, the outermost first, with all 16 bits.
  var tags: [UInt16] = []
  var fragment = Fragment.none
  /// In front of what the packet carries; IPv4 has its options instead.
  var extensions: [ExtensionHeader] = []

  var frame: [UInt8] {
    let isIPv6 = source.width == 128
    var bytes = Frame.host + [2, 0, 0, 0, 0, 2]
    for tag in tags { bytes += .big(Frame.vlan) + .big(tag) }
    bytes += .big(isIPv6 ? Frame.ipv6 : Frame.ipv4)
    return bytes + (isIPv6 ? v6 : v4)
  }

  private func payload(_ size: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    switch number {
    case 6:
      bytes = .big(sourcePort) + .big(port) + .zeros(8) + [5 << 4, flags] + .zeros(6)
    case 17:
      bytes = .big(sourcePort) + .big(port) + .big(UInt16(clamping: max(8, size))) + .zeros(2)
    case 132: bytes = .big(sourcePort) + .big(port) + .zeros(8)
    case 1, 58: bytes = [type, code] + .zeros(6)
    default: break
    }
    return bytes + .zeros(max(0, size - bytes.count))
  }

  private var isLater: Bool { fragment == .middle || fragment == .last }
  private var hasMore: Bool { fragment == .first || fragment == .middle }

  private var v4: [UInt8] {
    guard case .v4(let from) = source, case .v4(let to) = destination else { return [] }
    let options = min(10, extensions.count)
    let payload = payload(max(0, length - 20 - 4 * options))
    let total = UInt16(clamping: 20 + 4 * options + payload.count)
    let place: UInt16 = (hasMore ? 0x2000 : 0) | (isLater ? 185 : 0)
    var bytes: [UInt8] = [0x45 + UInt8(options), dscp << 2 | congestion] + .big(total)
    bytes += [0x12, 0x34] + .big(place) + [hopLimit, number, 0, 0]
    return bytes + .big(from) + .big(to) + .zeros(4 * options) + payload
  }

  private var v6: [UInt8] {
    guard case .v6(let from) = source, case .v6(let to) = destination else { return [] }
    var headers = extensions
    if fragment != .none { headers.append(.fragment(isLater ? 185 : 0, more: hasMore)) }
    let size = headers.reduce(0) { $0 + $1.rest.count + 1 }
    var body = payload(max(0, length - 40 - size))
    var next = number
    for header in headers.reversed() {
      body = header.bytes(next: next) + body
      next = header.number
    }
    let first = UInt32(6) << 28 | UInt32(dscp << 2 | congestion) << 20 | 0xabcde
    return .big(first) + .big(UInt16(clamping: body.count)) + [next, hopLimit] + .big(from)
      + .big(to) + body
  }
}
