import Aegis

extension Packet {
  /// A first fragment holds the fixed header (RFC 1858, RFC 7112), but not all it promises.
  mutating func readTransport(_ body: ByteReader, hopLimit: UInt8?) throws(Unreadable) {
    guard !isLaterFragment else { return }
    let room = body.count
    var body = body
    let start = body.offset
    switch (protocolNumber, peer) {
    case (6, _):
      var tcp = try body.take(20)
      try readPorts(&tcp)
      try tcp.skip(8)
      let length = Int(try tcp.read(UInt8.self) >> 4) * 4
      flags = try tcp.read(UInt8.self)
      guard length >= 20, isFragment || length <= room else { throw .malformed }
      headers = start + length
    case (17, _):
      var udp = try body.take(8)
      try readPorts(&udp)
      let length = Int(try udp.read(UInt16.self))
      guard length >= 8, isFragment || length <= room else { throw .malformed }
      headers = start + 8
    case (132, _):
      var sctp = try body.take(12)
      try readPorts(&sctp)
    case (1, .v4):
      let (type, code) = try body.icmp()
      icmp = ICMP(type: type, code: code)
      isTooBig = type == 3 && code == 4 && !isFragment
    case (58, .v6(let bits)):
      let (type, code) = try body.icmp()
      icmp = ICMP(type: type, code: code)
      // RFC 1812 section 4.3.2.3, RFC 4443 section 2.4: no error is so long that it is fragmented.
      guard !isFragment else { return }
      isTooBig = type == 2
      // RFC 4861 section 7.1: what came through a router is not a neighbour's.
      let isDiscovery = 133...136 ~= type && code == 0 && hopLimit == 255
      // RFC 3810 section 5.1.14: a query comes from a link-local address. Reports leave, of either version.
      let isOfListeners =
        direction == .out
        ? [131, 132, 143].contains(type) : type == 130 && bits >> 118 == 0xfe80 >> 6
      isNeighbour = isDiscovery || hopLimit == 1 && isOfListeners
    default: break
    }
  }

  private mutating func readPorts(_ transport: inout ByteReader) throws(Unreadable) {
    sourcePort = try transport.read(UInt16.self)
    port = try transport.read(UInt16.self)
  }
}

extension ByteReader {
  fileprivate mutating func icmp() throws(Unreadable) -> (type: UInt8, code: UInt8) {
    var header = try take(8)
    return (try header.read(UInt8.self), try header.read(UInt8.self))
  }
}
