import Aegis
import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Changes under traffic that comes as fast as it can be sent.
  struct FireTests {
    private static let dropped = "192.0.2.9"
    private static let port: UInt16 = 7000

    /// 200 of each with AEGIS_EXHAUSTIVE=1: that takes minutes, most of them the verifier's.
    private static let replacements = Sample.isExhaustive ? 200 : 12
    private static let applications = Sample.isExhaustive ? 200 : 24

    private static func policy(_ name: String, _ rest: String) -> String {
      """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        keys: ["any:\(port)/udp", {key: "any:8000/udp", note: \(name)}, "198.18.0.0/16:\(port)/udp"]
        drops: [\(dropped), \(rest)]

      """
    }
    private static let policies = [
      policy("one", "198.18.0.1, 198.18.1.0/24") + "  default: deny\n  rates: [{rate: 90M/s}]\n",
      policy("two", "198.18.0.2, 198.18.2.0/24") + "  default: allow\n  rates: [{rate: 80M/s}]\n",
    ]

    @Test("no packet is lost, let through or counted twice while program and policy are replaced")
    func underFire() throws {
      let live = try Live.attached(load: ["--max-drops", "1000", "--max-sources", "6000"])
      let arguments = ["apply", "-f", "-", "--prune", "--force"]
      try live.ok(arguments, input: Self.policies[1])
      let datapath = try Datapath(at: PinRoot(live.aegis.root))
      // Known to each other from now on: ARP is counted too.
      _ = try live.sandbox.ping(count: 1)
      let (start, first) = (try Passage(of: live.sandbox), try live.stats())
      let receiver = try live.sandbox.receiver(port: Self.port)
      var counters = CounterWatch(datapath)
      let barrage = Barrage(
        live.sandbox, from: [live.peer, Self.dropped], port: Self.port)
      defer { barrage.stop() }
      for round in 0..<Self.replacements {
        let outcome = try live.ok(["load", "--replace", "--max-keys", "\(100 + round % 2)"])
        #expect(outcome["action"].string == "replaced")
        try counters.look()
      }
      for round in 0..<Self.applications {
        let outcome = try live.ok(arguments, input: Self.policies[round % 2])
        #expect(outcome["changed"].bool == true)
        try counters.look()
      }
      barrage.stop()
      Thread.sleep(forTimeInterval: 0.2)
      let (end, last) = (try Passage(of: live.sandbox), try live.stats())

      let passed = last["pass.key"] - first["pass.key"]
      let dropped = last["drop.host"] - first["drop.host"]
      print("fire: \(end.sent - start.sent) packets sent, \(passed) passed, \(dropped) dropped")
      #expect(passed > 10_000)
      #expect(dropped > 10_000)
      // Every one that was sent met the program, and every one that it passed came through; but for a
      // neighbour that asks again.
      let others = last.packets - first.packets - passed - dropped
      #expect(others < 20, "\(last.object)")
      #expect(end.sent - start.sent == passed + dropped + others)
      #expect(abs(end.received - start.received - passed) <= others)
      #expect(receiver.take(expecting: 100_000, quiet: 0.1).allSatisfy { $0.source == live.peer })
    }

    /// Sees to it that no counter ever goes back.
    private struct CounterWatch {
      private let datapath: Datapath
      private var before: [Reason: Count] = [:]

      init(_ datapath: Datapath) {
        self.datapath = datapath
      }

      mutating func look() throws {
        for attachment in try Interfaces(datapath).attachments() {
          let now = try datapath.counts(of: attachment).byReason
          for (reason, count) in before {
            #expect(now[reason]?.packets ?? 0 >= count.packets, "\(reason.name)")
            #expect(now[reason]?.bytes ?? 0 >= count.bytes, "\(reason.name)")
          }
          before = now
        }
      }
    }
  }
}
