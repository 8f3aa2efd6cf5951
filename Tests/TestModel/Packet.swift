import Aegis

/// What a frame holds.
enum Content {
  case ip(Packet)
  case arp
  case linkControl
  case other

  init(of frame: [UInt8]) throws(Unreadable) {
    var reader = ByteReader(frame[...])
    let destination = try reader.read(UInt64.self, bytes: 6)
    try reader.skip(6)
    var type = try reader.read(UInt16.self)
    var tags = 0
    while tags < 2, type == 0x8100 || type == 0x88a8 {
      try reader.skip(2)
      type = try reader.read(UInt16.self)
      tags += 1
    }
    switch type {
    case 0x0800: self = .ip(try Packet(ipv4: &reader))
    case 0x86dd: self = .ip(try Packet(ipv6: &reader))
    case 0x0806: self = .arp
    // IEEE 802.1Q: bridges forward none of these sixteen.
    default: self = destination >> 4 == 0x0180_c200_000 ? .linkControl : .other
    }
  }
}

/// What the rules ask of an IP packet.
struct Packet {
  var source: IPAddress
  var protocolNumber: UInt8
  /// Destination port, nil where there is none to be read.
  var port: UInt16?
  /// Not the fragment with the transport header.
  var isLaterFragment = false
  /// IPv6 neighbour discovery or a multicast listener query, as a host would accept it.
  var isNeighbour = false
  var isTooBig = false

  func isNamed(by key: AllowKey) -> Bool {
    if let prefix = key.source, !prefix.contains(source) { return false }
    if let wanted = key.protocol, wanted.rawValue != protocolNumber { return false }
    if let wanted = key.port, wanted != port { return false }
    return true
  }

  /// Whom the rate is counted for.
  var limited: IPAddress {
    switch source {
    case .v4: source
    case .v6(let bits): .v6((bits >> 64) << 64)
    }
  }
}
