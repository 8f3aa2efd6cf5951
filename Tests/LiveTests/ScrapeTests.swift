import Aegis
import TestSupport
import Testing

@testable import TestModel

extension Kernel {
  /// Prometheus, asked what was dropped.
  struct ScrapeTests {
    /// Under the policy below, a frame for each reason to drop.
    private static let dropped: [(reason: String, frame: Frame)] = [
      ("drop.host", Frame(IPv4(.udp(7000), from: "192.0.2.1"))),
      ("drop.prefix", Frame(IPv4(.udp(7000), from: "198.51.100.7"))),
      ("drop.rate", limited),
      ("drop.default", Frame(IPv4(.tcp(443), from: "203.0.113.2"))),
      ("drop.malformed", Frame(IPv4(.udp(7000), from: "203.0.113.3") { $0.words = 1 })),
      (
        "drop.extension-headers",
        Frame(IPv6(.udp(7000)) { $0.extensions = .init(repeating: .destination(), count: 9) })
      ),
      ("drop.fragment", Frame(IPv4(.udp(7000), from: "203.0.113.4") { $0.fragmentOffset = 1 })),
      ("drop.not-ip", Frame(0x88b5, .zeros(46))),
      ("drop.rule", Frame(IPv4(.udp(7000), from: "203.0.113.5"))),
      ("drop.vlan-tags", Frame(IPv4(.udp(7000)), tags: .init(repeating: Frame.vlan, count: 5))),
    ]
    /// Those that only a wire, the relay or an operator's program has.
    private static let others = Reason.allDrops.filter {
      ["drop.too-big", "drop.wire-down"].contains($0) || $0.hasPrefix("drop.relay-")
        || $0.hasPrefix("drop.hook")
    }
    private static let limited = Frame(IPv4(.udp(7000), from: "203.0.113.1"))
    private static let burst = 4

    private func prepared() throws -> (live: Live, lane: VethPair) {
      let live = try Live.attached()
      let lane = try VethPair(live.sandbox, number: 0)
      try live.ok(["drop-ip", "192.0.2.1", "198.51.100.0/24"])
      let rules = "[{name: one, match: {from: 203.0.113.5}, then: drop}]"
      try live.ok(
        ["apply", "-f", "-"],
        input: "apiVersion: aegis/v1\nkind: Policy\nspec: {rules: \(rules)}\n")
      try live.ok(["allow-key", "any:7000/udp"])
      try live.limit(Self.burst)
      try live.ok(["set-default", "deny"])
      return (live, lane)
    }

    @Test("node_exporter's textfile and the socket both tell Prometheus what was dropped, and why")
    func dropsPerReason() throws {
      #expect(Set(Self.dropped.map(\.reason) + Self.others) == Set(Reason.allDrops))
      let (live, lane) = try prepared()
      let monitoring = try Monitoring(live)
      try lane.send(.init(repeating: Self.limited, count: Self.burst))
      var counts = Dictionary(uniqueKeysWithValues: Self.others.map { ($0, 0.0) })
      for round in 1...2 {
        for (index, dropped) in Self.dropped.enumerated() {
          let count = round * (index + 3)
          try lane.send(.init(repeating: dropped.frame, count: count))
          counts[dropped.reason, default: 0] += Double(count)
        }
        let total = Int(counts.values.reduce(0, +))
        let passage = try lane.passage(of: total + Self.burst)
        try #require(passage.dropped == total && passage.received == Self.burst)
        try monitoring.writeTextfile()
        var wanted: [String: Double] = [:]
        for job in ["textfile", "socket"] {
          for (reason, count) in counts { wanted["\(job) \(reason)"] = count }
        }
        let answer = try monitoring.answer(
          to: "sum by (job, reason) (aegis_packets_total{verdict=\"drop\"})", wanted: wanted)
        try #require(answer == wanted, "\(monitoring.stop())")
      }
      let up = ["textfile": 1.0, "socket": 1]
      #expect(try monitoring.answer(to: "up", wanted: up) == up)
      let errors = ["textfile": 0.0]
      #expect(try monitoring.answer(to: "node_textfile_scrape_error", wanted: errors) == errors)
    }
  }
}

extension Reason {
  fileprivate static var allDrops: [String] {
    allCases.filter { $0.verdict == .drop }.map(\.name)
  }
}
