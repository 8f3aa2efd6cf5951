import BPF
import CAegis
import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension DatapathTests {
  /// The programs in the kernel, the library over their maps, the library over a policy that is not loaded, and the
  /// independent model find the same rule for each packet.
  @Suite struct RuleAgreementTests {
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    /// 20,000, or two million with AEGIS_EXHAUSTIVE=1, which takes some twenty minutes.
    private static let packets = isExhaustive ? 2_000_000 : Machine.few(20_000, atLeast: 2000)
    private static let ofEach = isExhaustive ? 1000 : 200

    @Test func kernelHostAndModelAgree() throws {
      let sandbox = try Sandbox()
      let sockets = (
        try sandbox.listener(port: RuleModel.tcpPort), try sandbox.receiver(port: RuleModel.udpPort)
      )
      defer { withExtendedLifetime(sockets) {} }
      try sandbox.inside(.host) {
        [interface = sandbox.host.interface, ifindex = try sandbox.ifindex] in
        try Self.compare([(1, "lo"), (ifindex, interface)])
      }
    }

    private static func compare(_ interfaces: [(ifindex: UInt32, name: String)]) throws {
      let start = ContinuousClock.now
      let datapath = try RuleDatapath(interfaces)
      var seen = Seen()
      while seen.packets < packets {
        seen.sets += 1
        var sets = try RuleSets(seed: seen.sets, interfaces: interfaces.map(\.name) + ["absent0"])
        try datapath.apply(sets.policy, sets.direction, seed: seen.sets)
        try check(&sets, by: datapath, interfaces, &seen)
      }
      #expect(seen.reasons.isSuperset(of: Seen.expected), "\(seen.reasons.map(\.name))")
      #expect(seen.decided > packets / 3 && seen.monitored > packets / 20)
      #expect(seen.actions.values.allSatisfy { $0 > packets / 50 } && seen.actions.count == 4)
      if isExhaustive { seen.report(after: start.duration(to: .now)) }
    }

    /// Throws at the first difference.
    private static func check(
      _ sets: inout RuleSets, by datapath: RuleDatapath,
      _ interfaces: [(ifindex: UInt32, name: String)], _ seen: inout Seen
    ) throws {
      let (policy, direction) = (sets.policy, sets.direction)
      var (model, imagined) = (RuleModel(policy, direction), RuleModel(policy, direction))
      let counted = try datapath.counts(direction)
      let rules = (direction == .out ? policy.out?.rules : policy.rules) ?? []
      let namesInterfaces = rules.contains(where: \.namesInterfaces)
      let actions = Dictionary(uniqueKeysWithValues: rules.map { ($0.name, $0.action.word) })
      for number in 0..<ofEach {
        let packet = sets.packet()
        let frame = packet.frame
        let interface = interfaces[number % interfaces.count]
        let isKnown = datapath.isAttached(interface.ifindex)
        let expected = model.judge(frame, on: isKnown ? interface.name : nil)
        let unattached = namesInterfaces ? imagined.judge(frame, on: nil) : expected
        // The kernel runs those behind tc on short frames only.
        let builds: [Build] =
          direction == .out ? [.out] : frame.count > 2000 ? [.xdp] : [.xdp, .tc]
        // They share buckets, so that only one of them may charge a packet.
        let build = builds[number / interfaces.count % builds.count]
        let inKernel = try datapath.run(frame, by: build, on: interface.ifindex)
        let onHost = try datapath.judge(frame, on: interface.ifindex)
        let onImage = try datapath.imagine(frame)
        let agrees =
          inKernel.reason == expected.reason && inKernel.wouldDrop == expected.wouldDrop
          && inKernel.verdict == expected.reason.verdict
          && onHost == expected && onImage == unattached
        try #require(
          agrees,
          """
          set \(seen.sets), packet \(number): \(packet) on \(interface.name)\(isKnown ? "" : ", unknown")
          the model: \(expected), without interface \(unattached)
          in the kernel, \(build): \(inKernel)
          on the host: \(onHost), without interface \(onImage)
          \(direction), \(policy.mode!), \(direction == .out ? policy.out!.defaultAction! : policy.defaultAction!)
          \([expected.rule, unattached.rule, onHost.rule, onImage.rule].compactMap { name in
            rules.first { $0.name == name }.map { "\($0.name): \($0.text)" }
          }.joined(separator: "\n"))
          lists: \(policy.lists!) \(policy.listed)
          """)
        seen.add(expected, actions)
      }
      let now = try datapath.counts(direction)
      for rule in rules {
        let moved = (now[rule.name] ?? 0) - (counted[rule.name] ?? 0)
        try #require(
          moved == model.counts[rule.name] ?? 0, "set \(seen.sets), \(rule.name): \(rule.text)")
      }
    }
  }
}

private struct Seen {
  static let expected: Set<Reason> = Set(
    [
      AEGIS_PASS_DEFAULT, AEGIS_PASS_KEY, AEGIS_PASS_PROTECTED, AEGIS_PASS_RULE,
      AEGIS_PASS_FRAGMENT, AEGIS_PASS_MONITORED, AEGIS_DROP_RULE, AEGIS_DROP_RATE,
      AEGIS_DROP_DEFAULT, AEGIS_DROP_FRAGMENT, AEGIS_DROP_HOST, AEGIS_DROP_PREFIX,
      AEGIS_PASS_HOOK_MISSING,
    ].map { Reason($0) })

  var sets: UInt64 = 0
  private(set) var packets = 0
  private(set) var decided = 0
  private(set) var monitored = 0
  private(set) var actions: [String: Int] = [:]
  private(set) var reasons: Set<Reason> = []

  mutating func add(_ outcome: RuleModel.Outcome, _ actions: [RuleName: String]) {
    packets += 1
    reasons.insert(outcome.reason)
    if let rule = outcome.rule {
      decided += 1
      self.actions[actions[rule] ?? "", default: 0] += 1
    }
    if !outcome.monitored.isEmpty { monitored += 1 }
  }

  func report(after duration: Duration) {
    print(
      """
      \(packets) packets under \(sets) sets of rules: 0 differences
      \(decided) decided by a rule \(actions), \(monitored) met by monitored ones; \(duration)
      """)
  }
}
