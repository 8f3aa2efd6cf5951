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
    /// Of packets and policies, that the model judges too: 20,000, or two million with AEGIS_EXHAUSTIVE=1, which takes
    /// a quarter of an hour.
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    private static let pairs = isExhaustive ? 2_000_000 : 20_000

    @Test func kernelHostAndModelAgree() throws {
      let judges = try Judges()
      let start = ContinuousClock.now
      var seen = Seen()
      while seen.byModel < Self.pairs {
        seen.policies += 1
        try holdAll(judges, to: seen.policies, &seen)
      }
      #expect(Set(seen.reached.keys) == Set(Reason.allCases), "what comes must be of every kind")
      #expect(seen.wouldDrops.count > 3)
      let trouble = try judges.limiterTrouble()
      #expect(trouble[0] > 0 && Set(trouble).count == 1, "\(trouble)")
      #expect(seen.byTC > seen.pairs * 19 / 20)
      if Self.isExhaustive { seen.report(after: start.duration(to: .now)) }
    }

    /// Throws at the first difference.
    private func holdAll(_ judges: borrowing Judges, to number: UInt64, _ seen: inout Seen) throws {
      var generator = SeededGenerator(seed: number << 40)
      var policy = generator.policy()
      if generator.chance(2) {
        policy = generator.adding(rulesTo: policy, atMost: Rules.most)
      }
      let seed = (generator.next(), generator.next(), generator.next())
      let isCrowded = policy.hasLimits && generator.chance(3)
      try judges.apply(policy, seed: seed, isCrowded: isCrowded)
      // Which sources then share a bucket is up to a hash that the model does not know.
      var model = isCrowded ? nil : Model(policy)
      for place in 0..<Self.frames {
        let frame =
          generator.chance(4) ? generator.hostileFrame(to: Frame.host) : generator.frame()
        let inKernel = try judges.run(frame)
        let onHost = try judges.runOnHost(frame)
        let expected = model?.outcome(of: frame) ?? inKernel[0].outcome
        // A trial counts no bytes.
        var tried = expected
        tried.bytes = 0
        let reason = try #require(expected.reason, "policy \(number), frame \(place): \(inKernel)")
        try #require(
          expected.verdict == reason.verdict
            && inKernel.allSatisfy { $0.outcome == expected }
            && onHost.allSatisfy { $0.outcome == ($0.build == .trial ? tried : expected) },
          """
          policy \(number), frame \(place)
          \(isCrowded ? "the first program" : "the model"): \(expected)
          in the kernel: \(inKernel)
          on the host: \(onHost)
          policy: \(policy)
          frame: \(frame.bytes.hex)
          """)
        seen.pairs += 1
        if !isCrowded { seen.byModel += 1 }
        if inKernel.count == Build.allCases.count { seen.byTC += 1 }
        seen.reached[reason, default: 0] += 1
        if let wouldDrop = expected.wouldDrop { seen.wouldDrops[wouldDrop, default: 0] += 1 }
      }
    }
  }
}

/// What came, and who judged it.
private struct Seen {
  var policies: UInt64 = 0
  var pairs = 0
  var byModel = 0
  var byTC = 0
  var reached: [Reason: Int] = [:]
  var wouldDrops: [Reason: Int] = [:]

  func report(after duration: Duration) {
    print(
      """
      \(byModel) packets under policies judged by kernel, host library and model: 0 differences
      \(pairs - byModel) more, of sources that share buckets, by all but the model: 0 differences
      \(policies) policies, \(byTC) of all \(pairs) by the program for tc too; \(duration)
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
