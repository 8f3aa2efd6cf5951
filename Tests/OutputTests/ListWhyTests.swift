import Testing

@testable import Aegis
@testable import aegisctl

/// What `why` says of lists, by a policy that is not loaded.
@Suite struct ListWhyTests {
  /// The drops stage, as lines of text and as objects.
  private func drops(
    _ policy: Policy, from source: String
  ) throws -> (text: [String], step: WhyReport.StepObject) {
    let probe = try PolicyProbe(policy)
    var frame = [UInt8](repeating: 0, count: 60)
    frame.replaceSubrange(12..<16, with: [8, 0, 0x45, 0])
    frame.replaceSubrange(16..<18, with: [0, 46])
    frame.replaceSubrange(22..<24, with: [64, 17])
    let octets = source.split(separator: ".").compactMap { UInt8($0) }
    frame.replaceSubrange(26..<30, with: octets)
    frame.replaceSubrange(30..<34, with: [10, 0, 0, 1])
    frame.replaceSubrange(38..<40, with: [0, 26])
    let trace = try probe.trace(of: probe.judge(frame))
    let report = WhyReport(trace, description: nil, length: 60)
    let step = try #require(report.object.steps.last { $0.stage == "drops" })
    let shown = try #require(trace.steps.last { $0.stage == .drops })
    return (PacketTraceText.details(of: shown, in: trace), step)
  }

  @Test("the list that decides and all others, a set where nothing decides, and no word of manual")
  func lists() throws {
    let (ban, feed) = (try ListName("fail2ban-sshd"), try ListName("feed"))
    let (watch, partners) = (try ListName("watch"), try ListName("partners"))
    var policy = Policy()
    policy.drops = [try Prefix("198.51.100.1"): Policy.Conditions()]
    let alone = try drops(policy, from: "198.51.100.1")
    #expect(alone.text == ["198.51.100.1"])
    #expect(alone.step.entry?.list == "manual" && alone.step.lists == nil)

    let end = ClockReading.now().boottime + 599_000_000_000
    policy.lists = [
      ban: NamedList(expires: end), feed: NamedList(), watch: NamedList(isMonitored: true),
      partners: NamedList(action: .none),
    ]
    policy.listed = [
      ban: [try Prefix("203.0.113.7"): Policy.Conditions()],
      feed: [try Prefix("203.0.113.0/24"): Policy.Conditions()],
      watch: [try Prefix("198.51.100.1"): Policy.Conditions()],
      partners: [try Prefix("192.0.2.0/24"): Policy.Conditions()],
    ]
    let banned = try drops(policy, from: "203.0.113.7")
    #expect(banned.text[0].hasPrefix("203.0.113.7 of list fail2ban-sshd (9m"))
    #expect(banned.text.dropFirst() == ["  also 203.0.113.0/24 of list feed"])
    #expect(banned.step.entry?.list == "fail2ban-sshd")
    #expect(banned.step.lists?.map(\.list) == ["feed"])
    #expect(banned.step.lists?.map(\.enforced) == [true])

    let manual = try drops(policy, from: "198.51.100.1")
    #expect(
      manual.text == ["198.51.100.1", "  also 198.51.100.1 of list watch (does not drop)"])
    #expect(manual.step.lists?.map(\.source) == ["198.51.100.1"])

    let partner = try drops(policy, from: "192.0.2.9")
    #expect(
      partner.text == [
        "none that drops contains the source",
        "  also 192.0.2.0/24 of list partners (does not drop)",
      ])
    #expect(partner.step.entry == nil && partner.step.lists?.map(\.enforced) == [false])
    let other = try drops(policy, from: "192.0.3.9")
    #expect(other.text == ["none contains the source"] && other.step.lists == nil)
  }
}
