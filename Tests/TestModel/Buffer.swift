import Aegis

/// A frame as the kernel's stack has it: it may be cut into several packets later, and may have no header of the link.
struct Buffer: Sendable {
  var frame: Frame
  var direction = Direction.in
  /// The EtherType that is known of a frame that begins with the header of IP.
  var bareType: UInt16?
  /// Bytes of payload in each packet that it is cut into; 0 if it is not.
  var segmentSize: UInt16 = 0
  /// Their number; 0 if nobody has counted them.
  var segments: UInt16 = 0
  /// Bytes of all of them, as the kernel has worked out for what leaves; 0 if it has not.
  var sentBytes = 0

  /// How many packets it stands for.
  var packets: Int {
    guard segmentSize > 0 else { return 1 }
    let size = Int(segmentSize)
    let counted = segments > 0 ? Int(segments) : (frame.bytes.count + size - 1) / size
    return min(counted, Int(UInt16.max))
  }

  /// Bytes of all its packets, each with a copy of the headers.
  func length(headers: Int) -> Int {
    guard packets > 1 else { return frame.bytes.count }
    let length = frame.bytes.count + (packets - 1) * headers
    return direction == .out ? max(length, sentBytes) : length
  }

  func content() throws(Unreadable) -> Content {
    try Content(of: frame.bytes, bareType: bareType, direction)
  }

  /// Whether it belongs to a connection that a peer is opening to a listener on one of these ports, or to one that such
  /// a listener refuses.
  func isAnswer(of listening: Set<UInt16>) -> Bool {
    guard case .ip(let packet)? = try? content() else { return false }
    return packet.isAnswer(of: listening)
  }
}

extension Frame {
  /// With the addresses of its IP header, behind the tags, in each other's place.
  var mirrored: Frame {
    var start = Self.headerLength
    while start <= bytes.count, [Self.vlan, Self.serviceVLAN].contains(word(start - 2)) {
      start += 4
    }
    guard start <= bytes.count else { return self }
    let places =
      switch word(start - 2) {
      case Self.ipv4: (start + 12, 4)
      case Self.ipv6: (start + 8, 16)
      default: (0, 0)
      }
    let (first, size) = places
    guard size > 0, first + 2 * size <= bytes.count else { return self }
    var copy = self
    copy.bytes.replaceSubrange(first..<first + size, with: bytes[first + size..<first + 2 * size])
    copy.bytes.replaceSubrange(first + size..<first + 2 * size, with: bytes[first..<first + size])
    return copy
  }
}

extension SeededGenerator {
  /// A frame as it may be on its way in or out.
  mutating func buffer(_ direction: Direction, _ frame: Frame) -> Buffer {
    Buffer(frame: direction == .out ? frame.mirrored : frame, direction: direction)
  }

  /// The same, perhaps to be cut later.
  mutating func cut(_ buffer: Buffer) -> Buffer {
    var buffer = buffer
    if chance(3) { return buffer }
    buffer.segmentSize = pick([1, 8, 100, 536, 1448, .max])
    buffer.segments = pick([0, 0, 1, 2, 3, 10, 44, 700, .max])
    if chance(2), case .ip? = try? buffer.content() {
      buffer.sentBytes = pick(buffer.frame.bytes.count...1 << 16)
    }
    return buffer
  }

  /// The same without a header of the link. What the kernel is told of its type is part of its source address.
  mutating func bared(_ buffer: Buffer) -> Buffer {
    var buffer = buffer
    let types = [Frame.ipv4, Frame.ipv6]
    let type = UInt16(buffer.frame.bytes[12]) << 8 | UInt16(buffer.frame.bytes[13])
    let told = types.contains(type) && !chance(8) ? type : pick(types + [0x0806, 0x88cc])
    buffer.frame.bytes.removeFirst(min(Frame.headerLength, buffer.frame.bytes.count))
    buffer.frame.bytes += .zeros(max(0, Frame.headerLength - buffer.frame.bytes.count))
    buffer.frame.bytes.replaceSubrange(12..<14, with: [UInt8].big(told))
    buffer.bareType = told
    return buffer
  }
}
