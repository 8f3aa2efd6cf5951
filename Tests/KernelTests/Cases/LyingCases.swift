import Aegis
import CAegis

@testable import TestModel

/// Headers that say what is not so.
enum LyingCases {
  static let ipv4: [FrameCase] =
    (0...15).filter { $0 != 4 }.map { (version: UInt8) in
      malformed("version \(version)", Frame(IPv4(.tcp()) { $0.version = version }))
    }
    + (0...4).map { (words: UInt8) in
      malformed("IHL \(words)", Frame(IPv4(.tcp()) { $0.words = words }))
    }
    + [0, 1, 19, 41, 1500, 65535].map { (total: UInt16) in
      malformed("total length \(total) of 40", Frame(IPv4(.tcp()) { $0.totalLength = total }))
    } + [
      malformed("IHL beyond the packet", Frame(IPv4(.icmp()) { $0.words = 8 })),
      malformed("IHL into TCP", Frame(IPv4(.tcp()) { $0.words = 6 })),
      malformed(
        "IHL beyond the total", Frame(IPv4(.udp()) { ($0.words, $0.totalLength) = (15, 32) })),
      malformed("v6 in an IPv4 frame", Frame(Frame.ipv4, IPv6(.tcp()).bytes)),
      malformed(
        "total beyond, of a later fragment",
        Frame(IPv4(.tcp()) { ($0.fragmentOffset, $0.totalLength) = (8, 41) })),
      malformed(
        "total counts no tag", Frame(IPv4(.tcp()) { $0.totalLength = 44 }, tags: [Frame.vlan])),
    ]

  static let ipv6: [FrameCase] =
    (0...15).filter { $0 != 6 }.map { (version: UInt8) in
      malformed("version \(version)", Frame(IPv6(.tcp()) { $0.version = version }))
    }
    + [0, 19, 21, 1500, 65535].map { (length: UInt16) in
      malformed("payload \(length) of 20", Frame(IPv6(.tcp()) { $0.payloadLength = length }))
    } + [
      malformed("v4 in an IPv6 frame", Frame(Frame.ipv6, IPv4(.tcp(443, payload: 40)).bytes)),
      malformed(
        "jumbogram",
        Frame(
          IPv6(.udp(53, payload: 64)) { ($0.extensions, $0.payloadLength) = ([.hopByHop()], 0) })),
    ]

  static let transport: [FrameCase] =
    (0...4).flatMap { (words: UInt8) in both("doff \(words)", .tcp(443, words: words)) }
    + both("doff beyond", .tcp(443, words: 6)) + both("doff beyond", .tcp(443, words: 15))
    + both("doff beyond by a word", .tcp(443, words: 15, payload: 36))
    + (0...7).flatMap { (length: UInt16) in both("UDP length \(length)", .udp(53, length: length)) }
    + both("UDP length beyond by one", .udp(53, length: 13))
    + both("UDP length beyond", .udp(53, length: 65535))
    + [
      malformed("UDP length into padding", Frame(IPv4(.udp(53, length: 20)), padding: 30)),
      malformed("doff into padding", Frame(IPv6(.tcp(443, words: 10)), padding: 30)),
      malformed(
        "doff 4 in a first fragment",
        Frame(IPv4(.tcp(443, words: 4)) { $0.hasMoreFragments = true })),
      malformed(
        "UDP length 7 in a first fragment",
        Frame(IPv6(.udp(53, length: 7)) { $0.extensions = [.fragment(0, more: true)] })),
      malformed(
        "doff beyond in an atomic fragment",
        Frame(IPv6(.tcp(443, words: 6)) { $0.extensions = [.fragment(0, more: false)] })),
    ]

  static let extensions: [FrameCase] =
    [
      ("hop-by-hop", [.hopByHop(4, size: 8)]), ("routing", [.routing(3, size: 8)]),
      ("destination", [.destination(255, size: 8)]),
      ("authentication", [.authentication(6, size: 8)]),
      ("authentication, longest", [.authentication(255, size: 8)]),
      ("the second", [.hopByHop(), .destination(3, size: 8)]),
      ("the eighth", Array(repeating: .routing(), count: 7) + [.destination(3, size: 8)]),
      ("the tiny rest", [.destination(1, size: 8)]),
      ("behind a first fragment", [.fragment(0, more: true), .destination(3, size: 8)]),
    ].map { (name: String, chain: [ExtensionHeader]) in
      malformed("\(name) beyond", Frame(IPv6(.tcp()) { $0.extensions = chain }, padding: 50))
    }

  /// More of them than are walked, of each kind, whatever comes then.
  static let chains: [FrameCase] = (9...12).flatMap { count in
    [
      ("hop-by-hop", ExtensionHeader.hopByHop()), ("routing", .routing()),
      ("destination", .destination()), ("authentication", .authentication(0)),
      ("atomic fragment", .fragment(0, more: false)), ("first fragment", .fragment(0, more: true)),
    ].map { name, header in
      FrameCase(
        "\(count) of \(name)",
        Frame(IPv6(.tcp()) { $0.extensions = Array(repeating: header, count: count) }), policy,
        .drop, AEGIS_DROP_EXTENSION_HEADERS)
    }
  }

  private static let policy = Policy.allow.protect("any")

  private static func malformed(_ name: String, _ frame: Frame) -> FrameCase {
    FrameCase(name, frame, policy, .drop, AEGIS_DROP_MALFORMED)
  }

  private static func both(_ name: String, _ transport: Transport) -> [FrameCase] {
    [
      malformed("\(name), v4", Frame(IPv4(transport))),
      malformed("\(name), v6", Frame(IPv6(transport))),
    ]
  }
}
