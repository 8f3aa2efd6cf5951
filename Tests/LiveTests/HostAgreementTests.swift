import BPF
import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import aegisctl

extension Kernel {
  /// What is said of a policy beforehand is what the kernel then does.
  struct HostAgreementTests {
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    /// Each is changed to the next one: 10,000 sessions with AEGIS_EXHAUSTIVE=1, which takes minutes.
    private static let policies = isExhaustive ? 1000 : 60
    private static let sessions = 10

    /// The guard, before the policy changes, and a policy file, before it is loaded.
    @Test func guardAndFileSayWhatTheKernelDoes() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "128", "--max-keys", "64", "--max-sources", "56"])
      let root = PinRoot(live.aegis.root)
      var texts = PolicyText(seed: 20_261_127)
      var random = SplitMix(state: 20_261_127)
      var seen = (cut: 0, kept: 0, rated: 0)
      for number in 0..<Self.policies {
        let text = texts.document(now: Int(Date().timeIntervalSince1970))
        var reader = PolicyReader()
        reader.read(Array(text.utf8), named: "policy.yaml")
        let session = try Session(at: root, timeout: .seconds(5))
        let datapath = try session.datapath()
        let current = try Policy(of: datapath)
        let plan = try Plan(from: current, to: reader.policy, pruning: true)
        let after = try ProspectivePolicy(datapath, plan.steps)
        let fromFile = try PolicyProbe(reader.policy)
        let watched = (0..<Self.sessions).map { _ in
          random.session(near: [current, reader.policy])
        }
        let causes = try watched.map { try after.cause(cutting: $0) }
        try PlanExecutor(datapath).run(plan, in: session)
        let program = try BPFProgram(pinnedAt: root.program)
        for (one, cause) in zip(watched, causes) {
          try RateTable(datapath).reset(in: session)
          let frame = one.frame(from: one.source)
          let comment: Comment = "policy \(number), \(one): \(String(describing: cause))\n\(text)"
          let passes = try program.testRun(frame).returnValue == 2
          let said = try fromFile.judge(frame).reason
          try #require((said.verdict == .pass) == passes, "\(said.name) \(comment)")
          switch cause {
          case nil:
            seen.kept += 1
            try #require(passes, comment)
          case .rate?, .keyRate?: seen.rated += 1
          default:
            seen.cut += 1
            try #require(!passes, comment)
          }
        }
      }
      let least = Self.policies * Self.sessions / 20
      #expect(seen.cut > least && seen.kept > least && seen.rated > 0, "\(seen)")
    }
  }
}

/// Steele, Lea and Flood, 2014: the same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }

  /// SSH of somebody that one of the policies names, or of anybody.
  mutating func session(near policies: [Policy]) -> GuardedFlow {
    let keys = policies.flatMap { $0.keys?.keys.map(\.key) ?? [] }
    let named =
      policies.flatMap { $0.drops.map { Array($0.keys) } ?? [] } + keys.compactMap(\.source)
    let prefix = named.sorted().randomElement(using: &self) ?? Prefix(.v4(0xc000_0201))
    let hosts = UInt128(next()) << 64 | UInt128(next())
    let inside = UInt128.max >> UInt128(min(prefix.length, 127))
    let bits =
      Bool.random(using: &self) || prefix.isHost
      ? prefix.address.leftAligned : prefix.address.leftAligned ^ (hosts & inside)
    let port = keys.compactMap(\.port).sorted().randomElement(using: &self) ?? 22
    return .ssh(
      prefix.address.replacing(leftAligned: bits), port: Bool.random(using: &self) ? port : 22)
  }
}
