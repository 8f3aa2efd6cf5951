/// The decision about a packet.
public struct Event: Sendable {
  /// The type and code of an ICMP or ICMPv6 message.
  public struct ICMP: Hashable, Sendable {
    public let type: UInt8
    public let code: UInt8
  }

  /// ns since the Unix epoch.
  public let time: Int64
  public let interface: String
  public let direction: Direction
  public let reason: Reason
  /// Why it would have been dropped, if that is only monitored.
  public let wouldDrop: Reason?
  /// The entry, the rule or the rate that decided, or would have dropped: `10.0.0.0/8` for a drop, `any:53/udp` for a
  /// key, `rule NAME` for a rule and its rate, `port 53/udp` or `key any:53/udp` for a rate. nil if there is none, or it
  /// no longer exists.
  public let rule: String?
  /// The list whose entry decided, or would have dropped; nil if none did.
  public let list: ListName?
  /// The class of its peer; nil where nothing asks for classes.
  public let className: ClassName?
  /// The length of the frame in bytes.
  public let length: Int
  /// nil if the packet is not IP, or its header could not be read; `protocol` is then nil too.
  public let source: IPAddress?
  public let destination: IPAddress?
  public let `protocol`: TransportProtocol?
  /// nil if there are no ports, as in a later fragment.
  public let sourcePort: UInt16?
  public let destinationPort: UInt16?
  public let icmp: ICMP?
  /// nil for a frame that is too short, or that has none.
  public let link: LinkHeader?
  /// Whether frames of its interface begin with the header of IP.
  public let isBare: Bool
  /// The first bytes of the frame, at most `mostBytes`.
  public let bytes: [UInt8]

  /// The address that entries and rates name: of the source, or of the destination of a packet that leaves.
  public var peer: IPAddress? { direction == .out ? destination : source }

  /// The reason to show: for a packet that passed although it would be dropped, the reason to drop it.
  public var decider: Reason {
    reason.verdict == .pass ? wouldDrop ?? reason : reason
  }

  public var isOnlyMonitored: Bool { reason.verdict == .pass && wouldDrop != nil }
}
