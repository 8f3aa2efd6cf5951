/// Packets for captures.
enum SampleFrame {
  /// UDP from 10.0.0.1:4000 to 10.0.0.2:53, 119 bytes. Its text looks like bytes in hexadecimal.
  static let udp: [UInt8] = header + packet

  static let header: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]

  static let packet: [UInt8] =
    [
      0x45, 0, 0, 105, 0, 1, 0, 0, 64, 17, 0x66, 0x81, 10, 0, 0, 1, 10, 0, 0, 2,
      0x0f, 0xa0, 0, 53, 0, 85, 0, 0,
    ] + Array("ab cd 12 34 hello face b00c".utf8) + [UInt8](repeating: 0, count: 50)

  /// ICMPv6 without data.
  static let ipv6: [UInt8] =
    [0x60, 0, 0, 0, 0, 8, 58, 64] + [UInt8](repeating: 0, count: 15) + [1]
    + [UInt8](repeating: 0, count: 15) + [1, 128, 0, 0, 0, 0, 0, 0, 0]
}
