import BPF
import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import aegisctl

extension Kernel {
  /// What is said of a profile before it is in force, and while it is, is what the kernel does; and it is what a
  /// policy file would do that has what all profiles share and what the profile has.
  struct ProfileAgreementTests {
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    private static let rounds = isExhaustive ? 600 : 40
    private static let flows = 12

    /// A policy as an operator could write it.
    private static func policy(_ texts: inout PolicyText) -> Policy {
      var reader = PolicyReader()
      let text = texts.document(now: Int(Date().timeIntervalSince1970))
      reader.read(Array(text.utf8), named: "policy.yaml")
      return reader.policy
    }

    /// What of it a profile can have.
    private static func profile(_ policy: Policy) -> Policy {
      var own = policy.ownPart
      own.keys = own.keys?.filter { !$0.key.isProtected }
      own.out = nil
      // Main may lack them.
      own.rules = own.rules?.filter { $0.listNames.isEmpty && $0.classNames.isEmpty }
      own.rates = own.rates?.filter { $0.selector.className == nil }
      return own
    }

    /// Which of two keys decides does not matter then.
    private static func withoutRates(_ policy: Policy) -> Policy {
      var policy = policy
      policy.rates = []
      policy.rules = policy.rules?.filter { if case .limit = $0.action { false } else { true } }
      policy.keys = policy.keys?.mapValues {
        Policy.Conditions(
          expires: $0.expires, note: $0.note, rate: nil, isMonitored: $0.isMonitored)
      }
      return policy
    }

    @Test func kernelAndHostAgree() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "128", "--max-keys", "128", "--max-sources", "56"])
      let root = PinRoot(live.aegis.root)
      var texts = PolicyText(seed: 20_261_129)
      var random = SplitMix(state: 20_261_129)
      let name = try ProfileName("other")
      var seen = (passed: 0, dropped: 0, differs: 0)
      for round in 0..<Self.rounds {
        var (main, own) = (Self.policy(&texts), Self.profile(Self.policy(&texts)))
        let isWhole = round % 2 == 0
        if isWhole { (main, own) = (Self.withoutRates(main), Self.withoutRates(own)) }
        main.out = nil
        let session = try Session(at: root, timeout: .seconds(5))
        let datapath = try session.datapath()
        let plan = try Plan(from: Policy(of: datapath), to: main, pruning: true)
        try PlanExecutor(datapath).run(plan, in: session)
        for plan in try ProfilePlan.plans(
          for: [name: own], after: main, of: datapath, pruning: true)
        {
          try plan.run(on: datapath, in: session)
        }
        let table = ProfileTable(datapath)
        let other = try table.find(name)
        let view = datapath[profile: other]
        let forced = try PolicyProbe(view, isForced: true)
        let before = try PolicyProbe(datapath[profile: .main], isForced: true)
        var merged = try Policy(of: datapath)
        let held = try Policy(of: view)
        (merged.defaultAction, merged.mode) = (held.defaultAction, held.mode)
        (merged.rates, merged.rules) = (held.rates, held.rules)
        merged.keys?.merge(held.keys ?? [:]) { $1 }
        let fromFile = try PolicyProbe(merged)
        try table.switchTo(other, for: round % 3 == 0 ? .seconds(600) : nil, in: session)
        let inForce = try PolicyProbe(datapath)
        let program = try BPFProgram(pinnedAt: root.program)
        for number in 0..<Self.flows {
          let flow = random.session(near: [main, own])
          try RateTable(datapath).reset(in: session)
          let frame = flow.packets(from: flow.source).map(\.frame)[0]
          let comment: Comment = "round \(round), packet \(number), \(flow)\n\(merged)"
          let passes = try program.testRun(frame).returnValue == 2
          let said = try inForce.judge(frame)
          try #require((said.reason.verdict == .pass) == passes, "\(said.reason.name) \(comment)")
          try #require(try forced.judge(frame).reason == said.reason, comment)
          if isWhole { try #require(try fromFile.judge(frame).reason == said.reason, comment) }
          _ = try inForce.trace(of: said)
          if passes { seen.passed += 1 } else { seen.dropped += 1 }
          if try before.judge(frame).reason != said.reason { seen.differs += 1 }
        }
        try table.switchTo(.main, for: nil, in: session)
      }
      print("\(Self.rounds) profiles: \(seen)")
      let least = Self.rounds * Self.flows / 20
      #expect(seen.passed > least && seen.dropped > least && seen.differs > least, "\(seen)")
    }
  }
}
