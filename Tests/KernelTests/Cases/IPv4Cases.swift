import Aegis
import CAegis

@testable import TestModel

/// IPv4 and what it carries.
enum IPv4Cases {
  static let headers: [FrameCase] = [
    FrameCase("TCP", Frame(IPv4(.tcp())), .allow, .pass, AEGIS_PASS_DEFAULT),
    FrameCase("TCP, deny", Frame(IPv4(.tcp())), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase("unconfigured", Frame(IPv4(.tcp())), .unconfigured, .pass, AEGIS_PASS_UNCONFIGURED),
    FrameCase(
      "unconfigured and malformed", Frame(IPv4(.tcp()) { $0.words = 1 }), .unconfigured, .pass,
      AEGIS_PASS_UNCONFIGURED),
    FrameCase("options", Frame(IPv4(.tcp()) { $0.options = .zeros(4) }), port, .pass, key),
    FrameCase("most options", Frame(IPv4(.tcp()) { $0.options = .zeros(40) }), port, .pass, key),
    FrameCase("padding", Frame(IPv4(.udp(53, payload: 0)), padding: 18), dns, .pass, key),
    FrameCase("TTL 0", Frame(IPv4(.tcp()) { $0.timeToLive = 0 }), port, .pass, key),
    FrameCase("TCP options", Frame(IPv4(.tcp(443, options: 40, payload: 3))), port, .pass, key),
    FrameCase(
      "TCP, doff its all", Frame(IPv4(.tcp(443, words: 15, payload: 40))), port, .pass, key),
    FrameCase("UDP, short length", Frame(IPv4(.udp(53, length: 8, payload: 9))), dns, .pass, key),
    FrameCase("UDP without payload", Frame(IPv4(.udp(53, payload: 0))), dns, .pass, key),
    FrameCase("SCTP", Frame(IPv4(.sctp(3868))), .deny.key("any:3868/sctp"), .pass, key),
    FrameCase("ICMP", Frame(IPv4(.icmp())), .deny.key("any/icmp"), .pass, key),
    FrameCase("GRE", Frame(IPv4(.other(47))), .deny.key("any/gre"), .pass, key),
    FrameCase(
      "no payload at all", Frame(IPv4(.other(47, size: 0))), .deny.key("any/gre"), .pass, key),
    FrameCase("ICMPv6 in v4", Frame(IPv4(.other(58, size: 0))), .allow, .pass, AEGIS_PASS_DEFAULT),
    FrameCase("port 0", Frame(IPv4(.tcp(0))), .deny.key("any:1/tcp"), .drop, AEGIS_DROP_DEFAULT),
    FrameCase("port 0, any", Frame(IPv4(.tcp(0))), .deny.key("any/tcp"), .pass, key),
    FrameCase("port 65535", Frame(IPv4(.udp(65535))), .deny.key("any:65535"), .pass, key),
  ]

  static let tooBig: [FrameCase] = [
    FrameCase(
      "fragmentation needed", Frame(IPv4(.icmp(3, 4))), .deny, .pass, AEGIS_PASS_PACKET_TOO_BIG),
    FrameCase(
      "fragmentation needed, allow", Frame(IPv4(.icmp(3, 4))), .allow, .pass, AEGIS_PASS_DEFAULT),
    FrameCase("fragmentation needed, key", Frame(IPv4(.icmp(3, 4))), .deny.key("any"), .pass, key),
    FrameCase("unreachable", Frame(IPv4(.icmp(3, 3))), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase("code 4 of another type", Frame(IPv4(.icmp(8, 4))), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "type 2 in v4", Frame(IPv4(.icmp(2, 0))), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "fragmentation needed, listed", Frame(IPv4(.icmp(3, 4))), .deny.drop("192.0.2.1"), .drop,
      AEGIS_DROP_HOST),
    FrameCase(
      "fragmentation needed, in excess", Frame(IPv4(.icmp(3, 4))), .deny.burst(1), .drop,
      AEGIS_DROP_RATE, after: [Frame(IPv4(.icmp(3, 4)))]),
  ]

  static let fragments: [FrameCase] = [
    FrameCase("first, by port", Frame(IPv4(.tcp(), first)), port, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "first, by port alone", Frame(IPv4(.tcp(), first)), .deny.key("any:443"), .drop,
      AEGIS_DROP_DEFAULT),
    FrameCase(
      "first, protected by port", Frame(IPv4(.tcp(), first)),
      .deny.protect("192.0.2.1:443/tcp").protect("192.0.2.0/24:443"), .drop, AEGIS_DROP_DEFAULT),
    FrameCase("first, by protocol", Frame(IPv4(.tcp(), first)), .deny.key("any/tcp"), .pass, key),
    FrameCase("first, by source", Frame(IPv4(.tcp(), first)), .deny.key("192.0.2.1"), .pass, key),
    FrameCase(
      "first, protected", Frame(IPv4(.tcp(), first)), .deny.protect("192.0.2.0/24/tcp"), .pass,
      AEGIS_PASS_PROTECTED),
    FrameCase("first, denied", Frame(IPv4(.tcp(), first)), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase("first, allow", Frame(IPv4(.tcp(), first)), .allow, .pass, AEGIS_PASS_DEFAULT),
    FrameCase(
      "first, allow, by port", Frame(IPv4(.tcp(), first)), .allow.key("any:443/tcp"), .pass, key),
    FrameCase(
      "first, allow, protected by port", Frame(IPv4(.tcp(), first)),
      .allow.protect("any:443").drop("192.0.2.1"), .pass, AEGIS_PASS_PROTECTED),
    FrameCase(
      "middle, by port", Frame(IPv4(.tcp()) { (later(&$0), first(&$0)) }), port, .drop,
      AEGIS_DROP_FRAGMENT),
    FrameCase(
      "first, UDP length beyond it", Frame(IPv4(.udp(53, length: 3000), first)), udp, .pass, key),
    FrameCase(
      "first, doff beyond it", Frame(IPv4(.tcp(443, words: 15), first)), .deny.key("any/tcp"),
      .pass, key),
    FrameCase("later, allow", Frame(IPv4(.tcp(), later)), .allow, .pass, AEGIS_PASS_FRAGMENT),
    FrameCase("later, deny", Frame(IPv4(.tcp(), later)), .deny, .drop, AEGIS_DROP_FRAGMENT),
    FrameCase("later has no port", Frame(IPv4(.tcp(), later)), port, .drop, AEGIS_DROP_FRAGMENT),
    FrameCase("later, by protocol", Frame(IPv4(.tcp(), later)), .deny.key("any/tcp"), .pass, key),
    FrameCase("later, by source", Frame(IPv4(.tcp(), later)), .deny.key("192.0.2.1"), .pass, key),
    FrameCase(
      "last, tiny", Frame(IPv4(.tcp().truncated(to: 1)) { $0.fragmentOffset = 0x1fff }), .allow,
      .pass, AEGIS_PASS_FRAGMENT),
    FrameCase(
      "later is no ICMP", Frame(IPv4(.icmp(3, 4), later)), .deny, .drop, AEGIS_DROP_FRAGMENT),
    FrameCase(
      "later, protected", Frame(IPv4(.tcp(), later)), .deny.protect("any/tcp"), .pass,
      AEGIS_PASS_PROTECTED),
    FrameCase(
      "later, listed", Frame(IPv4(.tcp(), later)), .allow.drop("192.0.0.0/16"), .drop,
      AEGIS_DROP_PREFIX),
    FrameCase(
      "unfragmentable", Frame(IPv4(.tcp()) { $0.mayBeFragmented = false }), port, .pass, key),
    FrameCase(
      "first, too big", Frame(IPv4(.icmp(3, 4), first)), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "first, too big, key", Frame(IPv4(.icmp(3, 4), first)), .deny.key("any/icmp"), .pass, key),
  ]

  private static let key = AEGIS_PASS_KEY
  private static let port = Policy.deny.key("any:443/tcp")
  private static let dns = Policy.deny.key("any:53/udp")
  private static let udp = Policy.deny.key("any/udp")

  private static func first(_ packet: inout IPv4) { packet.hasMoreFragments = true }

  private static func later(_ packet: inout IPv4) { packet.fragmentOffset = 1 }
}
