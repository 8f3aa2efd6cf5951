import Aegis

extension Packet {
  /// RFC 791. Everything in the packet is then read from the bytes that it says it has.
  init(ipv4 frame: inout ByteReader, _ direction: Direction) throws(Unreadable) {
    var peek = frame
    let first = try peek.read(UInt8.self)
    let service = try peek.read(UInt8.self)
    let total = Self.length(Int(try peek.read(UInt16.self)), of: frame.count)
    let headerLength = Int(first & 0xf) * 4
    guard first >> 4 == 4, headerLength >= 20 else { throw .malformed }

    var body = try frame.take(total)
    var header = try body.take(headerLength)
    try header.skip(6)
    let fragment = try header.read(UInt16.self)
    let timeToLive = try header.read(UInt8.self)
    let number = try header.read(UInt8.self)
    try header.skip(2)
    let (source, destination) = (try header.read(UInt32.self), try header.read(UInt32.self))
    self.init(direction, from: .v4(source), to: .v4(destination), protocolNumber: number)
    (length, hopLimit, dscp) = (min(total, 65535), timeToLive, service >> 2)
    let offset = fragment & 0x1fff
    let hasMore = fragment & 0x2000 != 0
    isLaterFragment = offset != 0
    isFragment = offset != 0 || hasMore
    try readTransport(body, hopLimit: nil)
  }

  /// BIG TCP says 0 where 16 bits do not do; then it is all there is.
  private static func length(_ said: Int, of available: Int) -> Int {
    said == 0 && available > 65535 ? available : said
  }

  /// RFC 8200.
  init(ipv6 frame: inout ByteReader, _ direction: Direction) throws(Unreadable) {
    var header = try frame.take(40)
    let first = try header.read(UInt16.self)
    guard first >> 12 == 6 else { throw .malformed }
    try header.skip(2)
    let said = Self.length(Int(try header.read(UInt16.self)), of: frame.count)
    var body = try frame.take(said)
    let next = try header.read(UInt8.self)
    let hopLimit = try header.read(UInt8.self)
    let (source, destination) = (try header.read(UInt128.self), try header.read(UInt128.self))
    let peer = direction == .out ? destination : source
    // An IPv4 address as a host writes it to itself, RFC 4291 section 2.5.5.2, is never on a wire.
    guard peer >> 32 != 0xffff else { throw .malformed }
    self.init(direction, from: .v6(source), to: .v6(destination), protocolNumber: next)
    length = min(said + 40, 65535)
    (self.hopLimit, dscp) = (hopLimit, UInt8(first >> 6 & 0x3f))

    var hasFragmentHeader = false
    var extensions = 0
    while !isLaterFragment, [0, 43, 44, 51, 60].contains(protocolNumber) {
      extensions += 1
      guard extensions <= 8 else { throw .tooManyExtensions }
      hasFragmentHeader = hasFragmentHeader || protocolNumber == 44
      let hasMore = try readExtension(&body)
      // RFC 6946: alone in its fragment it is a whole packet.
      if isLaterFragment || hasMore { isFragment = true }
    }
    // RFC 6980: neighbour discovery never has a fragment header.
    try readTransport(body, hopLimit: hasFragmentHeader ? nil : hopLimit)
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
