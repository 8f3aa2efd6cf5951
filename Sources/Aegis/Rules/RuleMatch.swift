/// Which packets a rule is for. A packet must match all that is stated; nil matches every packet.
///
/// Each field is written as one text, the same on the command line, in policy files and in the datapath: see
/// ``RuleSelector``.
public struct RuleMatch: Hashable, Sendable {
  /// The source address, also of a packet that leaves.
  public var from: RuleAddresses?
  public var to: RuleAddresses?
  /// The protocol behind IP and its extension headers.
  public var protocols: RuleProtocols?
  /// The destination port. Only a packet of TCP, UDP or SCTP has one, and a later fragment has none.
  public var ports: RulePorts?
  public var sourcePorts: RulePorts?
  /// The class of the peer.
  public var classes: RuleClasses?
  public var tcpFlags: TCPFlags?
  public var icmp: ICMPKinds?
  /// Bytes of the IP packet, with its header.
  public var lengths: NumberSet?
  /// The TTL, or the hop limit of IPv6.
  public var hopLimits: NumberSet?
  public var dscp: NumberSet?
  /// The outermost one; 0 is a packet that is in none.
  public var vlans: NumberSet?
  /// Whether it is a fragment of a packet, also the first one.
  public var isFragment: Bool?
  public var interfaces: RuleInterfaces?
  /// Only of a packet that comes in; one of neither TCP nor UDP, and a fragment, has none of them.
  public var sockets: RuleSockets?

  public init() {}

  public var isEmpty: Bool { self == RuleMatch() }
}

/// Addresses: prefixes, and lists of action none.
public struct RuleAddresses: Hashable, Sendable {
  /// In order.
  public let prefixes: [Prefix]
  public let lists: [ListName]

  public init(_ prefixes: some Sequence<Prefix>, lists: some Sequence<ListName> = []) {
    self.prefixes = Set(prefixes).sorted()
    self.lists = Set(lists).sorted()
  }
}

public struct RuleProtocols: Hashable, Sendable {
  /// In order.
  public let numbers: [UInt8]

  public init(_ numbers: some Sequence<TransportProtocol>) {
    self.numbers = Set(numbers.map(\.rawValue)).sorted()
  }
}

/// Ports of a protocol.
public struct RulePorts: Hashable, Sendable {
  public let numbers: NumberSet
  /// nil: TCP, UDP and SCTP.
  public let `protocol`: TransportProtocol?

  public init(_ numbers: NumberSet, _ protocol: TransportProtocol? = nil) {
    self.numbers = numbers
    self.protocol = `protocol`
  }
}

public struct RuleClasses: Hashable, Sendable {
  /// In order.
  public let names: [ClassName]

  public init(_ names: some Sequence<ClassName>) {
    self.names = Set(names).sorted()
  }
}

/// Names of interfaces.
public struct RuleInterfaces: Hashable, Sendable {
  /// In order.
  public let names: [String]

  public init(_ names: some Sequence<String>) {
    self.names = Set(names).sorted()
  }
}

/// What a packet that comes in has to do with the sockets of this host.
public enum SocketState: String, CaseIterable, Sendable {
  case none
  /// It opens a connection, or is for a socket that takes what anybody sends.
  case listen
  /// It belongs to a connection, or is for a connected UDP socket.
  case established
}

public struct RuleSockets: Hashable, Sendable {
  /// In order.
  public let states: [SocketState]

  public init(_ states: some Sequence<SocketState>) {
    let given = Set(states)
    self.states = SocketState.allCases.filter(given.contains)
  }
}

/// The flags of a TCP segment that are looked at, and how they must be (RFC 9293 section 3.1).
public struct TCPFlags: Hashable, Sendable {
  /// Those of `mask` that must be set.
  public let values: UInt8
  /// Those that are looked at.
  public let mask: UInt8

  public init(_ values: UInt8, of mask: UInt8) {
    self.values = values & mask
    self.mask = mask
  }

  /// The first segment of a connection: SYN, and neither FIN, RST nor ACK.
  public static let syn = TCPFlags(0x02, of: 0x17)

  /// Of a segment in a connection.
  static let ack: UInt8 = 0x10

  public func matches(_ flags: UInt8) -> Bool { flags & mask == values }
}

/// Types of ICMP and ICMPv6 messages.
public struct ICMPKinds: Hashable, Sendable {
  /// One type; nil: of no message of that family.
  public struct Kind: Hashable, Sendable {
    public let v4: UInt8?
    public let v6: UInt8?
    /// nil is any.
    public let code: UInt8?

    public init(v4: UInt8?, v6: UInt8?, code: UInt8? = nil) {
      self.v4 = v4
      self.v6 = v6
      self.code = code
    }
  }

  /// In order.
  public let kinds: [Kind]

  public init(_ kinds: some Sequence<Kind>) {
    self.kinds = Set(kinds).sorted { one, other in
      let (left, right) = (one.order, other.order)
      return left.lexicographicallyPrecedes(right)
    }
  }
}

extension ICMPKinds.Kind {
  fileprivate var order: [Int] { [v4, v6, code].map { $0.map { Int($0) } ?? -1 } }
}
