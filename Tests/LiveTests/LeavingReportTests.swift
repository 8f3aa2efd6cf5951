import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// What is shown of the policy for what leaves, and of what it did.
  @Suite(.enabled(if: Leaving.isPossible, "needs Linux 6.6, for links of tc"))
  struct LeavingReportTests {
    private func loaded() throws -> Live {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-sources", "4096"])
      return live
    }

    private func declare(_ live: Live) throws {
      try live.ok(["drop-ip", "203.0.113.9", "203.0.113.128/25", "198.18.0.0/15", "--out"])
      try live.ok(["set-rate", "500/s", "--burst", "50", "--out"])
      try live.ok(["set-rate", "100/s", "--port", "53/udp", "--out"])
      try live.ok(["allow-key", "any:53/udp", "--out"])
      try live.ok(["set-default", "deny", "--out"])
    }

    @Test("status tells of it once something is declared, or attached")
    func status() throws {
      let live = try loaded()
      let before = try live.ok(["status"])
      #expect(try !live.run(["status"]).output.contains("out:"))
      #expect(before["out"]["defaultAction"].string == "allow")
      #expect(before["out"]["rates"].array.isEmpty)
      try declare(live)
      let after = try live.ok(["status"])
      #expect(after["defaultAction"].string == "allow" && after["rates"].array.isEmpty)
      #expect(after["limitedSources"].int == before["limitedSources"].int)
      #expect(after["entries"].keys.allSatisfy { after["entries"][$0]["used"].int == 0 })
      let out = after["out"]
      #expect(out["defaultAction"].string == "deny")
      #expect(out["rates"].array.map { $0["rate"].string } == ["500/s", "100/s"])
      let used = ["drops", "keys"].map { out["entries"][$0]["used"].int }
      #expect(used == [3, 1])
      #expect(out["maps"]["rate_port"]["used"].int == 1)
      #expect(out["maps"]["notes"].isNull)
      let text = try live.run(["status"]).output.split(separator: "\n")
      func row(_ name: String) -> String? {
        text.first { $0.hasPrefix(name) }
          .map { $0.dropFirst(name.count).trimmingCharacters(in: .whitespaces) }
      }
      #expect(row("default") == "allow" && row("rates") == "off")
      #expect(row("out: default") == "deny")
      #expect(
        row("out: rates")
          == "500/s burst 50 each destination, 1 more for ports, prefixes and classes")
      #expect(
        row("out: lists") == "3 drops, 1 keys, 0 protected keys")

      let other = try loaded()
      _ = try Leaving(other)
      #expect(try other.run(["status"]).output.contains("\nout: default"))
    }

    private func series(_ live: Live) throws -> [String: String] {
      let text = try live.run(["metrics"]).output
      let outcome = try Command(["promtool", "check", "metrics"]).run(input: text)
      #expect(outcome.status == 0 && outcome.output + outcome.error == "", "\(outcome)")
      return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.reduce(into: [:]) {
        let words = $1.split(separator: " ")
        $0[String(words[0])] = String(words[1])
      }
    }

    @Test("metrics of it have a label, and those of what comes in stay as they are")
    func metrics() throws {
      let live = try loaded()
      try live.ok(["drop-ip", "192.0.2.9"])
      let before = try series(live)
      #expect(!before.keys.contains { $0.contains("direction=\"out\"") })
      try declare(live)
      let after = try series(live)
      #expect(before.filter { $0.key != "aegis_memory_bytes" && after[$0.key] != $0.value }.isEmpty)
      let new = Set(after.keys).subtracting(before.keys)
      #expect(new.count == 10 && new.allSatisfy { $0.contains("direction=\"out\"") }, "\(new)")
      for (series, value) in [
        ("aegis_default_action{action=\"deny\"", "1"),
        ("aegis_default_action{action=\"allow\"", "0"),
        ("aegis_entries{list=\"drops_ipv4\"", "3"), ("aegis_entries{list=\"drops_ipv6\"", "0"),
        ("aegis_entries{list=\"keys\"", "1"), ("aegis_entries_capacity{list=\"keys\"", "4096"),
      ] { #expect(after[series + ",direction=\"out\"}"] == value, "\(series)") }
    }

    @Test("packets that leave are counted by the class of their destination")
    func classes() throws {
      let live = try Live.attached()
      let leaving = try Leaving(live)
      try live.ok(["set-class", "near", "--prefix", "192.0.2.0/24"])
      try live.ok(["set-class", "far", "--prefix", "203.0.113.0/24"])
      func stats() throws -> JSON { try live.ok(["stats", "--by", "class"]) }
      #expect(try stats()["out"].isNull)
      try live.ok(["drop-ip", "203.0.113.9", "--out"])
      let frame = { (peer: IPAddress) in Frame(IPv4(.udp(53), from: peer)) }
      try live.sandbox.send(frames: [frame("192.0.2.1").bytes, frame("192.0.2.2").bytes])
      try leaving.send(
        ["192.0.2.1", "203.0.113.9", "203.0.113.8", "203.0.113.8"].map { frame($0).turned })
      try live.await(packets: 2)
      let told = try stats()
      func count(_ list: String, _ name: String, _ verdict: String) -> Int? {
        told[list].first("class", name)[verdict]["packets"].int
      }
      #expect(count("items", "near", "passed") == 2 && count("items", "far", "passed") == 0)
      #expect(count("out", "near", "passed") == 1 && count("out", "far", "passed") == 2)
      #expect(count("out", "far", "dropped") == 1 && count("items", "far", "dropped") == 0)
      let text = try live.run(["stats", "--by", "class"]).output
      #expect(text.contains("\nnear ") && text.contains("\nfar out "))
      let metrics = try series(live)
      let name = "aegis_class_packets_total{class=\"far\",verdict=\"pass\""
      #expect(metrics[name + "}"] == "0" && metrics[name + ",direction=\"out\"}"] == "2")
    }

    @Test("latency says that it measures no program behind tc")
    func latency() throws {
      let live = try loaded()
      _ = try Leaving(live)
      for names in [[], [live.interface]] {
        let message = try live.fails(1, ["latency", "--for", "100ms"] + names)
        #expect(
          message.contains("\(live.interface) out is attached in tc mode, which is not measured"))
      }
      try live.ok(["attach", live.interface])
      for names in [[], [live.interface]] {
        let measured = try live.ok(["latency", "--for", "100ms"] + names)["interfaces"].array
        #expect(measured.map { $0["mode"].string } == ["native"])
      }
    }

    @Test("destinations over their rate are told with their rule")
    func offenders() throws {
      let live = try Live.attached()
      let leaving = try Leaving(live)
      #expect(try live.ok(["stats", "--top"])["top"]["out"].isNull)
      try live.ok(["set-rate", "1/h", "--burst", "10", "--port", "53/udp", "--out"])
      let frames = Array(repeating: Frame(IPv4(.udp(53))), count: 5010)
      try leaving.send(frames)
      let noted = try live.ok(["dump", "offenders", "--out"])["offenders"].array
      #expect(noted.map { $0["name"].string } == ["198.51.100.1"])
      #expect(noted.map { $0["rule"].string } == ["port 53/udp"])
      #expect(try live.ok(["dump", "offenders"])["offenders"].array.isEmpty)
      let top = try live.ok(["stats", "--top"])["top"]
      #expect(top["sources"].array.isEmpty && top["rules"].array.isEmpty)
      #expect(top["out"]["destinations"][0]["name"].string == "198.51.100.1")
      #expect(top["out"]["rules"][0]["rule"].string == "port 53/udp")
      let text = try live.run(["stats", "--top"]).output
      #expect(text.contains("busiest limited destinations, estimated\n"))
      #expect(!text.contains("busiest limited sources"))
    }
  }
}
