import Aegis
import Foundation
import TestSupport
import Testing

@testable import TestModel

extension DatapathTests {
  /// The programs for XDP and for tc, that of the last layout, and the library that asks the kernel for the maps, decide
  /// alike about each packet, for the same reason.
  ///
  /// Rates give nothing back while a test runs, for the programs look at the clock one after the other. Frames have 14
  /// bytes at least and are in one piece: without that the kernel runs none of the programs, or not that for tc.
  @Suite struct AgreementTests {
    private static let frames = 50
    /// Of packets and policies: 20,000, or a million with AEGIS_EXHAUSTIVE=1, which takes five minutes.
    private static let pairs =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1" ? 1_000_000 : 20_000

    @Test func oldAndNewAndTCAndHostAgree() throws {
      let judges = try Judges()
      var reached: [Reason: Int] = [:]
      var wouldDrops: [Reason: Int] = [:]
      var judgedByAll = 0
      for number in 1...UInt64(Self.pairs / Self.frames) {
        var generator = SeededGenerator(seed: number << 40)
        let policy = generator.policy()
        let rules =
          generator.chance(2)
          ? Rules(using: &generator, firstLine: Judges.firstOwnLine) : Rules()
        let seed = (generator.next(), generator.next(), generator.next())
        try judges.apply(policy, rules, seed: seed, isCrowded: generator.chance(3))
        for place in 0..<Self.frames {
          let frame =
            generator.chance(4) ? generator.hostileFrame(to: Frame.host) : generator.frame()
          let outcomes = try judges.run(frame)
          let first = outcomes[0].outcome
          for host in try judges.runOnHost(frame) {
            var expected = first
            if host.build == .trial { expected.bytes = 0 }
            try #require(
              host.outcome == expected,
              """
              policy \(number), frame \(place), \(host.build): \(host.outcome), not \(expected)
              policy: \(policy)
              frame: \(frame.bytes.hex)
              """)
          }
          let reason = try #require(first.reason, "policy \(number), frame \(place): \(first)")
          reached[reason, default: 0] += 1
          if outcomes.count == Build.allCases.count { judgedByAll += 1 }
          if let wouldDrop = first.wouldDrop { wouldDrops[wouldDrop, default: 0] += 1 }
          try #require(
            first.verdict == reason.verdict && outcomes.allSatisfy { $0.outcome == first },
            """
            policy \(number), frame \(place): \(outcomes)
            policy: \(policy)
            frame: \(frame.bytes.hex)
            """)
        }
      }
      #expect(Set(reached.keys) == Set(Reason.allCases), "what comes must be of every kind")
      #expect(wouldDrops.count > 3)
      let trouble = try judges.limiterTrouble()
      #expect(trouble[0] > 0 && Set(trouble).count == 1, "\(trouble)")
      #expect(judgedByAll > Self.pairs * 19 / 20)
      if Self.pairs > 20_000 {
        print("\(judgedByAll) of \(Self.pairs) judged by all")
        for (reason, count) in reached.sorted(by: { $0.value > $1.value }) {
          print("\(reason.name) \(count), would \(wouldDrops[reason, default: 0])")
        }
      }
    }
  }
}
