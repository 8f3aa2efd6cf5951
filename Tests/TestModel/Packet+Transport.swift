import Aegis

extension Packet {
  /// A first fragment holds the fixed header (RFC 1858, RFC 7112), but not all it promises.
  mutating func readTransport(_ body: ByteReader, hopLimit: UInt8?) throws(Unreadable) {
    guard !isLaterFragment else { return }
    let room = body.count
    var body = body
    switch (protocolNumber, source) {
    case (6, _):
      var tcp = try body.take(20)
      port = try tcp.destinationPort()
      try tcp.skip(8)
      let length = Int(try tcp.read(UInt8.self) >> 4) * 4
      guard length >= 20, isFragment || length <= room else { throw .malformed }
    case (17, _):
      var udp = try body.take(8)
      port = try udp.destinationPort()
      let length = Int(try udp.read(UInt16.self))
      guard length >= 8, isFragment || length <= room else { throw .malformed }
    case (132, _):
      var sctp = try body.take(12)
      port = try sctp.destinationPort()
    case (1, .v4):
      let (type, code) = try body.icmp()
      isTooBig = type == 3 && code == 4 && !isFragment
    case (58, .v6(let bits)):
      let (type, code) = try body.icmp()
      // RFC 1812 section 4.3.2.3, RFC 4443 section 2.4: no error is so long that it is fragmented.
      guard !isFragment else { return }
      isTooBig = type == 2
      // RFC 4861 section 7.1: what came through a router is not a neighbour's.
      let isDiscovery = 133...136 ~= type && code == 0 && hopLimit == 255
      // RFC 3810 section 5.1.14: a query comes from a link-local address.
      let isQuery = type == 130 && hopLimit == 1 && bits >> 118 == 0xfe80 >> 6
      isNeighbour = isDiscovery || isQuery
    default: break
    }
  }
}

extension ByteReader {
  fileprivate mutating func destinationPort() throws(Unreadable) -> UInt16 {
    try skip(2)
    return try read(UInt16.self)
  }

  fileprivate mutating func icmp() throws(Unreadable) -> (type: UInt8, code: UInt8) {
    var header = try take(8)
    return (try header.read(UInt8.self), try header.read(UInt8.self))
  }
}
