import Aegis
import CAegis

@testable import TestModel

/// Keys of all shapes, in both families, and what each must not let in.
enum KeyCases {
  static let shapes: [FrameCase] =
    keys4.flatMap { cases($0, from: "192.0.2.1", not: "192.0.3.1", v4) }
    + keys6.flatMap { cases($0, from: "2001:db8::1", not: "2001:db8:0:1::1", v6) }

  static let nested: [FrameCase] = [
    FrameCase(
      "expired longer prefix", v4("192.0.2.1", .tcp()),
      .deny.key("192.0.2.0/24:443/tcp", expired: true).key("192.0.0.0/16:443/tcp"), .pass, key),
    FrameCase(
      "expired longer v6 prefix", v6("2001:db8::1", .tcp()),
      .deny.key("2001:db8::/64", expired: true).key("2001:db8::/56", expired: true).key("::/0"),
      .pass, key),
    FrameCase(
      "expired longer, shorter of another port", v4("192.0.2.1", .tcp()),
      .deny.key("192.0.2.0/24:443/tcp", expired: true).key("192.0.0.0/16:80/tcp"), .drop, drop),
    FrameCase(
      "expired longer protected", v6("2001:db8::1", .tcp()),
      .deny.protect("2001:db8::/64", expired: true).protect("2001:db8::/32"), .pass,
      AEGIS_PASS_PROTECTED),
    FrameCase(
      "a longer plain one hides no protected one", v4("192.0.2.1", .tcp()),
      .deny.key("192.0.2.0/24").protect("192.0.0.0/16"), .pass, AEGIS_PASS_PROTECTED),
    FrameCase(
      "expired host, live prefix", v4("192.0.2.1", .tcp()),
      .deny.key("192.0.2.1", expired: true).key("192.0.2.0/31"), .pass, key),
    FrameCase(
      "all of IPv4", v4("0.0.0.0", .tcp()), .deny.key("0.0.0.0/0:443"), .pass, key),
    FrameCase("all of IPv4 is not IPv6", v6("::", .tcp()), .deny.key("0.0.0.0/0"), .drop, drop),
    FrameCase("all of IPv6 is not IPv4", v4("0.0.0.0", .tcp()), .deny.key("::/0"), .drop, drop),
    FrameCase("0.0.0.0 is not any", v4("192.0.2.1", .tcp()), .deny.key("0.0.0.0"), .drop, drop),
    FrameCase(":: is not any", v6("2001:db8::1", .tcp()), .deny.key("::"), .drop, drop),
    FrameCase(
      "a port of no protocol", v4("192.0.2.1", .udp(443)), .deny.key("any:443"), .pass, key),
    FrameCase("a port, ICMP", v4("192.0.2.1", .icmp()), .deny.key("any:443"), .drop, drop),
    FrameCase(
      "the source port is not meant", v4("192.0.2.1", .tcp(443)), .deny.key("any:40000"), .drop,
      drop),
    FrameCase("bytes in order", v4("192.0.2.1", .tcp(0x0102)), .deny.key("any:513"), .drop, drop),
  ]

  private static let (key, drop) = (AEGIS_PASS_KEY, AEGIS_DROP_DEFAULT)

  private static let keys4: [AllowKey] = [
    "any:443/tcp", "192.0.2.1:443/tcp", "192.0.2.0/24:443/tcp", "any/tcp", "192.0.2.1/tcp",
    "192.0.2.0/24/tcp", "any:443", "192.0.2.1:443", "192.0.2.0/24:443", "any", "192.0.2.1",
    "192.0.2.0/24",
  ]

  private static let keys6: [AllowKey] = [
    "any:443/tcp", "[2001:db8::1]:443/tcp", "[2001:db8::/64]:443/tcp", "any/tcp",
    "2001:db8::1/tcp", "2001:db8::/64/tcp", "any:443", "[2001:db8::1]:443",
    "[2001:db8::/64]:443", "any", "2001:db8::1", "2001:db8::/64",
  ]

  private static func v4(_ source: IPAddress, _ transport: Transport) -> Frame {
    Frame(IPv4(transport, from: source))
  }

  private static func v6(_ source: IPAddress, _ transport: Transport) -> Frame {
    Frame(IPv6(transport, from: source))
  }

  private static func cases(
    _ wanted: AllowKey, from near: IPAddress, not far: IPAddress,
    _ packet: (IPAddress, Transport) -> Frame
  ) -> [FrameCase] {
    let frame = packet(near, .tcp(443))
    let name = "\(wanted) for \(near)"
    var cases = [
      FrameCase(name, frame, .deny.key(wanted), .pass, key),
      FrameCase("\(name), protected", frame, .deny.protect(wanted), .pass, AEGIS_PASS_PROTECTED),
      FrameCase("\(name), expired", frame, .deny.key(wanted, expired: true), .drop, drop),
    ]
    if wanted.source != nil {
      let frame = packet(far, .tcp(443))
      cases.append(FrameCase("\(name), from afar", frame, .deny.key(wanted), .drop, drop))
    }
    if wanted.ports != nil {
      let frame = packet(near, .tcp(80))
      cases.append(FrameCase("\(name), other port", frame, .deny.protect(wanted), .drop, drop))
    }
    if wanted.protocol != nil {
      let frame = packet(near, .udp(443))
      cases.append(FrameCase("\(name), other protocol", frame, .deny.key(wanted), .drop, drop))
    }
    return cases
  }
}
