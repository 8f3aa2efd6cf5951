/// The blocks of a capture as specified in the IETF's draft-ietf-opsawg-pcapng, in little-endian.
struct PcapngBlock {
  private(set) var bytes: [UInt8] = []

  /// A Section Header Block of a section of unspecified length.
  static func section(by application: String) -> PcapngBlock {
    PcapngBlock(0x0a0d_0d0a) { block in
      block.append(0x1a2b_3c4d as UInt32)
      block.append(1 as UInt16)
      block.append(0 as UInt16)
      block.append(-1 as Int64)
      block.option(4, Array(application.utf8))
      block.endOptions()
    }
  }

  /// An Interface Description Block of an Ethernet interface, with time stamps in nanoseconds.
  ///
  /// - Parameter snapLength: The length in bytes that packets are cut to; 0 for no limit.
  static func interface(_ name: String, snapLength: UInt32) -> PcapngBlock {
    PcapngBlock(1) { block in
      block.append(1 as UInt16)
      block.append(0 as UInt16)
      block.append(snapLength)
      block.option(2, Array(name.utf8))
      block.option(9, [9])
      block.endOptions()
    }
  }

  /// An Enhanced Packet Block.
  ///
  /// - Parameter interface: Its index among the Interface Description Blocks, from 0.
  static func packet(_ packet: PcapngPacket, interface: UInt32) -> PcapngBlock {
    let time = UInt64(clamping: packet.time)
    return PcapngBlock(6) { block in
      block.append(interface)
      block.append(UInt32(time >> 32))
      block.append(UInt32(truncatingIfNeeded: time))
      block.append(UInt32(packet.bytes.count))
      block.append(UInt32(clamping: max(packet.originalLength, packet.bytes.count)))
      block.appendPadded(packet.bytes[...])
      if let comment = packet.comment { block.option(1, Array(comment.utf8)) }
      block.option(2, [packet.isSent ? 2 : 1, 0, 0, 0])
      if let verdict = packet.verdict {
        let action = withUnsafeBytes(of: verdict.action.littleEndian) { Array($0) }
        block.option(7, [verdict.hook.rawValue] + action)
      }
      block.endOptions()
    }
  }

  private init(_ type: UInt32, _ body: (inout PcapngBlock) -> Void) {
    append(type)
    append(0 as UInt32)
    body(&self)
    let length = UInt32(bytes.count + 4)
    withUnsafeBytes(of: length.littleEndian) { bytes.replaceSubrange(4..<8, with: $0) }
    append(length)
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  private mutating func appendPadded(_ value: ArraySlice<UInt8>) {
    bytes += value
    bytes += repeatElement(0, count: -value.count & 3)
  }

  /// Text is UTF-8 without a terminator; text that is too long is cut at a character boundary.
  private mutating func option(_ code: UInt16, _ value: [UInt8]) {
    var end = min(value.count, Int(UInt16.max))
    if end < value.count { while end > 0, value[end] & 0xc0 == 0x80 { end -= 1 } }
    append(code)
    append(UInt16(end))
    appendPadded(value[..<end])
  }

  private mutating func endOptions() { append(0 as UInt32) }
}
