/// What was decided about a packet.
public struct Event: Sendable {
  /// Of an ICMP or ICMPv6 message.
  public struct ICMP: Hashable, Sendable {
    public let type: UInt8
    public let code: UInt8
  }

  /// ns since the Unix epoch.
  public let time: Int64
  public let interface: String
  public let reason: Reason
  /// Why it would have been dropped, if that is only monitored.
  public let wouldDrop: Reason?
  /// The entry or the rate that decided, or would have dropped: `10.0.0.0/8` of a drop, `any:53/udp` of a key,
  /// `port 53/udp` or `key any:53/udp` of a rate. nil if none did, or it is gone.
  public let rule: String?
  /// Bytes of the frame.
  public let length: Int
  /// nil if it is not IP, or its header could not be read, as is `protocol`.
  public let source: IPAddress?
  public let destination: IPAddress?
  public let `protocol`: TransportProtocol?
  /// nil where there are none, as in a later fragment.
  public let sourcePort: UInt16?
  public let destinationPort: UInt16?
  public let icmp: ICMP?
  /// nil of a frame that is too short.
  public let link: LinkHeader?
  /// The first bytes of the frame, at most `mostBytes`.
  public let bytes: [UInt8]

  /// What it shows as: a packet that passed although it would be dropped is told by that.
  public var decider: Reason {
    reason.verdict == .pass ? wouldDrop ?? reason : reason
  }

  public var isOnlyMonitored: Bool { reason.verdict == .pass && wouldDrop != nil }
}
