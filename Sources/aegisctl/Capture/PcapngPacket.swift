/// A packet to write to a capture, with its metadata.
struct PcapngPacket: Sendable {
  /// Nanoseconds since the Unix epoch.
  var time: Int64
  /// The available bytes of the Ethernet frame.
  var bytes: [UInt8]
  /// Length on the wire in bytes.
  var originalLength: Int
  /// The name of the interface that received or sent it.
  var interface: String
  /// Shown with the packet; a comment longer than 65535 bytes is cut.
  var comment: String?
  /// Whether it left by the interface.
  var isSent = false
  var verdict: PcapngVerdict?
}

/// What a program returned to the kernel.
struct PcapngVerdict: Sendable, Equatable {
  /// Where the program ran, as pcapng numbers it.
  enum Hook: UInt8 {
    case tc = 1
    case xdp = 2
  }

  var hook: Hook
  /// A `TC_ACT_` or `XDP_` value.
  var action: Int64
}
