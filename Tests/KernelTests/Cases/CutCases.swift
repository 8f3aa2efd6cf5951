import Aegis
import CAegis

@testable import TestModel

/// Frames that end, or packets that say they end, before their headers do.
enum CutCases {
  /// Cut anywhere, with lengths that still promise all of it.
  static let frames: [FrameCase] = whole.flatMap { name, frame in
    // The kernel itself refuses to run a frame that is not even Ethernet.
    (Frame.headerLength..<frame.bytes.count).map { length in
      malformed("\(name) at \(length)", frame.truncated(to: length))
    }
  }

  /// Cut within the transport header, with lengths that admit it; and then padded, as switches do.
  static let transports: [FrameCase] = headers.flatMap { transport, least in
    (0..<least).flatMap { length in
      let cut = transport.truncated(to: length)
      let name = "protocol \(transport.number) at \(length)"
      return [
        transport.number == 58 ? nil : malformed("\(name), v4", Frame(IPv4(cut), padding: 40)),
        transport.number == 1 ? nil : malformed("\(name), v6", Frame(IPv6(cut), padding: 40)),
      ].compactMap(\.self)
    }
  }

  /// First fragments too small for the fixed transport header: RFC 1858, RFC 7112.
  static let tinyFragments: [FrameCase] = headers.flatMap { transport, least in
    [least - 1, 8, 1].filter { $0 < least }.flatMap { length in
      let cut = transport.truncated(to: length)
      let name = "protocol \(transport.number), \(length) bytes"
      return [
        transport.number == 58
          ? nil : malformed("\(name), v4", Frame(IPv4(cut) { $0.hasMoreFragments = true })),
        transport.number == 1
          ? nil
          : malformed(
            "\(name), v6", Frame(IPv6(cut) { $0.extensions = [.fragment(0, more: true)] })),
      ].compactMap(\.self)
    }
  }

  /// The first length at which each is whole: the cuts above were refused for no other reason.
  static let least: [FrameCase] = headers.flatMap { transport, least in
    let cut = transport.truncated(to: least)
    let name = "protocol \(transport.number), just whole"
    return [
      FrameCase("\(name), v4", Frame(IPv4(cut)), policy, .pass, AEGIS_PASS_PROTECTED),
      FrameCase("\(name), v6", Frame(IPv6(cut)), policy, .pass, AEGIS_PASS_PROTECTED),
    ]
  }

  /// Extension headers that their packet has no room for, though the frame has.
  static let extensions: [FrameCase] = kinds.flatMap { name, header in
    (0..<8).map { length in
      malformed(
        "\(name) at \(length)",
        Frame(
          IPv6(.tcp()) {
            $0.extensions = [header]
            $0.payloadLength = UInt16(length)
          }, padding: 40))
    }
  }

  private static let whole: [(String, Frame)] = [
    ("v4 TCP", Frame(IPv4(.tcp()))),
    ("v4 options", Frame(IPv4(.udp()) { $0.options = .zeros(8) })),
    ("v4 SCTP in a VLAN", Frame(IPv4(.sctp()), tags: [Frame.vlan])),
    ("v4 ICMP in QinQ", Frame(IPv4(.icmp()), tags: [Frame.serviceVLAN, Frame.vlan])),
    ("v6 UDP", Frame(IPv6(.udp()))),
    ("v6 chain", Frame(IPv6(.tcp()) { $0.extensions = kinds.map(\.1) })),
    ("v6 ND in QinQ", Frame(IPv6(.icmpv6(135)), tags: [Frame.vlan, Frame.vlan])),
  ]

  private static let headers: [(Transport, least: Int)] = [
    (.tcp(), 20), (.udp(53, length: 8), 8), (.sctp(), 12), (.icmp(), 8), (.icmpv6(), 8),
  ]

  private static let kinds: [(String, ExtensionHeader)] = [
    ("hop-by-hop", .hopByHop()), ("routing", .routing(1)), ("destination", .destination()),
    ("authentication", .authentication()), ("fragment", .fragment(0, more: false)),
  ]

  private static let policy = Policy.allow.protect("any")

  private static func malformed(_ name: String, _ frame: Frame) -> FrameCase {
    FrameCase(name, frame, policy, .drop, AEGIS_DROP_MALFORMED)
  }
}
