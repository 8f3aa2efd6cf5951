/// A packet to write to a capture, with its metadata.
struct PcapngPacket: Sendable {
  /// Nanoseconds since the Unix epoch.
  var time: Int64
  /// The available bytes of the Ethernet frame.
  var bytes: [UInt8]
  /// Length on the wire in bytes.
  var originalLength: Int
  /// The name of the interface that received it.
  var interface: String
  /// Shown with the packet; a comment longer than 65535 bytes is cut.
  var comment: String?
  /// The return value of the XDP program, an `XDP_` value.
  var verdict: UInt64?
}
