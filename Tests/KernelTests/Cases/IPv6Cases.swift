import Aegis
import CAegis

@testable import TestModel

/// IPv6, its extension headers and its fragments.
enum IPv6Cases {
  static let headers: [FrameCase] = [
    FrameCase("TCP", Frame(IPv6(.tcp())), .allow, .pass, AEGIS_PASS_DEFAULT),
    FrameCase("TCP, deny", Frame(IPv6(.tcp())), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase("UDP", Frame(IPv6(.udp(53))), .deny.key("any:53/udp"), .pass, key),
    FrameCase("SCTP", Frame(IPv6(.sctp())), .deny.key("any:3868/sctp"), .pass, key),
    FrameCase("echo", Frame(IPv6(.icmpv6())), .deny.key("any/icmpv6"), .pass, key),
    FrameCase("ICMP in v6", Frame(IPv6(.other(1, size: 0))), .allow, .pass, AEGIS_PASS_DEFAULT),
    FrameCase("no next header", Frame(IPv6(.other(59, size: 0))), .deny.key("any/59"), .pass, key),
    FrameCase("padding", Frame(IPv6(.tcp()), padding: 9), port, .pass, key),
    FrameCase("ESP", Frame(IPv6(.other(50))), .deny.key("any/esp"), .pass, key),
    FrameCase("hop limit 0", Frame(IPv6(.tcp()) { $0.hopLimit = 0 }), port, .pass, key),
    FrameCase(
      "packet too big", Frame(IPv6(.icmpv6(2))), .deny, .pass, AEGIS_PASS_PACKET_TOO_BIG),
    FrameCase(
      "packet too big, any code", Frame(IPv6(.icmpv6(2, 7))), .deny, .pass,
      AEGIS_PASS_PACKET_TOO_BIG),
    FrameCase(
      "unreachable is no packet too big", Frame(IPv6(.icmpv6(3, 4))), .deny, .drop,
      AEGIS_DROP_DEFAULT),
  ]

  static let extensions: [FrameCase] = [
    chain("hop-by-hop", [.hopByHop()]),
    chain("long hop-by-hop", [.hopByHop(5)]),
    chain("longest options", [.destination(255)]),
    chain("routing", [.routing(2)]),
    chain("destination options", [.destination()]),
    chain("authentication", [.authentication()]),
    chain("authentication, odd words", [.authentication(5)]),
    chain("atomic fragment", [.fragment(0, more: false)]),
    chain("atomic fragment, reserved bits", [.fragment(0, more: false, reserved: 0xff)]),
    chain(
      "all, in the order of RFC 8200",
      [
        .hopByHop(), .destination(), .routing(), .fragment(0, more: false), .authentication(),
        .destination(1),
      ]),
    chain("eight", Array(repeating: .destination(), count: 8)),
    FrameCase(
      "nine", packet(Array(repeating: .destination(), count: 9)), .allow, .drop,
      AEGIS_DROP_EXTENSION_HEADERS),
    FrameCase(
      "nine, protected", packet(Array(repeating: .destination(), count: 9)),
      .deny.protect("any"), .drop, AEGIS_DROP_EXTENSION_HEADERS),
    FrameCase(
      "the protocol is the last", packet([.hopByHop(), .routing()]), .deny.key("any/43"), .drop,
      AEGIS_DROP_DEFAULT),
    FrameCase(
      "ESP ends the chain",
      Frame(IPv6(.other(50)) { $0.extensions = [.hopByHop()] }), .deny.key("any/esp"), .pass, key),
  ]

  static let fragments: [FrameCase] = [
    FrameCase(
      "first, by port", packet([.fragment(0, more: true)]), port, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "first, by protocol", packet([.fragment(0, more: true)]), .deny.key("any/tcp"), .pass, key),
    FrameCase(
      "first, protected by port", packet([.fragment(0, more: true)]),
      .deny.protect("any:443/tcp"), .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "first, allow, by port", packet([.fragment(0, more: true)]), .allow.key("any:443/tcp"),
      .pass, key),
    FrameCase(
      "first, doff beyond it",
      Frame(IPv6(.tcp(443, words: 15)) { $0.extensions = [.fragment(0, more: true)] }),
      .deny.key("any/tcp"), .pass, key),
    FrameCase(
      "first within an atomic one", packet([.fragment(0, more: false), .fragment(0, more: true)]),
      port, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "an atomic one within a first",
      packet([.fragment(0, more: true), .fragment(0, more: false)]),
      port, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "a later one within a first", packet([.fragment(0, more: true), .fragment(2, more: false)]),
      port, .drop, AEGIS_DROP_FRAGMENT),
    FrameCase(
      "later, allow", packet([.fragment(1, more: true)]), .allow, .pass, AEGIS_PASS_FRAGMENT),
    FrameCase(
      "later, deny", packet([.fragment(1, more: false)]), port, .drop, AEGIS_DROP_FRAGMENT),
    FrameCase(
      "later, by protocol", packet([.fragment(9, more: false)]), .deny.key("any/tcp"), .pass, key),
    FrameCase(
      "a later one's chain is not walked",
      packet([.hopByHop(), .fragment(1, more: false), .destination(200, size: 8)]),
      .deny.key("any/60"), .pass, key),
    FrameCase(
      "a later one is the eighth",
      packet(
        Array(repeating: .destination(), count: 7) + [.fragment(1, more: false), .routing()]),
      .allow, .pass, AEGIS_PASS_FRAGMENT),
    FrameCase(
      "headers behind a first", packet([.fragment(0, more: true), .destination()]),
      .deny.key("2001:db8::/64/tcp"), .pass, key),
    FrameCase(
      "too big in a first",
      Frame(IPv6(.icmpv6(2)) { $0.extensions = [.fragment(0, more: true)] }), .deny, .drop,
      AEGIS_DROP_DEFAULT),
    FrameCase(
      "too big in an atomic one",
      Frame(IPv6(.icmpv6(2)) { $0.extensions = [.fragment(0, more: false)] }), .deny, .pass,
      AEGIS_PASS_PACKET_TOO_BIG),
  ]

  /// Addresses with an IPv4 address in them. Only a mapped one is IPv4 to the host, and is refused for that.
  static let sources: [FrameCase] =
    ([0xffff_c000_0201, 0xffff_0000_0000, 0xffff_ffff_ffff] as [UInt128]).flatMap { bits in
      [Policy.allow, .deny.protect("any"), .allow.drop("192.0.2.1")].map {
        FrameCase("mapped", from(.v6(bits)), $0, .drop, AEGIS_DROP_MALFORMED)
      }
    }
    + [
      "::192.0.2.1", "::fffe:192.0.2.1", "::ffff:0:192.0.2.1", "::1:ffff:192.0.2.1",
      "64:ff9b::192.0.2.1", "2002:c000:201::1", "fe80::5efe:192.0.2.1",
    ].map { (source: IPAddress) in
      FrameCase(
        "from \(source)", from(source), .allow.drop("192.0.2.1"), .pass, AEGIS_PASS_DEFAULT)
    }

  private static func from(_ source: IPAddress) -> Frame { Frame(IPv6(.udp(), from: source)) }

  private static let key = AEGIS_PASS_KEY
  private static let port = Policy.deny.key("any:443/tcp")

  private static func packet(_ extensions: [ExtensionHeader]) -> Frame {
    Frame(IPv6(.tcp()) { $0.extensions = extensions })
  }

  private static func chain(_ name: String, _ extensions: [ExtensionHeader]) -> FrameCase {
    FrameCase(name, packet(extensions), port, .pass, key)
  }
}
