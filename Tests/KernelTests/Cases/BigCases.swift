import Aegis
import CAegis

@testable import TestModel

/// BIG TCP: the host's own stack makes packets beyond 64 KiB, whose headers say that their length is 0.
enum BigCases {
  static let all: [FrameCase] =
    [("v4", v4(70_000)), ("v6", v6(70_000)), ("v6, jumbo payload", jumbo(70_000))].flatMap {
      name, frame in
      [
        FrameCase("\(name), allow", frame, .allow, .pass, AEGIS_PASS_DEFAULT),
        FrameCase("\(name), deny", frame, .deny, .drop, AEGIS_DROP_DEFAULT),
        FrameCase("\(name), key", frame, .deny.key("any:443/tcp"), .pass, AEGIS_PASS_KEY),
        FrameCase(
          "\(name), listed", frame, .allow.drop("192.0.2.1").drop("2001:db8::1"), .drop,
          AEGIS_DROP_HOST),
        FrameCase(
          "\(name), over its rate", frame, .allow.burst(1), .drop, AEGIS_DROP_RATE, after: [frame]),
      ]
    } + [
      FrameCase("v4, the shortest", v4(65_536), .allow, .pass, AEGIS_PASS_DEFAULT),
      FrameCase("v6, the shortest", v6(65_536), .allow, .pass, AEGIS_PASS_DEFAULT),
      FrameCase("v4, tagged", tagged(v4(65_536)), .allow, .pass, AEGIS_PASS_DEFAULT),
      malformed("v4, not long enough", v4(65_535)),
      malformed("v6, not long enough", v6(65_535)),
      malformed("v4, tagged, not long enough", tagged(v4(65_535))),
      malformed("v4, short", v4(40)), malformed("v6, short", v6(20)),
      malformed("v4, 1500", v4(1500)), malformed("v6, 1500", v6(1460)),
      malformed("jumbo payload, short", jumbo(60)),
      malformed(
        "v4, doff beyond", Frame(IPv4(.tcp(443, words: 4, payload: 66_000)) { $0.totalLength = 0 })),
    ]

  /// Of so many bytes, the header included.
  private static func v4(_ length: Int) -> Frame {
    Frame(IPv4(.tcp(443, payload: length - 40)) { $0.totalLength = 0 })
  }

  /// Of so many bytes behind the header, as Linux has it of late.
  private static func v6(_ length: Int) -> Frame {
    Frame(IPv6(.tcp(443, payload: length - 20)) { $0.payloadLength = 0 })
  }

  /// Of so many bytes behind the header; RFC 2675.
  private static func jumbo(_ length: Int) -> Frame {
    Frame(
      IPv6(.tcp(443, payload: length - 28)) {
        $0.payloadLength = 0
        $0.extensions = [ExtensionHeader(number: 0, rest: [0, 0xc2, 4] + .big(UInt32(length)))]
      })
  }

  private static func tagged(_ frame: Frame) -> Frame {
    var copy = frame
    copy.bytes.insert(contentsOf: [0x81, 0, 0, 0], at: 12)
    return copy
  }

  private static func malformed(_ name: String, _ frame: Frame) -> FrameCase {
    FrameCase(name, frame, .allow.protect("any"), .drop, AEGIS_DROP_MALFORMED)
  }
}
