/// A packet to write into a capture, and what is said about it.
struct PcapngPacket: Sendable {
  /// Nanoseconds since the Unix epoch.
  var time: Int64
  /// What there is of the Ethernet frame.
  var bytes: [UInt8]
  /// Bytes that it had on the wire.
  var originalLength: Int
  /// The name of the interface that it came in by.
  var interface: String
  /// Shown beside the packet; one longer than 65535 bytes is cut.
  var comment: String?
  /// What the XDP program returned for it, an `XDP_` value.
  var verdict: UInt64?
}
