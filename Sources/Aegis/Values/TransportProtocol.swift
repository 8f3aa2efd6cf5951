/// The protocol that an IP packet carries: an IANA protocol number.
public struct TransportProtocol: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  public static let icmp = Self(rawValue: 1)
  public static let igmp = Self(rawValue: 2)
  public static let ipip = Self(rawValue: 4)
  public static let tcp = Self(rawValue: 6)
  public static let udp = Self(rawValue: 17)
  public static let ipv6 = Self(rawValue: 41)
  public static let gre = Self(rawValue: 47)
  public static let esp = Self(rawValue: 50)
  public static let ah = Self(rawValue: 51)
  public static let icmpv6 = Self(rawValue: 58)
  public static let ospf = Self(rawValue: 89)
  public static let pim = Self(rawValue: 103)
  public static let vrrp = Self(rawValue: 112)
  public static let l2tp = Self(rawValue: 115)
  public static let sctp = Self(rawValue: 132)

  private static let names: [(name: String, value: Self)] = [
    ("icmp", icmp), ("igmp", igmp), ("ipip", ipip), ("tcp", tcp), ("udp", udp), ("ipv6", ipv6),
    ("gre", gre), ("esp", esp), ("ah", ah), ("icmpv6", icmpv6), ("ospf", ospf), ("pim", pim),
    ("vrrp", vrrp), ("l2tp", l2tp), ("sctp", sctp),
  ]

  /// All names.
  public static let allNames = names.map(\.name)

  /// Whether the datapath reads its ports.
  public var hasPorts: Bool { self == .tcp || self == .udp || self == .sctp }

  /// nil for a protocol that is written as a number.
  var name: String? { Self.names.first { $0.value == self }?.name }

  /// Reads a name, in any case, or a number from 1 to 255.
  ///
  /// - Throws: `InputError` for any other text.
  public init(_ text: some StringProtocol) throws(InputError) {
    let folded = text.lowercased()
    if let known = Self.names.first(where: { $0.name == folded }) {
      self = known.value
    } else if let number = UInt64(digits: Substring(folded)), 1...255 ~= number {
      self.init(rawValue: UInt8(number))
    } else {
      throw InputError(
        text, text.isEmpty ? "is empty, not a protocol" : "is not a protocol",
        hint: "write a name such as tcp, udp or icmp, or a number from 1 to 255")
    }
  }
}

extension TransportProtocol: CustomStringConvertible {
  /// The name or, without one, the number.
  public var description: String { name ?? "\(rawValue)" }
}
