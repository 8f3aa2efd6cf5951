import Aegis
import TestSupport
import Testing

@testable import TestModel

extension DatapathTests {
  /// The program and the model agree on whatever comes.
  @Suite struct PropertyTests {
    private static let policies = 1...UInt64(Machine.few(250, atLeast: 60))
    private static let frames = 60

    @Test func programAgreesWithModel() throws {
      let datapath = try LoadedDatapath.shared
      var reached: Set<Reason> = []
      for seed in Self.policies {
        var generator = SeededGenerator(seed: seed)
        let policy = generator.policy()
        var model = Model(policy)
        try datapath.apply(policy)
        for number in 0..<Self.frames {
          let frame = generator.frame()
          let expected = model.judge(frame)
          let outcome = try datapath.run(frame)
          reached.insert(expected)
          try #require(
            outcome.reason == expected && outcome.verdict == expected.verdict
              && outcome.wouldDrop == model.wouldDrop,
            """
            seed \(seed), frame \(number): the program says \(outcome), the model \(expected)
            policy: \(policy)
            frame: \(frame.bytes.hex)
            """)
        }
      }
      #expect(reached == Reason.ofIngress, "what comes must be of every kind")
    }
  }
}
