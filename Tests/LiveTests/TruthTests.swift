import Aegis
import CAegis
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import TestModel

extension Kernel {
  /// What the counters say is what happened.
  struct TruthTests {
    private static let mixes: UInt64 = 200
    private static let seed: UInt64 = 20_261_127

    /// On each of two interfaces. AEGIS_SEED=N begins with the mix that failed.
    @Test("whatever comes, what was sent is what was received and what was dropped, for its reason")
    func everyPacketIsAccountedFor() throws {
      let truth = try Truth()
      let first = Sample.givenSeed ?? Self.seed
      for seed in first..<first + Self.mixes { try truth.check(seed) }
      let sent = truth.sent.reduce(into: Count()) { $0 += $1 }
      let dropped = truth.tallies.reduce(into: Count()) { $0 += $1.total(.drop) }
      print("truth: \(sent.packets) packets sent, \(dropped.packets) of them dropped")
      let reached = truth.tallies.reduce(into: Set()) { $0.formUnion($1.reasons.keys) }
      // The last ones are of wires, of what leaves and of rules; others are of the relay and of an operator's program.
      let unreached = [
        AEGIS_PASS_UNCONFIGURED, AEGIS_PASS_UNCONFIRMED, AEGIS_PASS_TRUSTED, AEGIS_DROP_TOO_BIG,
        AEGIS_DROP_WIRE_DOWN, AEGIS_PASS_REPLY, AEGIS_PASS_RULE, AEGIS_DROP_RULE,
      ].map { Reason($0) }
      #expect(
        reached
          == Set(
            Reason.allCases.filter { reason in
              !unreached.contains(reason)
                && ![".relay", ".hook"].contains(where: reason.name.contains)
            }.map(\.name)),
        "what comes must be of every kind")
    }
  }
}

/// Mixes of traffic over the same interfaces, and all that has become of them.
private final class Truth {
  private static let interfaces = 2

  private let live: Live
  private let lanes: [VethPair]
  private(set) var sent = [Count](repeating: Count(), count: interfaces)
  private(set) var tallies = [Tally](repeating: Tally(), count: interfaces)

  init() throws {
    let live = Live(try Sandbox(ipv6: false))
    self.live = live
    lanes = try (0..<Self.interfaces).map { try VethPair(live.sandbox, number: $0) }
    try live.ok(["load", "--max-drops", "128", "--max-keys", "64", "--max-sources", "6000"])
    for lane in lanes {
      let attached = try live.ok(["attach", lane.interface])
      try #require(attached["items"][0]["mode"].string == "native")
    }
  }

  func check(_ seed: UInt64) throws {
    let mix = Mix(seed: seed, interfaces: lanes.count)
    let comment: Comment = "AEGIS_SEED=\(seed) under \(mix.policy)"
    try live.replace(policyBy: Aegis.Policy(mix.policy))
    let passages = try send(mix)

    let said = try live.ok(["stats"])
    let stats = lanes.map { Stats(said["items"].first("interface", $0.interface)) }
    let now = stats.map { Tally($0) }
    for index in lanes.indices {
      let told = VethPair.Passage(
        met: stats[index].packets, dropped: stats[index].dropped, received: stats[index].passed)
      try #require(now[index].total == sent[index], comment)
      try #require(told == passages[index], comment)
      try #require(stats[index].isConsistent, comment)
    }
    let all = sent.reduce(into: Count()) { $0 += $1 }
    try #require(Tally(Stats(said["total"])).total == all, comment)
    if let expected = mix.expected() {
      for index in lanes.indices {
        try #require(now[index] - tallies[index] == expected[index], comment)
      }
    }
    tallies = now
  }

  /// What has happened on each interface when all of it has come there.
  private func send(_ mix: Mix) throws -> [VethPair.Passage] {
    if mix.isAtOnce { try sendAtOnce(mix.frames) }
    return try lanes.indices.map { index in
      let frames = mix.frames[index]
      if !mix.isAtOnce { try lanes[index].send(frames) }
      sent[index] += Count(
        packets: UInt64(frames.count), bytes: UInt64(frames.reduce(0) { $0 + $1.bytes.count }))
      return try lanes[index].passage(of: Int(sent[index].packets))
    }
  }

  private func sendAtOnce(_ frames: [[Frame]]) throws {
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: lanes.count) { [lanes] index in
      do { try lanes[index].send(frames[index]) } catch { failure.withLock { $0 = error } }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
