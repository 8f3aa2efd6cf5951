internal import CAegis

/// What the datapath would do with a packet, and why.
public struct Judgement: Sendable {
  let trace: aegis_trace

  init(_ trace: aegis_trace) {
    self.trace = trace
  }

  public var reason: Reason { Reason(rawValue: trace.reason) }

  /// The reason that would drop it, if that were not only monitored.
  public var wouldDrop: Reason? {
    trace.would_drop == 0 ? nil : Reason(rawValue: trace.would_drop)
  }

  /// nil where no IP header was read.
  public var source: IPAddress? { IPAddress(trace.source, family: UInt32(trace.family)) }

  /// nil where no IP header was read.
  public var `protocol`: TransportProtocol? {
    source.map { _ in TransportProtocol(rawValue: trace.protocol) }
  }

  /// Whether it is part of a fragmented packet.
  public var isFragment: Bool { trace.is_fragment != 0 }

  /// Whether it leaves by the other port of the wire.
  public var isSentAcross: Bool { trace.is_sent != 0 }

  /// The destination port; nil if none was read.
  public var port: UInt16? { trace.port == 0 ? nil : UInt16(bigEndian: trace.port) }
}

extension Judgement {
  /// The profile that it was judged by; main if that is gone.
  func profile(of datapath: Datapath) throws(AegisError) -> Profile {
    if trace.profile == AEGIS_PROFILE_MAIN { return .main }
    return try ProfileTable(datapath).all().first { $0.number == trace.profile } ?? .main
  }

  /// The key that a look-up found: `AEGIS_FOUND`; nil if it found none.
  func key(_ found: UInt64) -> AllowKey? {
    guard let found = Found(found), let source, let `protocol` = self.protocol else { return nil }
    return found.key(of: source, port: port, protocol: `protocol`)
  }

  /// The key that is not protected and names the packet.
  ///
  /// - Parameter portKeys: Those of several ports, by their numbers; only asked if it is one of these.
  func key(
    _ portKeys: () throws(AegisError) -> [UInt16: AllowKey]
  ) throws(AegisError) -> AllowKey? {
    trace.port_key == 0 ? key(trace.key) : try portKeys()[UInt16(trace.port_key - 1)]
  }

  /// Whether this many first bytes of the frame contain all headers that it was judged by.
  public func isReadable(within captured: Int) -> Bool {
    switch aegis_reason(trace.reason) {
    case AEGIS_PASS_ARP, AEGIS_PASS_LINK_CONTROL, AEGIS_PASS_NOT_IP, AEGIS_DROP_NOT_IP,
      AEGIS_DROP_VLAN_TAGS, AEGIS_PASS_FRAGMENT, AEGIS_DROP_FRAGMENT, AEGIS_PASS_UNCONFIGURED,
      AEGIS_PASS_TRUSTED, AEGIS_DROP_TOO_BIG, AEGIS_DROP_WIRE_DOWN:
      return true
    default: break
    }
    // An IP header that was not read to its end is assumed to be truncated.
    guard trace.transport > 0, let `protocol` = self.protocol else { return false }
    let header =
      switch `protocol` {
      case .tcp: 20
      case .udp, .icmp, .icmpv6: 8
      case .sctp: 12
      default: 0
      }
    return Int(trace.transport) + header <= captured
  }
}

extension IPAddress {
  /// nil for `AEGIS_FAMILY_ANY`.
  init?(_ octets: aegis_address, family: UInt32) {
    switch family {
    case AEGIS_FAMILY_V4.rawValue: self.init(v4: octets)
    case AEGIS_FAMILY_V6.rawValue: self.init(v6: octets)
    default: return nil
    }
  }
}
