import Aegis

extension Packet {
  /// RFC 791. Everything in the packet is then read from the bytes that it says it has.
  init(ipv4 frame: inout ByteReader) throws(Unreadable) {
    var peek = frame
    let first = try peek.read(UInt8.self)
    try peek.skip(1)
    let total = Int(try peek.read(UInt16.self))
    let headerLength = Int(first & 0xf) * 4
    guard first >> 4 == 4, headerLength >= 20 else { throw .malformed }

    var body = try frame.take(total)
    var header = try body.take(headerLength)
    try header.skip(6)
    let fragment = try header.read(UInt16.self)
    try header.skip(1)
    let number = try header.read(UInt8.self)
    try header.skip(2)
    self.init(source: .v4(try header.read(UInt32.self)), protocolNumber: number)
    let offset = fragment & 0x1fff
    let hasMore = fragment & 0x2000 != 0
    isLaterFragment = offset != 0
    try readTransport(body, isWhole: offset == 0 && !hasMore, hopLimit: nil)
  }

  /// RFC 8200.
  init(ipv6 frame: inout ByteReader) throws(Unreadable) {
    var header = try frame.take(40)
    guard try header.read(UInt8.self) >> 4 == 6 else { throw .malformed }
    try header.skip(3)
    var body = try frame.take(Int(try header.read(UInt16.self)))
    let next = try header.read(UInt8.self)
    let hopLimit = try header.read(UInt8.self)
    self.init(source: .v6(try header.read(UInt128.self)), protocolNumber: next)

    var isWhole = true
    var isFragmented = false
    var extensions = 0
    while !isLaterFragment, [0, 43, 44, 51, 60].contains(protocolNumber) {
      extensions += 1
      guard extensions <= 8 else { throw .tooManyExtensions }
      isFragmented = isFragmented || protocolNumber == 44
      let hasMore = try readExtension(&body)
      // RFC 6946: alone in its fragment it is a whole packet.
      if isLaterFragment || hasMore { isWhole = false }
    }
    // RFC 6980: neighbour discovery never has a fragment header.
    try readTransport(body, isWhole: isWhole, hopLimit: isFragmented ? nil : hopLimit)
  }

  /// Moves on to the next header; returns whether more fragments follow.
  private mutating func readExtension(_ body: inout ByteReader) throws(Unreadable) -> Bool {
    var peek = body
    let next = try peek.read(UInt8.self)
    let length = Int(try peek.read(UInt8.self))
    let fragment = try peek.read(UInt16.self)
    defer { protocolNumber = next }
    switch protocolNumber {
    case 44:
      try body.skip(8)
      isLaterFragment = fragment >> 3 != 0
      return fragment & 1 != 0
    // RFC 4302: in words, without the first two.
    case 51: try body.skip((length + 2) * 4)
    default: try body.skip((length + 1) * 8)
    }
    return false
  }
}
