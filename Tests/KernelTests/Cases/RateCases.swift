import Aegis
import CAegis

@testable import TestModel

/// Which packets the rate is for, and whose they are.
enum RateCases {
  static let all: [FrameCase] = [
    FrameCase("the first", v4(), limited, .pass, AEGIS_PASS_DEFAULT),
    FrameCase("the burst's last", v4(), limited, .pass, AEGIS_PASS_DEFAULT, after: [v4()]),
    FrameCase("one in excess", v4(), limited, .drop, excess, after: [v4(), v4()]),
    FrameCase(
      "one in excess of a key", v4(), .deny.key("any").burst(2), .drop, excess,
      after: [v4(), v4()]),
    FrameCase(
      "a key and the default share", v4(), .allow.key("any:443").burst(2), .drop, excess,
      after: [v4(80), v4(443)]),
    FrameCase(
      "a neighbouring v4 host", v4(from: "192.0.2.2"), limited, .pass, AEGIS_PASS_DEFAULT,
      after: [v4(), v4()]),
    FrameCase(
      "the same /64", v6("2001:db8::ffff:0:0:1"), limited, .drop, excess,
      after: [v6("2001:db8::1"), v6("2001:db8::2")]),
    FrameCase(
      "the next /64", v6("2001:db8:0:1::1"), limited, .pass, AEGIS_PASS_DEFAULT,
      after: [v6("2001:db8::1"), v6("2001:db8::2")]),
    FrameCase(
      "the same bits of the other family", v6("102:304::1"), limited, .pass, AEGIS_PASS_DEFAULT,
      after: [v4(from: "1.2.3.4"), v4(from: "1.2.3.4")]),
    FrameCase(
      "what is dropped costs nothing", v4(443), .deny.key("any:443").burst(1), .pass,
      AEGIS_PASS_KEY, after: [v4(80), v4(80)]),
    FrameCase(
      "what is listed is not in excess", v4(), .allow.drop("192.0.2.1").burst(1), .drop,
      AEGIS_DROP_HOST, after: [v4(), v4()]),
    FrameCase(
      "protected, no rate", v4(), .allow.protect("any").burst(1), .pass, AEGIS_PASS_PROTECTED,
      after: [v4(), v4()]),
    FrameCase(
      "protected costs nothing", v4(80), .allow.protect("any:443").burst(1), .pass,
      AEGIS_PASS_DEFAULT, after: [v4(443), v4(443)]),
    FrameCase(
      "malformed costs nothing", v4(), .allow.burst(1), .pass, AEGIS_PASS_DEFAULT,
      after: [Frame(IPv4(.tcp(443, words: 1)))]),
    FrameCase(
      "later fragments count", later, limited, .drop, excess, after: [later, later]),
    FrameCase("no rate for ARP", .arp(), .allow.burst(1), .pass, AEGIS_PASS_ARP, after: [.arp()]),
  ]

  private static let limited = Policy.allow.burst(2)
  private static let excess = AEGIS_DROP_RATE
  private static let later = Frame(IPv4(.tcp()) { $0.fragmentOffset = 2 })

  private static func v4(_ port: UInt16 = 443, from source: IPAddress = "192.0.2.1") -> Frame {
    Frame(IPv4(.tcp(port), from: source))
  }

  private static func v6(_ source: IPAddress) -> Frame { Frame(IPv6(.tcp(), from: source)) }
}
