import CAegis
import Testing

@testable import Aegis

@Suite("Reasons")
struct ReasonTests {
  /// Every one there is, in the order of their counters.
  static let table: [(reason: aegis_reason, name: String)] = [
    (AEGIS_PASS_DEFAULT, "pass.default"), (AEGIS_PASS_PROTECTED, "pass.protected"),
    (AEGIS_PASS_KEY, "pass.key"), (AEGIS_PASS_ARP, "pass.arp"),
    (AEGIS_PASS_NEIGHBOUR, "pass.neighbour"), (AEGIS_PASS_LINK_CONTROL, "pass.link-control"),
    (AEGIS_PASS_PACKET_TOO_BIG, "pass.packet-too-big"), (AEGIS_PASS_FRAGMENT, "pass.fragment"),
    (AEGIS_PASS_NOT_IP, "pass.not-ip"), (AEGIS_PASS_UNCONFIGURED, "pass.unconfigured"),
    (AEGIS_PASS_UNCONFIRMED, "pass.unconfirmed"), (AEGIS_PASS_MONITORED, "pass.monitored"),
    (AEGIS_DROP_HOST, "drop.host"), (AEGIS_DROP_PREFIX, "drop.prefix"),
    (AEGIS_DROP_RATE, "drop.rate"), (AEGIS_DROP_DEFAULT, "drop.default"),
    (AEGIS_DROP_MALFORMED, "drop.malformed"),
    (AEGIS_DROP_EXTENSION_HEADERS, "drop.extension-headers"),
    (AEGIS_DROP_FRAGMENT, "drop.fragment"), (AEGIS_DROP_NOT_IP, "drop.not-ip"),
    (AEGIS_DROP_VLAN_TAGS, "drop.vlan-tags"), (AEGIS_PASS_TRUSTED, "pass.trusted"),
    (AEGIS_DROP_TOO_BIG, "drop.too-big"), (AEGIS_DROP_WIRE_DOWN, "drop.wire-down"),
    (AEGIS_PASS_REPLY, "pass.reply"), (AEGIS_PASS_RELAY, "pass.relay"),
    (AEGIS_DROP_RELAY_TOKEN, "drop.relay-token"),
    (AEGIS_DROP_RELAY_EXPIRED, "drop.relay-expired"),
    (AEGIS_DROP_RELAY_REPLAY, "drop.relay-replay"),
    (AEGIS_DROP_RELAY_UNKNOWN, "drop.relay-unknown"), (AEGIS_DROP_RELAY_RATE, "drop.relay-rate"),
    (AEGIS_DROP_RELAY_UNROUTABLE, "drop.relay-unroutable"),
    (AEGIS_DROP_RELAY_TTL, "drop.relay-ttl"), (AEGIS_DROP_RELAY_FRAGMENT, "drop.relay-fragment"),
    (AEGIS_PASS_RULE, "pass.rule"), (AEGIS_DROP_RULE, "drop.rule"),
    (AEGIS_PASS_HOOK, "pass.hook"), (AEGIS_DROP_HOOK, "drop.hook"),
    (AEGIS_REPLY_HOOK, "reply.hook"), (AEGIS_PASS_HOOK_MISSING, "pass.hook-missing"),
    (AEGIS_DROP_HOOK_MISSING, "drop.hook-missing"),
  ]

  @Test("have their name and the verdict in it", arguments: table.indices)
  func names(index: Int) {
    let (constant, name) = Self.table[index]
    let reason = Reason(rawValue: constant.rawValue)
    #expect(reason == Reason.allCases[index])
    #expect(reason.name == name)
    #expect(reason.description == name)
    #expect(reason.verdict.rawValue == name.split(separator: ".")[0])
  }

  @Test("are all there, in the order of their counters")
  func all() {
    #expect(Reason.allCases.map(\.name) == Self.table.map(\.name))
    #expect(Reason.allCases.sorted() == Reason.allCases)
    #expect(Reason.allCases.reversed().sorted() == Reason.allCases)
    #expect(Reason.allCases.count == 41)
  }

  @Test("have a name and a meaning of their own")
  func unique() {
    #expect(Set(Reason.allCases.map(\.name)).count == Reason.allCases.count)
    #expect(Set(Reason.allCases.map { "\($0.verdict) \($0.meaning)" }).count == Self.table.count)
  }

  @Test("mean one clause of plain ASCII", arguments: Reason.allCases)
  func meanings(reason: Reason) {
    #expect(!reason.meaning.isEmpty)
    #expect(!reason.meaning.hasSuffix("."))
    #expect(reason.meaning.utf8.allSatisfy { 0x20...0x7e ~= $0 })
  }

  @Test("say what they mean")
  func meaning() {
    #expect(Reason(rawValue: AEGIS_DROP_RATE.rawValue).meaning == "its source is over its rate")
  }

  @Test("of another version are unknown drops", arguments: [41, 63, UInt32.max])
  func unknown(number: UInt32) {
    let reason = Reason(rawValue: number)
    #expect(reason.name == "drop.unknown")
    #expect(reason.verdict == .drop)
    #expect(reason.meaning == "a reason of another version of aegisctl")
    #expect(!Reason.allCases.contains(reason))
  }

  @Test("have three verdicts")
  func verdicts() {
    #expect(Verdict.allCases.map(\.rawValue) == ["pass", "drop", "reply"])
  }
}
