import Foundation
import TestSupport
import Testing

extension Kernel {
  struct FeedTests {
    private static let feed = "198.51.100.0/24\n203.0.113.7\n2001:db8:bad::/48\n"

    private struct Poison {
      let name: String
      let text: String
      let says: String
      var options: [String] = []
    }

    private static func million() -> String {
      (0..<1_000_000).map { "11.\($0 >> 16 & 255).\($0 >> 8 & 255).\($0 & 255)\n" }.joined()
    }

    @Test("a poisoned feed changes nothing and says why, and its refusal is counted")
    func poisoned() throws {
      let host = try GuardedHost()
      let feed = "198.18.0.0/24\n203.0.113.7\n2001:db8:bad::/48\n"
      let run = { (arguments: [String], input: String?) throws in
        try host.run(arguments, input: input)
      }
      #expect(try run(["feed", "bad", "-f", "-", "-q"], feed).status == 0)
      #expect(try run(["allow-key", "192.0.2.77:22/tcp", "--protect"], nil).status == 0)
      let before = try host.run(["dump", "drops", "--list", "bad", "-o", "name"]).output
      let poisons = [
        Poison(name: "everything", text: feed + "0.0.0.0/0\n", says: "too wide"),
        Poison(name: "half of IPv6", text: feed + "2000::/3\n", says: "too wide"),
        Poison(name: "the gateway", text: feed + host.gateway + "\n", says: "gateway"),
        Poison(name: "its network", text: feed + host.network + "\n", says: "would cut off"),
        Poison(name: "the session", text: GuardedHost.client + "\n", says: "would cut off"),
        Poison(name: "a name server", text: GuardedHost.nameServer + "\n", says: "name server"),
        Poison(name: "this host", text: host.live.sandbox.host.v4 + "\n", says: "this host"),
        Poison(name: "a protected key", text: "192.0.2.77\n", says: "protected key"),
        Poison(name: "a long list", text: Self.million(), says: "more than 200000"),
        Poison(name: "an error page", text: "<html><body>502</body></html>\n", says: "not an IP"),
        Poison(name: "NUL bytes", text: "203.0.113.9\n\0\0\0", says: "NUL"),
        Poison(name: "nothing", text: "", says: "no entry"),
        Poison(name: "only comments", text: "# empty\n", says: "no entry"),
        Poison(name: "one bad line", text: feed + "300.1.1.1\n", says: "300.1.1.1"),
        Poison(name: "a bound", text: feed, says: "more than 2", options: ["--max", "2"]),
      ]
      for poison in poisons {
        let outcome = try run(["feed", "bad", "-f", "-"] + poison.options, poison.text)
        #expect(outcome.status == 65, "\(poison.name): \(outcome.error.prefix(300))")
        #expect(outcome.error.contains(poison.says), "\(poison.name): \(outcome.error.prefix(300))")
        #expect(outcome.error.split(separator: "\n").count <= 50, "\(poison.name)")
      }
      #expect(try host.run(["dump", "drops", "--list", "bad", "-o", "name"]).output == before)
      let metrics = try host.run(["metrics"]).output
      #expect(metrics.contains("aegis_list_refused_total{list=\"bad\"} \(poisons.count)"))
      #expect(metrics.contains("aegis_list_applied_total{list=\"bad\"} 1"))
      // What is guarded is left out if the operator says so.
      let some = try run(
        ["feed", "bad", "-f", "-", "--skip-guarded"], feed + host.gateway + "\n")
      #expect(some.status == 0 && some.error.contains("skipped \(host.gateway)"), "\(some)")
    }

    @Test("a feed replaces its own list, and leaves those of others")
    func replaces() throws {
      let live = try Live.attached(ipv6: true)
      try live.ok(["drop-ip", "203.0.113.7"])
      try live.ok(["feed", "one", "-f", "-"], input: Self.feed)
      try live.ok(["feed", "two", "-f", "-"], input: "203.0.113.7\n203.0.113.8\n")
      let again = try live.ok(["feed", "one", "-f", "-"], input: "198.51.100.0/24\n192.0.2.200\n")
      let item = again["items"][0]
      #expect(item["added"].int == 1 && item["removed"].int == 2, "\(item)")
      #expect(try !live.arrives(from: "203.0.113.7"))
      try live.ok(["feed", "two", "-f", "-"], input: "203.0.113.8\n")
      #expect(try !live.arrives(from: "203.0.113.7"))
      #expect(try !live.arrives(from: "203.0.113.8"))
      let left = try live.fails(1, ["drop-ip", "--remove", "203.0.113.8"])
      #expect(left.isEmpty || left.contains("list two"), "\(left)")
      try live.ok(["drop-ip", "--remove", "203.0.113.7"])
      #expect(try live.arrives(from: "203.0.113.7"))
      #expect(try live.arrives(from: "2001:db8:bad::1"))
    }

    @Test("the list of a feed that stopped is gone after its time, and a renewal is one store")
    func heals() throws {
      let live = try Live.attached()
      try live.ok(["feed", "short", "-f", "-", "--ttl", "1500ms"], input: "203.0.113.7\n")
      #expect(try !live.arrives(from: "203.0.113.7"))
      Thread.sleep(forTimeInterval: 1)
      let renewed = try live.ok(
        ["feed", "short", "-f", "-", "--ttl", "1500ms"], input: "203.0.113.7\n")
      #expect(renewed["items"][0]["added"].int == 0)
      Thread.sleep(forTimeInterval: 1)
      #expect(try !live.arrives(from: "203.0.113.7"))
      Thread.sleep(forTimeInterval: 1)
      #expect(try live.arrives(from: "203.0.113.7"))
      // What it had does not come back with other entries.
      try live.ok(["feed", "short", "-f", "-"], input: "203.0.113.8\n")
      #expect(try live.arrives(from: "203.0.113.7"))
      #expect(try !live.arrives(from: "203.0.113.8"))
    }

    @Test("what is excepted is left out, also in the middle of a prefix")
    func excepted() throws {
      let live = try Live.attached()
      let file = NSTemporaryDirectory() + "aegis-test-\(RandomName.hex(8)).txt"
      try Data("198.51.100.7\n203.0.113.0/25\n".utf8).write(to: URL(filePath: file))
      defer { try? FileManager.default.removeItem(atPath: file) }
      try live.ok(
        ["feed", "bl", "-f", "-", "--except", file],
        input: "198.51.100.0/24\n203.0.113.7\n203.0.113.200\n")
      for source in ["198.51.100.7", "203.0.113.7"] {
        #expect(try live.arrives(from: source), "\(source)")
      }
      for source in ["198.51.100.6", "198.51.100.8", "198.51.100.255", "203.0.113.200"] {
        #expect(try !live.arrives(from: source), "\(source)")
      }
      try live.fails(65, ["feed", "bl", "-f", "-", "--except", file], input: "203.0.113.9\n")
    }

    @Test("no more than a share of the peers that are connected is cut off")
    func brake() throws {
      let peers = (1...20).map { "198.51.100.\($0)" }
      let live = Live(try Sandbox(extra: peers))
      try live.ok(["load"])
      try live.ok(["attach", live.interface])
      let listener = try live.sandbox.listener(port: 443)
      let connections = try peers.map { try live.sandbox.connection(from: $0, to: 443) }
      defer { withExtendedLifetime((listener, connections)) {} }
      let two = "198.51.100.1\n198.51.100.2\n203.0.113.1\n"
      for options in [[], ["--monitor"]] {
        let refusal = try live.fails(
          65, ["feed", "bl", "-f", "-", "--max-cut", "5"] + options, input: two)
        #expect(refusal.contains("cut off 2 of 20 peers"), "\(refusal)")
      }
      try live.ok(["feed", "bl", "-f", "-", "--max-cut", "10"], input: two)
      // They are not cut off anew.
      try live.ok(["feed", "bl", "-f", "-", "--max-cut", "0"], input: two)
    }

    @Test("a monitored feed only counts, until it is enforced")
    func monitored() throws {
      let live = try Live.attached()
      try live.ok(["feed", "bl", "-f", "-", "--monitor"], input: "203.0.113.7\n")
      #expect(try live.arrives(from: "203.0.113.7"))
      #expect(
        try live.stats().object["wouldDrop"].first("reason", "drop.host")["packets"].int == 1)
      try live.ok(["set-list", "bl", "--enforce"])
      #expect(try !live.arrives(from: "203.0.113.7"))
      // A feed leaves it at that.
      try live.ok(["feed", "bl", "-f", "-"], input: "203.0.113.7\n")
      #expect(try !live.arrives(from: "203.0.113.7"))
    }

    @Test("a monitored list that would cut off the session is not enforced")
    func enforcing() throws {
      let host = try GuardedHost()
      let fed = try host.run(
        ["feed", "bl", "-f", "-", "--monitor", "--force"], input: "192.0.2.0/24\n")
      #expect(fed.status == 0, "\(fed)")
      for change in [["--enforce"], ["--enforce", "--ttl", "1h"]] {
        let outcome = try host.run(["set-list", "bl"] + change)
        #expect(outcome.status == 79, "\(outcome)")
      }
      #expect(try host.run(["set-list", "bl", "--enforce", "--force"]).status == 0)
      let entry = try host.run(["drop-ip", "--list", "other", GuardedHost.client])
      #expect(entry.status == 0 || entry.status == 79, "\(entry)")
    }

    @Test("a list for both directions drops what leaves too, and one of action none nothing")
    func directions() throws {
      let live = try Live.attached()
      try live.ok(["attach", live.interface, "--direction", "out"])
      try live.ok(["set-list", "bl", "--direction", "both"])
      try live.ok(["feed", "bl", "-f", "-"], input: "203.0.113.7\n")
      #expect(try !live.arrives(from: "203.0.113.7"))
      #expect(try live.ok(["why", "--out", "203.0.113.7"])["verdict"].string == "drop")
      try live.ok(["set-list", "bl", "--direction", "out"])
      #expect(try live.arrives(from: "203.0.113.7"))
      #expect(try live.ok(["why", "--out", "203.0.113.7"])["verdict"].string == "drop")
      try live.ok(["set-list", "bl", "--direction", "in"])
      #expect(try live.ok(["why", "--out", "203.0.113.7"])["verdict"].string == "pass")
      #expect(try !live.arrives(from: "203.0.113.7"))
      try live.ok(["set-list", "bl", "--action", "none"])
      #expect(try live.arrives(from: "203.0.113.7"))
      let refusal = try live.fails(65, ["drop-ip", "--list", "bl", "203.0.113.9"])
      #expect(refusal.contains("is a set"), "\(refusal)")
      try live.ok(["set-list", "bl", "--remove"])
      let again = try live.ok(["set-list", "bl", "--remove"])
      #expect(again["changed"].bool == false)
    }
  }
}
