import Aegis
import Foundation
import TestSupport
import Testing

@testable import TestModel

extension DatapathTests {
  /// The programs for XDP and for tc, that of the last layout, the library that asks the kernel for the maps, and the
  /// independent model decide alike about each packet, for the same reason.
  ///
  /// Rates give nothing back while a test runs, for the programs look at the clock one after the other. Frames have 14
  /// bytes at least and are in one piece: without that the kernel runs none of the programs, or not that for tc.
  @Suite struct AgreementTests {
    private static let frames = 50
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    /// Of packets and policies that the model judges too: 20,000, or two million with AEGIS_EXHAUSTIVE=1, which takes
    /// ten minutes.
    private static let pairs = isExhaustive ? 2_000_000 : 20_000

    @Test func kernelHostAndModelAgree() throws {
      let judges = try Judges()
      let start = ContinuousClock.now
      var seen = Seen()
      while seen.byModel < Self.pairs {
        seen.policies += 1
        var generator = SeededGenerator(seed: seen.policies << 40)
        var policy = generator.policy()
        if generator.chance(2) {
          policy = generator.adding(rulesTo: policy, atMost: Rules.most)
        }
        let seed = (generator.next(), generator.next(), generator.next())
        let isCrowded = policy.hasLimits && generator.chance(3)
        try judges.apply(policy, seed: seed, isCrowded: isCrowded)
        let frames = (0..<Self.frames).map { _ in
          generator.chance(4) ? generator.hostileFrame(to: Frame.host) : generator.frame()
        }
        try check(frames, under: policy, by: judges, isCrowded: isCrowded, &seen)
      }
      #expect(Set(seen.reached.keys) == Reason.apartFromWires, "what comes must be of every kind")
      #expect(seen.wouldDrops.count > 3)
      #expect(seen.limiterTrouble > 0)
      #expect(seen.classes == [0, 1, 2, 9, 16])
      // Layout 4 reads no SNAP, and has no part in what follows under limits.
      #expect(seen.byEveryBuild > seen.pairs / 2)
      if Self.isExhaustive { seen.report(after: start.duration(to: .now)) }
    }

    @Test("keys are asked for in their order for a port or a protocol of 0 too")
    func keysHaveAnOrder() throws {
      let judges = try Judges()
      let one = Policy.Limits(total: Policy.Limits.Buckets(packets: .init(size: 1)))
      let plain = Policy.deny.key("192.0.0.0/16:80").key("192.0.2.0/24/udp").key("192.0.2.0/24")
        .key("192.0.2.0/25:80/udp")
      // Of the packets below, UDP finds a key without a rate or one with, the others only the latter.
      for limited: [AllowKey] in [["any"], ["any", "any/udp"]] {
        var policy = plain
        policy.keys += limited.map { Policy.Key(key: $0, limits: one) }
        for port: UInt16 in [0, 53] {
          try judges.apply(policy, seed: (1, 2, 3), isCrowded: false)
          var seen = Seen()
          let packets: [Transport] = [.udp(port), .tcp(port), .other(0)]
          let frames = (packets + packets).map { Frame(IPv4($0)) }
          try check(frames, under: policy, by: judges, isCrowded: false, &seen)
          #expect(
            Set(seen.reached.map { "\($0.key.name) \($0.value)" })
              == ["drop.rate \(2 + limited.count)", "pass.key \(4 - limited.count)"])
        }
      }
    }

    /// Throws at the first difference.
    private func check(
      _ frames: [Frame], under policy: Policy, by judges: borrowing Judges, isCrowded: Bool,
      _ seen: inout Seen
    ) throws {
      // Which sources share a bucket in a crowd is up to a hash that the model does not know.
      var model = isCrowded ? nil : Model(policy)
      var builds = Build.allCases
      // By number, then passed, dropped and would-drop; not all frames are for tc.
      let counted = model == nil ? [] : try judges.classCounts()
      var counts = [Int: [UInt64]]()
      let before = try judges.limiterTrouble()
      for (place, frame) in frames.enumerated() {
        builds.removeAll { $0.strays(frame, under: policy) }
        let inKernel = try judges.run(frame, by: builds)
        let onHost = try judges.runOnHost(frame)
        let expected = model?.outcome(of: frame) ?? inKernel[0].outcome
        if let model, policy.asksForClasses {
          var row = counts[model.classNumber] ?? [0, 0, 0]
          row[expected.verdict == .drop ? 1 : 0] += 1
          if expected.wouldDrop != nil { row[2] += 1 }
          counts[model.classNumber] = row
          seen.classes.insert(model.classNumber)
        }
        // A trace counts no bytes.
        var tried = expected
        tried.bytes = 0
        func comment() -> Comment {
          """
          policy \(seen.policies), frame \(place)
          \(isCrowded ? "the first program" : "the model"): \(expected)
          in the kernel: \(inKernel)
          on the host: \(onHost)
          policy: \(policy)
          frame: \(frame.bytes.hex)
          """
        }
        let reason = try #require(expected.reason, comment())
        try #require(
          expected.verdict == reason.verdict
            && inKernel.allSatisfy { $0.outcome == expected }
            && onHost.allSatisfy { $0.outcome == ($0.build == .trace ? tried : expected) },
          comment())
        seen.add(expected, reason, byModel: !isCrowded, by: inKernel.count)
      }
      if let first = counted.first {
        for (number, (now, before)) in try zip(judges.classCounts()[0], first).enumerated() {
          let moved = zip(now.packets, before.packets).map { $0 - $1 }
          try #require(
            moved == counts[number] ?? [0, 0, 0],
            "policy \(seen.policies), class \(number): \(policy)")
        }
      }
      let trouble = zip(try judges.limiterTrouble(), before).map { $0 - $1 }
      try #require(
        zip(Build.allCases, trouble).allSatisfy { !builds.contains($0) || $1 == trouble[0] },
        "policy \(seen.policies): \(trouble)")
      seen.limiterTrouble += trouble[0]
    }
  }
}

/// What came, and who judged it.
private struct Seen {
  var policies: UInt64 = 0
  /// That packets had.
  var classes: Set<Int> = []
  private(set) var pairs = 0
  private(set) var byModel = 0
  private(set) var byEveryBuild = 0
  private(set) var reached: [Reason: Int] = [:]
  private(set) var wouldDrops: [Reason: Int] = [:]
  /// Packets that shared a way of the limiter, or lost the race for one.
  var limiterTrouble: UInt64 = 0

  /// - Parameter builds: How many of them the kernel ran.
  mutating func add(
    _ outcome: LoadedDatapath.Outcome, _ reason: Reason, byModel isByModel: Bool, by builds: Int
  ) {
    pairs += 1
    if isByModel { byModel += 1 }
    if builds == Build.allCases.count { byEveryBuild += 1 }
    reached[reason, default: 0] += 1
    if let wouldDrop = outcome.wouldDrop { wouldDrops[wouldDrop, default: 0] += 1 }
  }

  func report(after duration: Duration) {
    print(
      """
      \(byModel) packets under policies judged by kernel, host library and model: 0 differences
      \(pairs - byModel) more, of sources that share buckets, by all but the model: 0 differences
      \(policies) policies, \(byEveryBuild) of all \(pairs) pairs by every program; \(duration)
      """)
    for (reason, count) in reached.sorted(by: { $0.value > $1.value }) {
      print("\(reason.name) \(count), would \(wouldDrops[reason, default: 0])")
    }
  }
}

extension Model {
  fileprivate mutating func outcome(of frame: Frame) -> LoadedDatapath.Outcome {
    let reason = judge(frame)
    return LoadedDatapath.Outcome(
      verdict: reason.verdict, reason: reason, wouldDrop: wouldDrop,
      bytes: UInt64(frame.bytes.count))
  }
}
