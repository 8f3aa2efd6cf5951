import Aegis
import CAegis

@testable import TestModel

/// What IPv6 needs to find its neighbours, however much is denied.
enum NeighbourCases {
  static let discovery: [FrameCase] =
    [("RS", 133), ("RA", 134), ("NS", 135), ("NA", 136)].map { name, type in
      FrameCase(name, packet(type), .deny, .pass, AEGIS_PASS_NEIGHBOUR)
    } + [
      FrameCase("a probe from ::", packet(135, from: "::"), .deny, .pass, AEGIS_PASS_NEIGHBOUR),
      FrameCase("NS, allow", packet(135), .allow, .pass, AEGIS_PASS_NEIGHBOUR),
      FrameCase("NS before a key", packet(135), .deny.key("any"), .pass, AEGIS_PASS_NEIGHBOUR),
      FrameCase(
        "NS, protected", packet(135), .deny.protect("any/icmpv6"), .pass, AEGIS_PASS_PROTECTED),
      FrameCase("NS, listed", packet(135), .deny.drop("fe80::1"), .drop, AEGIS_DROP_HOST),
      FrameCase("NS, in a prefix", packet(135), .deny.drop("fe80::/10"), .drop, AEGIS_DROP_PREFIX),
      FrameCase(
        "NS without a rate", packet(135), .deny.burst(1), .pass, AEGIS_PASS_NEIGHBOUR,
        after: [packet(135), packet(135)]),
      FrameCase(
        "NS behind options", packet(135) { $0.extensions = [.hopByHop()] }, .deny, .pass,
        AEGIS_PASS_NEIGHBOUR),
      FrameCase("NS from afar", packet(135, hops: 254), .deny, .drop, AEGIS_DROP_DEFAULT),
      FrameCase("NS of a code", packet(135, code: 1), .deny, .drop, AEGIS_DROP_DEFAULT),
      FrameCase("redirect", packet(137), .deny, .drop, AEGIS_DROP_DEFAULT),
      FrameCase("below RS", packet(132), .deny, .drop, AEGIS_DROP_DEFAULT),
      FrameCase(
        "NS, a first fragment", packet(135) { $0.extensions = [.fragment(0, more: true)] }, .deny,
        .drop, AEGIS_DROP_DEFAULT),
      FrameCase(
        "NS, a later fragment", packet(135) { $0.extensions = [.fragment(1, more: false)] }, .deny,
        .drop, AEGIS_DROP_FRAGMENT),
      FrameCase(
        "NS, an atomic fragment", packet(135) { $0.extensions = [.fragment(0, more: false)] },
        .deny, .drop, AEGIS_DROP_DEFAULT),
    ]

  static let queries: [FrameCase] = [
    FrameCase("query", packet(130, hops: 1), .deny, .pass, AEGIS_PASS_NEIGHBOUR),
    FrameCase(
      "query of any code", packet(130, code: 9, hops: 1), .deny, .pass, AEGIS_PASS_NEIGHBOUR),
    FrameCase(
      "query, router alert", packet(130, hops: 1) { $0.extensions = [.hopByHop()] }, .deny, .pass,
      AEGIS_PASS_NEIGHBOUR),
    FrameCase(
      "query, end of fe80::/10", packet(130, hops: 1, from: "febf:ffff::1"), .deny, .pass,
      AEGIS_PASS_NEIGHBOUR),
    FrameCase(
      "query, beyond fe80::/10", packet(130, hops: 1, from: "fec0::1"), .deny, .drop,
      AEGIS_DROP_DEFAULT),
    FrameCase(
      "query, global", packet(130, hops: 1, from: "2001:db8::1"), .deny, .drop,
      AEGIS_DROP_DEFAULT),
    FrameCase("query from afar", packet(130, hops: 2), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase("query, hop limit of ND", packet(130, hops: 255), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase("report", packet(131, hops: 1), .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "query, a first fragment",
      packet(130, hops: 1) { $0.extensions = [.fragment(0, more: true)] }, .deny, .drop,
      AEGIS_DROP_DEFAULT),
  ]

  private static func packet(
    _ type: UInt8, code: UInt8 = 0, hops: UInt8 = 255, from source: IPAddress = "fe80::1",
    _ change: (inout IPv6) -> Void = { _ in }
  ) -> Frame {
    var packet = IPv6(.icmpv6(type, code), from: source) { $0.hopLimit = hops }
    change(&packet)
    return Frame(packet)
  }
}
