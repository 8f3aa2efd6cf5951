import CBench

/// An Ethernet frame with a UDP datagram over IPv4.
enum Frame {
  /// The hardware address of the interface that frames are sent to.
  static let hardwareAddress: [UInt8] = [2, 0, 0, 0, 0, 1]
  static let destination: UInt32 = 0xc612_0001  // 198.18.0.1
  static let destinationText = "198.18.0.1"
  static let port: UInt16 = 7
  static let sourcePort: UInt16 = 9

  /// The hardware address of another host.
  static let otherAddress = "02:00:00:00:00:09"

  /// In bytes, of the shortest frame.
  static let length: UInt64 = 60
  private static let ethernetLength = 14

  /// - Parameters:
  ///   - size: In bytes.
  ///   - length: What the IP header says; nil for the truth.
  ///   - isForOthers: Whether the frame is for another host, so that the stack drops it immediately.
  static func udp(
    from source: UInt32, port: UInt16 = port, size: Int = Int(length), length: UInt16? = nil,
    isForOthers: Bool = true
  ) -> [UInt8] {
    let ipLength = UInt16(size - ethernetLength)
    var frame = isForOthers ? [2, 0, 0, 0, 0, 9] : hardwareAddress
    frame += [2, 0, 0, 0, 0, 2, 8, 0]
    var header = ipv4(length ?? ipLength)
    let check = ~fold(sum(header) + (source >> 16) + (source & 0xffff))
    header.replaceSubrange(10..<12, with: bytes(UInt32(check)).suffix(2))
    header.replaceSubrange(12..<16, with: bytes(source))
    frame += header
    frame += bytes(UInt32(sourcePort) << 16 | UInt32(port)) + bytes(UInt32(ipLength - 20) << 16)
    return frame + [UInt8](repeating: 0, count: size - frame.count)
  }

  /// The shortest frame with a segment of a TCP connection over IPv4.
  static func tcp(from source: UInt32, port: UInt16) -> [UInt8] {
    var frame = udp(from: source, port: port)
    frame[ethernetLength + 9] = 6
    // The checksum of the header is that of UDP, whose number is 11 more.
    let check = UInt32(frame[ethernetLength + 10]) << 8 | UInt32(frame[ethernetLength + 11])
    frame.replaceSubrange(
      ethernetLength + 10..<ethernetLength + 12, with: bytes(UInt32(fold(check + 11))).suffix(2))
    // An offset of 20 bytes, and ACK.
    frame.replaceSubrange(
      ethernetLength + 24..<ethernetLength + 40, with: [UInt8](repeating: 0, count: 16))
    frame[ethernetLength + 32] = 0x50
    frame[ethernetLength + 33] = 0x10
    return frame
  }

  /// The shortest frame with a UDP datagram over IPv6, from an address that the sender fills in, for another host.
  static let udpV6: [UInt8] = {
    let header: [UInt8] = [0x60, 0, 0, 0, 0, 8, 17, 64]
    let addresses =
      [UInt8](repeating: 0, count: 16) + [0x20, 1, 0x0d, 0xb8]
      + [UInt8](repeating: 0, count: 11) + [1]
    return [2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 2, 0x86, 0xdd] + header + addresses
      + bytes(9 << 16 | UInt32(port)) + bytes(8 << 16)
  }()

  /// The value for `bench_workload.sum`, read from memory as the sender reads the source.
  static func partialSum(of frame: [UInt8]) -> UInt32 {
    let header = frame.dropFirst(ethernetLength).prefix(20).map(UInt32.init)
    // Without the checksum and the source.
    return (Array(0..<10) + Array(16..<20)).reduce(0) { $0 + header[$1] << ($1 % 2 == 0 ? 0 : 8) }
  }

  private static func ipv4(_ length: UInt16) -> [UInt8] {
    [0x45, 0] + bytes(UInt32(length)).suffix(2) + [0, 0, 0x40, 0, 64, 17, 0, 0, 0, 0, 0, 0]
      + bytes(destination)
  }

  private static func bytes(_ word: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
  }

  private static func sum(_ header: [UInt8]) -> UInt32 {
    stride(from: 0, to: 20, by: 2).reduce(0) {
      $0 + UInt32(header[$1]) << 8 + UInt32(header[$1 + 1])
    }
  }

  private static func fold(_ sum: UInt32) -> UInt16 {
    let once = (sum & 0xffff) + (sum >> 16)
    return UInt16(truncatingIfNeeded: (once & 0xffff) + (once >> 16))
  }
}
