import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// What is told of packets is what would be told of them again.
  struct EventsAgreeTests {
    private static let policies: UInt64 = 40
    private static let frames = 120

    @Test(
      "every event has the reason and the rule that why tells of its packet",
      arguments: Leaving.isPossible ? Direction.allCases : [.in])
    func agreesWithWhy(_ direction: Direction) throws {
      let live = Live(try Sandbox(ipv6: false))
      let lane = try VethPair(live.sandbox, number: 0)
      try live.ok(["load", "--max-drops", "128", "--max-keys", "64", "--max-sources", "6000"])
      let road: Road
      if direction == .out {
        road = .out(try Leaving(live, by: lane.interface))
      } else {
        try live.ok(["attach", lane.interface])
        road = .in(lane, live)
      }
      let root = PinRoot(live.aegis.root)
      let datapath = try Datapath(at: root)[direction]
      let probe = try PolicyProbe(datapath)
      var reached: Set<Reason> = []
      var rules = 0
      for seed in 1...Self.policies {
        let mix = Mix(seed: seed << 20, interfaces: 1)
        var policy = Aegis.Policy(mix.policy)
        if direction == .out {
          var out = Aegis.Policy()
          swap(&out.defaultAction, &policy.defaultAction)
          swap(&out.rates, &policy.rates)
          swap(&out.drops, &policy.drops)
          swap(&out.keys, &policy.keys)
          policy.out = out
        }
        try live.replace(policyBy: policy)
        // The second time nothing of a burst is left, and everything is judged as it will be from then on.
        let frames = Array((mix.frames[0] + mix.frames[0]).prefix(Self.frames))
          .map { direction == .out ? $0.turned : $0 }
        for _ in 0..<8 { try road.send(frames) }
        var reader = try EventReader(
          EventFilter(rate: 1_000_000), at: root, timeout: .seconds(5))
        try road.send(frames)
        var events = try reader.look()
        let (rest, tally) = try reader.end()
        events += rest
        #expect(events.count == frames.count && tally.lost == 0, "seed \(seed)")
        for event in events {
          #expect(event.direction == direction)
          let cut = event.bytes + Array(repeating: 0, count: event.length - event.bytes.count)
          let told = try probe.judge(cut)
          #expect(
            told.reason == event.reason && told.wouldDrop == event.wouldDrop,
            "seed \(seed): \(event), but \(told.reason)")
          let steps = try datapath.trace(of: told).steps
          // A key lets in what an entry that only monitors would drop.
          let wouldDrop = steps.last { $0.result == .wouldDrop && told.reason.verdict != .drop }
          let entry = wouldDrop?.entry ?? steps.compactMap(\.entry).last
          if let rule = event.rule, event.decider.rawValue != Self.rate {
            #expect(entry?.name == rule, "seed \(seed): \(event)")
            rules += 1
          }
          reached.insert(event.reason)
        }
      }
      #expect(reached.count >= Reason.allCases.count - 22, "of few kinds: \(reached)")
      #expect(rules > 100)
    }

    private static let rate = Reason.allCases.first { $0.name == "drop.rate" }?.rawValue

    /// Where packets go.
    private enum Road {
      case `in`(VethPair, Live)
      case out(Leaving)

      /// Returns once all are judged.
      func send(_ frames: [Frame]) throws {
        switch self {
        case .in(let lane, let live):
          let before = try live.countedPackets()
          try lane.send(frames)
          try live.await(packets: before + UInt64(frames.count))
        case .out(let leaving):
          let before = try leaving.packets()
          try leaving.send(frames)
          #expect(try leaving.packets() == before + UInt64(frames.count))
        }
      }
    }
  }
}
