/// What an operator may say of the headers of a packet, besides its addresses and ports.
public struct PacketHeader: Hashable, Sendable {
  public enum Fragment: String, Hashable, Sendable, CaseIterable {
    case first, later
  }

  public var tcpFlags = TCPFlags.syn.values
  /// An echo request, unless something else is said.
  public var icmp: ICMPKinds.Kind?
  public var hopLimit: UInt8 = 64
  public var dscp: UInt8 = 0
  /// 0 is no tag.
  public var vlan: UInt16 = 0
  /// Which fragment it is; nil: it is whole.
  public var fragment: Fragment?
  /// What it has to do with the sockets of this host. It is not in the header, but goes with the packet.
  public var socket = SocketState.none

  public init() {}

  /// The fields that can be set, by the words of rules.
  public static let selectors: [RuleSelector] = [
    .tcpFlags, .icmp, .hopLimit, .dscp, .vlan, .fragment, .socket,
  ]

  /// Reads a field as a rule has it, but with one value only.
  ///
  /// - Throws: `InputError` for another text, and for one that leaves several values.
  public mutating func set(
    _ selector: RuleSelector, to text: some StringProtocol
  ) throws(InputError) {
    if selector == .fragment {
      guard let read = Fragment(rawValue: String(text)) else {
        throw InputError(text, "is not a fragment", hint: "write first or later")
      }
      fragment = read
      return
    }
    var match = RuleMatch()
    var notes: [InputNote] = []
    try match.set(selector, to: text, noting: &notes)
    switch selector {
    case .tcpFlags: if let flags = match.tcpFlags { tcpFlags = flags.values }
    case .icmp: icmp = match.icmp?.kinds.first
    case .hopLimit: hopLimit = UInt8(clamping: try Self.single(match.hopLimits, text))
    case .dscp: dscp = UInt8(clamping: try Self.single(match.dscp, text))
    case .vlan: vlan = try Self.single(match.vlans, text)
    case .socket:
      guard let states = match.sockets?.states, states.count == 1 else {
        throw InputError(text, "is more than one value; a packet has one")
      }
      socket = states[0]
    default: break
    }
  }

  private static func single(
    _ numbers: NumberSet?, _ text: some StringProtocol
  ) throws(InputError) -> UInt16 {
    guard let numbers, numbers.count == 1, let one = numbers.ranges.first else {
      throw InputError(text, "is more than one value; a packet has one")
    }
    return one.lowerBound
  }
}
