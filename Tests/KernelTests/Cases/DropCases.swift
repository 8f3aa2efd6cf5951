import Aegis
import CAegis

@testable import TestModel

/// Drop entries, alone and against keys.
enum DropCases {
  static let v4: [FrameCase] = [
    FrameCase("host", frame4, .allow.drop("192.0.2.1"), .drop, AEGIS_DROP_HOST),
    FrameCase("another host", frame4, .allow.drop("192.0.2.2"), .pass, AEGIS_PASS_DEFAULT),
    FrameCase("expired host", frame4, .allow.drop("192.0.2.1", expired: true), .pass, passes),
    FrameCase("prefix", frame4, .allow.drop("192.0.2.0/24"), .drop, AEGIS_DROP_PREFIX),
    FrameCase("prefix of 31", frame4, .allow.drop("192.0.2.0/31"), .drop, AEGIS_DROP_PREFIX),
    FrameCase("beside a prefix", frame4, .allow.drop("192.0.2.2/31"), .pass, passes),
    FrameCase("all", frame4, .allow.drop("0.0.0.0/0"), .drop, AEGIS_DROP_PREFIX),
    FrameCase("all of the other family", frame4, .allow.drop("::/0"), .pass, passes),
    FrameCase("expired prefix", frame4, .allow.drop("192.0.2.0/24", expired: true), .pass, passes),
    FrameCase(
      "host before prefix", frame4, .allow.drop("192.0.2.0/24").drop("192.0.2.1"), .drop,
      AEGIS_DROP_HOST),
    FrameCase(
      "expired host in a prefix", frame4,
      .allow.drop("192.0.2.1", expired: true).drop("192.0.0.0/16"), .drop, AEGIS_DROP_PREFIX),
    FrameCase(
      "expired longer prefix", frame4,
      .allow.drop("192.0.2.0/24", expired: true).drop("192.0.0.0/16"), .drop, AEGIS_DROP_PREFIX),
    FrameCase(
      "two expired over one", frame4,
      .allow.drop("192.0.2.0/31", expired: true).drop("192.0.2.0/24", expired: true)
        .drop("0.0.0.0/0"), .drop, AEGIS_DROP_PREFIX),
    FrameCase(
      "all of them expired", frame4,
      .allow.drop("192.0.2.0/31", expired: true).drop("192.0.2.0/24", expired: true)
        .drop("0.0.0.0/0", expired: true), .pass, passes),
    FrameCase(
      "live longer prefix", frame4,
      .allow.drop("192.0.2.0/24").drop("192.0.0.0/16", expired: true), .drop, AEGIS_DROP_PREFIX),
  ]

  static let v6: [FrameCase] = [
    FrameCase("host", frame6, .allow.drop("2001:db8::1"), .drop, AEGIS_DROP_HOST),
    FrameCase("another host", frame6, .allow.drop("2001:db8::2"), .pass, passes),
    FrameCase("expired host", frame6, .allow.drop("2001:db8::1", expired: true), .pass, passes),
    FrameCase("prefix", frame6, .allow.drop("2001:db8::/32"), .drop, AEGIS_DROP_PREFIX),
    FrameCase("prefix of 127", frame6, .allow.drop("2001:db8::/127"), .drop, AEGIS_DROP_PREFIX),
    FrameCase("beside a prefix", frame6, .allow.drop("2001:db8::2/127"), .pass, passes),
    FrameCase("all", frame6, .allow.drop("::/0"), .drop, AEGIS_DROP_PREFIX),
    FrameCase("all of the other family", frame6, .allow.drop("0.0.0.0/0"), .pass, passes),
    FrameCase(
      "expired longer prefix", frame6,
      .allow.drop("2001:db8::/64", expired: true).drop("2001:db8::/32"), .drop,
      AEGIS_DROP_PREFIX),
  ]

  static let precedence: [FrameCase] = [
    FrameCase("drop beats key", frame4, .deny.key("any").drop("192.0.2.1"), .drop, AEGIS_DROP_HOST),
    FrameCase(
      "prefix beats a host's key", frame6, .deny.key("2001:db8::1").drop("2001:db8::/32"), .drop,
      AEGIS_DROP_PREFIX),
    FrameCase(
      "protected beats host", frame4, .deny.protect("any:443/tcp").drop("192.0.2.1"), .pass,
      AEGIS_PASS_PROTECTED),
    FrameCase(
      "protected beats prefix", frame6, .allow.protect("2001:db8::/32").drop("::/0"), .pass,
      AEGIS_PASS_PROTECTED),
    FrameCase(
      "expired protected does not", frame4,
      .deny.protect("any", expired: true).drop("192.0.2.1"), .drop, AEGIS_DROP_HOST),
    FrameCase(
      "protected of another port does not", frame4, .deny.protect("any:22").drop("192.0.2.1"),
      .drop, AEGIS_DROP_HOST),
    FrameCase(
      "protected before a key", frame4, .deny.key("any").protect("any"), .pass,
      AEGIS_PASS_PROTECTED),
    FrameCase(
      "malformed though protected", Frame(IPv4(.tcp(443, words: 4))), .allow.protect("any"),
      .drop, AEGIS_DROP_MALFORMED),
    FrameCase("a key when the default is allow", frame4, .allow.key("any"), .pass, AEGIS_PASS_KEY),
  ]

  private static let passes = AEGIS_PASS_DEFAULT
  private static let frame4 = Frame(IPv4(.tcp(), from: "192.0.2.1"))
  private static let frame6 = Frame(IPv6(.tcp(), from: "2001:db8::1"))
}
