import Aegis
import CAegis

@testable import TestModel

/// What is only counted as what would be dropped, and a policy that nobody confirmed.
enum MonitorCases {
  static let all: [FrameCase] = [
    FrameCase(
      "a monitored host", v4, .allow.drop("192.0.2.1", monitored: true), .pass, AEGIS_PASS_DEFAULT,
      wouldDrop: AEGIS_DROP_HOST),
    FrameCase(
      "a monitored host in a listed prefix", v4,
      .allow.drop("192.0.2.1", monitored: true).drop("192.0.2.0/24"), .drop, AEGIS_DROP_PREFIX,
      wouldDrop: AEGIS_DROP_HOST),
    FrameCase(
      "a monitored prefix in a listed one", v4,
      .allow.drop("192.0.2.0/28", monitored: true).drop("192.0.2.0/24"), .drop, AEGIS_DROP_PREFIX,
      wouldDrop: AEGIS_DROP_PREFIX),
    FrameCase(
      "a listed prefix in a monitored one", v4,
      .allow.drop("192.0.2.0/28").drop("192.0.2.0/24", monitored: true), .drop, AEGIS_DROP_PREFIX),
    FrameCase(
      "a monitored rate", v4, .allow.burst(1).rateMonitored, .pass, AEGIS_PASS_DEFAULT,
      wouldDrop: AEGIS_DROP_RATE, after: [v4]),
    FrameCase(
      "a monitored rate that it conforms to", v4, .allow.burst(2).rateMonitored, .pass,
      AEGIS_PASS_DEFAULT, after: [v4]),
    FrameCase(
      "monitor mode, default", v4, .deny.monitoring, .pass, AEGIS_PASS_MONITORED,
      wouldDrop: AEGIS_DROP_DEFAULT),
    FrameCase(
      "monitor mode, host", v4, .allow.drop("192.0.2.1").monitoring, .pass, AEGIS_PASS_MONITORED,
      wouldDrop: AEGIS_DROP_HOST),
    FrameCase(
      "monitor mode, malformed", Frame(IPv4(.tcp(443, words: 1))), .allow.monitoring, .pass,
      AEGIS_PASS_MONITORED, wouldDrop: AEGIS_DROP_MALFORMED),
    FrameCase("monitor mode, passing", v4, .allow.monitoring, .pass, AEGIS_PASS_DEFAULT),
    FrameCase("unconfirmed", v4, .deny.unconfirmed, .pass, AEGIS_PASS_UNCONFIRMED),
    FrameCase(
      "unconfirmed, listed", v4, .deny.drop("192.0.2.1").unconfirmed, .pass,
      AEGIS_PASS_UNCONFIRMED),
    FrameCase(
      "unconfirmed, not IP", Frame(0x88b5, []), .deny.unconfirmed, .pass, AEGIS_PASS_UNCONFIRMED),
  ]

  private static let v4 = Frame(IPv4(.tcp(443), from: "192.0.2.1"))
}
