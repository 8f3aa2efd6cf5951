import Aegis
import CAegis
import TestSupport
import Testing

@testable import TestModel

/// A frame that is longer than its first piece.
struct SplitCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let frame: Frame
  let policy: Policy
  let reason: Reason
  /// Bytes that decide.
  let headers: Int
  /// Where its IP packet ends, if that is not where the frame does. A first piece that ends just there tells nothing
  /// of what is behind.
  let end: Int?

  private init(
    _ name: String, _ frame: Frame, _ policy: Policy, _ reason: aegis_reason,
    headers: Int, end: Int? = nil
  ) {
    testDescription = name
    self.frame = frame
    self.policy = policy
    self.reason = Reason(reason)
    self.headers = headers
    self.end = end
  }

  /// Earlier kernels cannot be told how long the first piece is.
  static let isPossible = KernelVersion.running >= KernelVersion(6, 18)

  static let all = [
    SplitCase("v4", Frame(IPv4(.udp(53, payload: 3000))), .allow, AEGIS_PASS_DEFAULT, headers: 42),
    SplitCase("v6", Frame(IPv6(.tcp(443, payload: 3000))), .allow, AEGIS_PASS_DEFAULT, headers: 74),
    SplitCase(
      "v4, denied", Frame(IPv4(.udp(53, payload: 8000))), .deny, AEGIS_DROP_DEFAULT, headers: 42),
    SplitCase(
      "a short v4 packet with much behind", Frame(IPv4(.udp(53)), padding: 5000),
      .allow, AEGIS_PASS_DEFAULT, headers: 42, end: 46),
    SplitCase(
      "a short v6 packet with much behind", Frame(IPv6(.tcp(443, payload: 100)), padding: 2000),
      .allow, AEGIS_PASS_DEFAULT, headers: 74, end: 174),
    SplitCase(
      "tagged", Frame(IPv4(.udp(53)), tags: [Frame.vlan], padding: 5000), .allow,
      AEGIS_PASS_DEFAULT,
      headers: 46, end: 50),
    SplitCase("not IP", Frame(0x88b5, .zeros(4000)), .allow, AEGIS_PASS_NOT_IP, headers: 14),
    SplitCase("ARP", Frame(0x0806, .zeros(4000)), .deny, AEGIS_PASS_ARP, headers: 14),
    SplitCase(
      "too many tags", Frame(0x88b5, .zeros(4000), tags: Array(repeating: Frame.vlan, count: 6)),
      .allow, AEGIS_DROP_VLAN_TAGS, headers: 30),
    SplitCase(
      "malformed", Frame(IPv4(.udp(53, payload: 3000)) { $0.words = 1 }), .allow,
      AEGIS_DROP_MALFORMED,
      headers: 0),
    SplitCase(
      "nothing configured", Frame(IPv4(.udp(53, payload: 3000))), .unconfigured,
      AEGIS_PASS_UNCONFIGURED, headers: 0),
  ]
}
