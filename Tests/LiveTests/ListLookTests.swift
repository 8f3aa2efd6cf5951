import Foundation
import TestSupport
import Testing

@testable import TestModel

extension Kernel {
  /// What an operator sees of lists: counts, metrics, why, events and status.
  @Suite struct ListLookTests {
    /// Two owners, a list that only counts and one that does nothing.
    private func prepared() throws -> Live {
      let live = try Live.attached(load: ["--max-sources", "4096"])
      try live.ok(["set-list", "fail2ban-sshd", "--direction", "both", "--ttl", "10m"])
      try live.ok(["set-list", "watch", "--monitor"])
      try live.ok(["set-list", "partners", "--action", "none", "--add", "192.0.2.0/24"])
      try live.ok(["drop-ip", "198.51.100.1"])
      try live.ok(["drop-ip", "192.0.2.7", "198.51.100.0/24", "--list", "fail2ban-sshd"])
      try live.ok(["drop-ip", "192.0.2.0/24", "203.0.113.0/24", "--list", "watch"])
      return live
    }

    @Test("packets are counted for the list that decided, in every form")
    func counted() throws {
      let live = try prepared()
      // `manual` comes first, and of two prefixes the longer one decides.
      #expect(try live.passes(1, from: "198.51.100.1") == 0)
      #expect(try live.passes(2, from: "198.51.100.2") == 0)
      #expect(try live.passes(3, from: "192.0.2.7") == 0)
      #expect(try live.passes(4, from: "192.0.2.8") == 4)
      #expect(try live.passes(5, from: "203.0.113.1") == 5)
      let stats = try live.ok(["stats", "--by", "list"])
      #expect(stats["kind"].string == "ListStats" && stats["out"].isNull)
      let items = stats["items"]
      #expect(
        items.array.map { $0["list"].string } == ["manual", "fail2ban-sshd", "partners", "watch"])
      func packets(_ list: String, _ what: String) -> Int? {
        items.first("list", list)[what]["packets"].int
      }
      #expect(packets("manual", "dropped") == 1 && packets("fail2ban-sshd", "dropped") == 5)
      #expect(packets("watch", "dropped") == 0 && packets("watch", "wouldDrop") == 9)
      #expect(packets("partners", "wouldDrop") == 0)
      let size = try #require(items[0]["dropped"]["bytes"].int)
      #expect(size > 64 && items[1]["dropped"]["bytes"].int == 5 * size)
      #expect(items[1]["droppedPerSecond"].isNull)
      let table = try live.run(["stats", "--by", "list"]).output.split(separator: "\n")
      #expect(table[0].hasPrefix("LIST") && table[1].hasPrefix("manual"), "\(table)")
      let names = try live.run(["stats", "--by", "list", "-o", "name"]).output
      #expect(names == "manual\nfail2ban-sshd\npartners\nwatch\n")
      let interval = try live.ok(["stats", "--by", "list", "--interval", "300ms"])["items"]
      #expect(interval[1]["droppedPerSecond"].double == 0)
      #expect(interval[1]["dropped"]["packets"].int == 5)

      let text = try live.run(["metrics"]).output
      for line in [
        "aegis_list_dropped_packets_total{list=\"fail2ban-sshd\"} 5",
        "aegis_list_dropped_bytes_total{list=\"fail2ban-sshd\"} \(5 * size)",
        "aegis_list_would_drop_packets_total{list=\"watch\"} 9",
        "aegis_list_entries{list=\"manual\"} 1", "aegis_list_entries{list=\"fail2ban-sshd\"} 2",
        "aegis_list_applied_total{list=\"watch\"} 0",
        "aegis_list_refused_total{list=\"watch\"} 0",
      ] {
        #expect(text.contains(line + "\n"), "\(line)\n\(text)")
      }
      #expect(!text.contains("aegis_list_age_seconds"))
      let promtool = try Command(["promtool", "check", "metrics"]).run(input: text)
      #expect(promtool.status == 0 && promtool.output + promtool.error == "", "\(promtool)")
    }

    @Test("what feeds did is in the metrics")
    func fed() throws {
      let live = try prepared()
      try TemporaryDirectory.with { directory in
        let good = try directory.file("good", "203.0.113.9\n".utf8)
        let bad = try directory.file("bad", "<html>\n".utf8)
        try live.ok(["feed", "watch", "-f", good])
        try live.fails(65, ["feed", "watch", "-f", bad])
      }
      let text = try live.run(["metrics"]).output
      #expect(text.contains("aegis_list_applied_total{list=\"watch\"} 1\n"))
      #expect(text.contains("aegis_list_refused_total{list=\"watch\"} 1\n"))
      let age = text.split(separator: "\n").filter { $0.hasPrefix("aegis_list_age_seconds") }
      #expect(age.count == 1 && age[0].hasPrefix("aegis_list_age_seconds{list=\"watch\"} "))
      #expect(age[0].split(separator: " ").last.flatMap { Int($0) }.map { $0 < 60 } ?? false)
    }

    @Test("without other lists nothing is counted by list, and nothing says a list")
    func none() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "198.51.100.1"])
      let stats = try live.run(["stats", "--by", "list", "-o", "json"])
      #expect(try stats.json["items"].array.isEmpty)
      #expect(stats.error.contains("there is no list besides manual"))
      #expect(try !live.run(["metrics"]).output.contains("aegis_list_"))
      #expect(try !live.run(["why", "198.51.100.1"]).output.contains("of list"))
      #expect(try live.ok(["status"])["lists"].isNull)
      #expect(try live.run(["stats", "--by", "list", "--watch"]).status == 64)
      #expect(try live.run(["stats", "--by", "list", "--top"]).status == 64)
    }

    @Test("why says the list that decides, and all others that have the address")
    func why() throws {
      let live = try prepared()
      let told = try live.ok(["why", "192.0.2.7"])
      let drops = told["steps"].first("stage", "drops")
      #expect(drops["entry"]["list"].string == "fail2ban-sshd")
      let left = try #require(drops["entry"]["remainingMilliseconds"].int)
      #expect(500_000...600_000 ~= left)
      func held(_ step: JSON) -> [String] {
        step["lists"].array.map {
          "\($0["source"].string ?? "") \($0["list"].string ?? "") \($0["enforced"].bool ?? true)"
        }
      }
      #expect(
        held(drops).sorted() == ["192.0.2.0/24 partners false", "192.0.2.0/24 watch false"])
      let text = try live.run(["why", "192.0.2.7"]).output
      #expect(text.contains("192.0.2.7 of list fail2ban-sshd (9m"), "\(text)")
      #expect(text.contains("also 192.0.2.0/24 of list watch (does not drop)"), "\(text)")
      // Entries of no list that drops do not decide.
      let set = try live.run(["why", "192.0.2.8", "to", "80"]).output
      #expect(set.contains("also 192.0.2.0/24 of list partners (does not drop)"), "\(set)")
    }

    @Test("events and status tell of lists")
    func told() throws {
      let live = try prepared()
      try live.ok(["allow-key", "203.0.113.0/24"])
      let reading = try EventReading(live)
      for source in ["198.51.100.1", "192.0.2.7", "203.0.113.1", "10.99.99.99"] {
        _ = try live.passes(1, from: source)
      }
      let events = try reading.end().all
      for (source, list) in [
        ("198.51.100.1", "manual"), ("192.0.2.7", "fail2ban-sshd"), ("203.0.113.1", "watch"),
        ("10.99.99.99", nil),
      ] {
        #expect(events.first { $0["source"].string == source }?["list"].string == list, "\(source)")
      }
      #expect(try live.ok(["status"])["lists"].int == 3)
      let lines = try live.run(["status"]).output.split(separator: "\n")
      #expect(lines.contains { $0.split(separator: " ") == ["lists", "3"] }, "\(lines)")
    }

    @Test("packets that leave are counted for lists too", .enabled(if: Leaving.isPossible))
    func leaving() throws {
      let live = try prepared()
      let leaving = try Leaving(live)
      try leaving.send([Frame(IPv4(.udp(53), from: "192.0.2.7")).turned])
      let stats = try live.ok(["stats", "--by", "list"])
      #expect(stats["out"].first("list", "fail2ban-sshd")["dropped"]["packets"].int == 1)
      #expect(stats["items"].first("list", "fail2ban-sshd")["dropped"]["packets"].int == 0)
      #expect(try live.run(["stats", "--by", "list"]).output.contains("\nfail2ban-sshd out "))
      let metrics = try live.run(["metrics"]).output
      #expect(
        metrics.contains(
          "aegis_list_dropped_packets_total{list=\"fail2ban-sshd\",direction=\"out\"} 1\n"))
      #expect(!metrics.contains("aegis_list_entries{list=\"watch\",direction=\"out\"}"))
    }
  }
}
