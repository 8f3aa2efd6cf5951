/// A file as libpcap writes them, byte for byte.
struct PcapFile {
  /// Of time stamps in microseconds or nanoseconds.
  var magic: UInt32 = 0xa1b2_c3d4
  var isBigEndian = false
  /// A `LINKTYPE_` value, which may be another than that of `DLT_`.
  var link: UInt32 = 1
  var packets: [Packet] = []

  struct Packet {
    var seconds: UInt32 = 1_700_000_000
    var fraction: UInt32 = 0
    var bytes: [UInt8]
    /// Other than `bytes` have.
    var length: Int?
  }

  var bytes: [UInt8] {
    var bytes = words(magic) + halves(2, 4) + words(0, 0, 65535, link)
    for packet in packets {
      let length = UInt32(packet.length ?? packet.bytes.count)
      bytes += words(packet.seconds, packet.fraction, UInt32(packet.bytes.count), length)
      bytes += packet.bytes
    }
    return bytes
  }

  private func words(_ values: UInt32...) -> [UInt8] { values.flatMap(octets) }

  private func halves(_ values: UInt16...) -> [UInt8] { values.flatMap(octets) }

  private func octets(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
  }
}
