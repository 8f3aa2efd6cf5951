import Foundation
import TestSupport
import Testing

@testable import TestModel

extension Kernel {
  /// Rules as an operator sets them and sees them.
  @Suite struct RuleVerbTests {
    private func names(_ live: Live, _ words: String...) throws -> [String] {
      try live.run(["dump", "rules", "-o", "name"] + words).output.split(separator: "\n")
        .map(String.init)
    }

    private func packets(_ live: Live, _ rule: String) throws -> Int? {
      try live.ok(["dump", "rules"])["rules"].first("name", rule)["packets"].int
    }

    private func action(_ live: Live, _ arguments: String...) throws -> String? {
      try live.ok(["set-rule"] + arguments)["items"][0]["action"].string
    }

    @Test("drop takes what matches, and nothing else")
    func drop() throws {
      let live = try Live.attached()
      #expect(
        try action(live, "echo", "--port", "7,7100-7199/udp", "--then", "drop") == "added")
      #expect(try live.passes(3, port: 7000) == 3)
      #expect(try live.passes(4, port: 7100) == 0)
      #expect(try live.passes(5, port: 7199) == 0)
      #expect(try live.passes(2, port: 7200) == 2)
      #expect(try live.stats()["drop.rule"] == 9)
      #expect(try packets(live, "echo") == 9)
      #expect(try live.ok(["dump", "rules"])["rules"][0]["bytes"].int ?? 0 > 9 * 64)
      #expect(try action(live, "echo", "--remove") == "removed")
      #expect(try live.passes(4, port: 7100) == 4)
      #expect(try action(live, "echo", "--remove") == "unchanged")
    }

    @Test("allow lets in under deny, and a rule before it can take some of that away")
    func allow() throws {
      let live = try Live.attached()
      try live.ok(["set-default", "deny"])
      try live.ok(["set-rule", "open", "--port", "7000/udp", "--then", "allow"])
      #expect(try live.passes(3) == 3)
      #expect(try live.passes(3, port: 7001) == 0)
      #expect(try live.stats()["pass.rule"] == 3)
      let bad = ["set-rule", "bad", "--from", "192.0.2.0/24", "--not-from", "192.0.2.7"]
      try live.ok(bad + ["--then", "drop"])
      #expect(try live.passes(2, from: "192.0.2.8") == 2)
      try live.ok(bad + ["--then", "drop", "--before", "open"])
      #expect(try names(live) == ["bad", "open"])
      #expect(try live.passes(2, from: "192.0.2.8") == 0)
      #expect(try live.passes(2, from: "192.0.2.7") == 2)
      // A ban beats a rule, and a protected key beats both.
      try live.ok(["drop-ip", "192.0.2.7"])
      #expect(try live.passes(2, from: "192.0.2.7") == 0)
      try live.ok(["allow-key", "192.0.2.7", "--protect"])
      #expect(try live.passes(2, from: "192.0.2.7") == 2)
    }

    @Test("limit has a rate of its own, for each source or in total, or none")
    func limit() throws {
      let live = try Live.attached()
      let rate = ["--then", "limit", "--rate", "10/h", "--burst"]
      try live.limit(2)
      try live.ok(["set-rule", "each", "--port", "7001/udp"] + rate + ["5"])
      try live.ok(["set-rule", "all", "--port", "7002/udp"] + rate + ["6", "--total"])
      try live.ok(["set-rule", "none", "--port", "7003/udp", "--then", "limit", "--rate", "off"])
      let sources = ["192.0.2.1", "192.0.2.2"]
      #expect(try sources.map { try live.passes(9, from: $0, port: 7000) } == [2, 2])
      #expect(try sources.map { try live.passes(9, from: $0, port: 7001) } == [5, 5])
      #expect(try sources.map { try live.passes(4, from: $0, port: 7002) } == [4, 2])
      #expect(try sources.map { try live.passes(9, from: $0, port: 7003) } == [9, 9])
      #expect(try packets(live, "each") == 18)
      // The same rule changes nothing, and what its sources owe stays.
      for words in [["each", "--port", "7001/udp"] + rate + ["5"]] {
        #expect(try live.ok(["set-rule"] + words)["changed"].bool == false)
      }
      #expect(
        try live.ok(["set-rule", "none", "--port", "7003/udp", "--then", "limit", "--rate", "5/s"])[
          "changed"
        ].bool == true)
      #expect(
        try live.ok(["set-rule", "none", "--port", "7003/udp", "--then", "limit", "--rate", "5/s"])[
          "changed"
        ].bool == false)
      #expect(try live.passes(9, from: "192.0.2.1", port: 7001) == 0)
      // It does not let in what the default does not.
      try live.ok(["set-default", "deny"])
      #expect(try live.passes(2, from: "192.0.2.3", port: 7001) == 0)
    }

    @Test("a monitored rule counts, and the next one decides")
    func monitor() throws {
      let live = try Live.attached()
      let words = ["set-rule", "look", "--port", "7000", "--then", "drop"]
      try live.ok(words + ["--monitor"])
      #expect(try live.passes(3) == 3)
      #expect(try packets(live, "look") == 3)
      try live.ok(["set-rule", "next", "--port", "7000/udp", "--then", "drop"])
      #expect(try live.passes(3) == 0)
      #expect(try packets(live, "look") == 6 && packets(live, "next") == 3)
      try live.ok(["set-rule", "next", "--remove"])
      #expect(try live.run(["dump", "rules"]).output.contains("drop, monitored"))
      #expect(try live.ok(words)["changed"].bool == true)
      #expect(try live.passes(3) == 0)
    }

    @Test("rules keep their places, are moved and expire")
    func order() throws {
      let live = try Live.attached()
      for name in ["a", "b", "c"] {
        try live.ok(["set-rule", name, "--port", "9", "--then", "drop"])
      }
      // Replaced, it stays.
      #expect(try action(live, "a", "--port", "10", "--then", "allow") == "changed")
      #expect(try names(live) == ["a", "b", "c"])
      #expect(try action(live, "a", "--port", "10", "--then", "allow") == "unchanged")
      #expect(
        try action(live, "a", "--port", "10", "--then", "allow", "--after", "c") == "changed")
      #expect(try names(live) == ["b", "c", "a"])
      #expect(
        try action(live, "a", "--port", "10", "--then", "allow", "--after", "c") == "unchanged")
      try live.ok(["set-rule", "d", "--then", "allow", "--before", "b", "--dry-run"])
      #expect(try names(live) == ["b", "c", "a"])
      let missing = try live.fails(65, ["set-rule", "d", "--then", "allow", "--before", "x"])
      #expect(missing.contains("there is no rule x"))
      #expect(try live.ok(["set-rule", "--remove", "a", "b", "x"])["counts"]["removed"].int == 2)
      #expect(try names(live) == ["c"])
      let near = try live.run(["set-rule", "--remove", "cc"])
      #expect(near.status == 0 && near.error.contains("there is no rule cc: did you mean c?"))

      let short = ["set-rule", "short", "--port", "7000/udp", "--then", "drop", "--note", "x y"]
      try live.ok(short + ["--ttl", "1h"])
      let rule = try live.ok(["dump", "rules", "--expiring", "2h"])["rules"][0]
      #expect(rule["name"].string == "short" && rule["note"].string == "x y")
      #expect(try live.ok(short + ["--ttl", "2h"])["changed"].bool == true)
      #expect(try names(live, "--expiring", "90m") == [])
      try live.ok(short + ["--ttl", "500ms"])
      #expect(try live.passes(2) == 0)
      Thread.sleep(forTimeInterval: 0.6)
      #expect(try live.passes(2) == 2)
      #expect(try names(live) == ["c"])
    }

    @Test("rules name lists of action none, which then stay what they are")
    func lists() throws {
      let live = try Live.attached()
      let ssh = ["set-rule", "ssh", "--port", "7000/udp", "--not-from", "list:partners"]
      let unknown = try live.fails(65, ssh + ["--then", "drop"])
      #expect(unknown.contains("rule ssh: there is no list partners"))
      try live.ok(["set-list", "partners", "--action", "none", "--add", "192.0.2.0/24"])
      try live.ok(ssh + ["--then", "drop"])
      #expect(try live.passes(2, from: "192.0.2.7") == 2)
      #expect(try live.passes(2, from: "198.51.100.7") == 0)
      try live.ok(["set-list", "partners", "--add", "198.51.100.7"])
      #expect(try live.passes(2, from: "198.51.100.7") == 2)
      for words in [["--remove"], ["--action", "drop"], ["--direction", "out"]] {
        let said = try live.fails(65, ["set-list", "partners"] + words)
        #expect(said.contains("rule ssh names list partners"), "\(said)")
        #expect(said.contains("ssh --remove\n"), "\(said)")
      }
      try live.ok(["set-list", "partners", "--direction", "both", "--note", "who may"])
      #expect(try live.passes(2, from: "192.0.2.7") == 2)
      try live.ok(["set-rule", "ssh", "--remove"])
      try live.ok(["set-list", "partners", "--remove"])
      let drops = try live.fails(65, ["set-rule", "x", "--from", "list:manual", "--then", "drop"])
      #expect(drops.contains("the list manual drops what is in it"))
    }

    @Test("rules name classes, which then stay")
    func classes() throws {
      let live = try Live.attached()
      let words = ["set-rule", "few", "--class", "own", "--then", "drop"]
      #expect(try live.fails(65, words).contains("rule few: there is no class own"))
      try live.ok(["set-class", "own", "--prefix", "192.0.2.0/24"])
      try live.ok(words)
      #expect(try live.passes(2, from: "192.0.2.7") == 0)
      #expect(try live.passes(2, from: "198.51.100.7") == 2)
      try live.ok(["set-class", "own", "--prefix", "198.51.100.0/24"])
      #expect(try live.passes(2, from: "192.0.2.7") == 2)
      #expect(try live.passes(2, from: "198.51.100.7") == 0)
      let said = try live.fails(65, ["set-class", "own", "--remove"])
      #expect(said.contains("rule few names class own"), "\(said)")
      try live.ok(["set-rule", "few", "--remove"])
      try live.ok(["set-class", "own", "--remove"])
    }

    @Test("every form shows what rules count")
    func counted() throws {
      let live = try Live.attached()
      #expect(try live.ok(["status"])["rules"].isNull)
      #expect(try live.run(["stats", "--by", "rule"]).error.contains("there are no rules"))
      #expect(try !live.run(["metrics"]).output.contains("aegis_rule_"))
      try live.ok(["set-rule", "one", "--port", "7001", "--then", "drop"])
      try live.ok(["set-rule", "two", "--port", "7002", "--then", "allow", "--monitor"])
      _ = try live.passes(3, port: 7001)
      _ = try live.passes(1, port: 7002)
      let stats = try live.ok(["stats", "--by", "rule"])
      #expect(stats["kind"].string == "RuleStats" && stats["out"].isNull)
      let items = stats["items"].array
      #expect(items.map { $0["rule"].string } == ["one", "two"])
      #expect(items.map { $0["matched"]["packets"].int } == [3, 1])
      #expect(items.map { $0["share"].double } == [0.75, 0.25])
      #expect(items[1]["monitor"].bool == true && items[1]["packetsPerSecond"].isNull)
      let recent = try live.ok(["stats", "--by", "rule", "--interval", "200ms"])["items"]
      #expect(recent[0]["packetsPerSecond"].double == 0)
      let table = try live.run(["stats", "--by", "rule"]).output
      #expect(table.hasPrefix("RULE") && table.contains("\ntwo   allow, monitored"), "\(table)")
      #expect(try live.ok(["status"])["rules"].int == 2)
      let text = try live.run(["metrics"]).output
      let size = try #require(items[1]["matched"]["bytes"].int)
      for line in [
        "aegis_rule_packets_total{rule=\"one\"} 3",
        "aegis_rule_bytes_total{rule=\"two\"} \(size)",
      ] {
        #expect(text.contains(line + "\n"), "\(line)\n\(text)")
      }
      let promtool = try Command(["promtool", "check", "metrics"]).run(input: text)
      #expect(promtool.status == 0 && promtool.output + promtool.error == "", "\(promtool)")
      // What it says of a rule is what set-rule takes.
      let shown = try live.ok(["dump", "rules"])["rules"]
      #expect(shown[0]["match"]["port"].string == "7001" && shown[0]["then"].string == "drop")
      #expect(shown[0]["monitor"].isNull && shown[1]["monitor"].bool == true)
    }

    @Test("rules of what leaves are apart", .enabled(if: Leaving.isPossible))
    func leaving() throws {
      let live = try Live.attached()
      let leaving = try Leaving(live)
      try live.ok(["set-rule", "dns", "--out", "--port", "53/udp", "--then", "drop"])
      try live.ok(["set-rule", "dns", "--port", "7000/udp", "--then", "drop"])
      let hook = try live.fails(65, ["set-rule", "x", "--out", "--then", "hook"])
      #expect(hook.contains("rule x: only packets that come in are given to the hook"))
      try leaving.send([Frame(IPv4(.udp(53), from: "192.0.2.7")).turned])
      #expect(try live.stats(leaving: true)["drop.rule"] == 1)
      let stats = try live.ok(["stats", "--by", "rule"])
      #expect(stats["out"][0]["matched"]["packets"].int == 1)
      #expect(stats["items"][0]["matched"]["packets"].int == 0)
      #expect(try live.run(["stats", "--by", "rule"]).output.contains("\ndns out "))
      #expect(
        try live.run(["metrics"]).output.contains(
          "aegis_rule_packets_total{rule=\"dns\",direction=\"out\"} 1\n"))
      #expect(try live.run(["status"]).output.contains("\nout: rules "))
      #expect(try names(live, "--out") == ["dns"])
      try live.ok(["set-rule", "dns", "--out", "--remove"])
      #expect(try names(live, "--out") == [] && names(live) == ["dns"])
    }

    @Test("a rule that matches nothing is told, and set all the same")
    func nothing() throws {
      let live = try Live.attached()
      let outcome = try live.run(
        ["set-rule", "x", "--port", "80/tcp", "--protocol", "udp", "--then", "drop"])
      #expect(outcome.status == 0)
      #expect(
        outcome.error.contains(
          "rule x matches nothing: no packet has both protocol udp and port 80/tcp"))
      #expect(try names(live) == ["x"])
    }

    @Test("the guard refuses a rule that would cut off a host")
    func guarded() throws {
      let live = try Live.attached()
      let words = ["set-rule", "x", "--port", "22/tcp", "--then", "drop"]
      let run = { (words: [String]) in
        try live.aegis.run(words, namespace: live.sandbox.host.namespace)
      }
      let refused = try run(words + ["--guard", "192.0.2.7:22/tcp"])
      #expect(refused.status == 79 && refused.error.contains("rule x drops it"), "\(refused)")
      #expect(try names(live) == [])
      // Not only the first packet of a connection counts.
      for match in [["--tcp-flags", "ack/syn,ack"], ["--protocol", "tcp", "--length", "1000-"]] {
        let refused = try run(
          ["set-rule", "x"] + match + ["--then", "drop", "--guard", "192.0.2.7:22/tcp"])
        #expect(refused.status == 79, "\(match) \(refused)")
      }
      #expect(try run(words + ["--guard", "192.0.2.7:22/tcp", "--force"]).status == 0)
    }

    @Test("the guard knows by which interface a host comes in")
    func guardedByInterface() throws {
      let live = try Live.attached()
      let run = { (words: [String]) in
        try live.aegis.run(words, namespace: live.sandbox.host.namespace)
      }
      let host = ["--guard", "\(live.peer):22/tcp"]
      let rule = ["set-rule", "x", "--interface", live.interface, "--then", "drop"]
      let refused = try run(rule + host)
      #expect(refused.status == 79 && refused.error.contains("rule x drops it"), "\(refused)")
      let other = ["set-rule", "y", "--interface", "other0", "--then", "drop"]
      #expect(try run(other + host).status == 0)
      let answers = ["set-rule", "--out", "z", "--source-port", "22/tcp", "--then", "drop"]
      try live.ok(["attach", live.interface, "--direction", "out"])
      let mute = try run(answers + host)
      #expect(mute.status == 79 && mute.error.contains("rule z drops it"), "\(mute)")
      // Also while it is not attached yet.
      try live.ok(["detach", live.interface])
      try live.ok(rule)
      let attached = try run(["attach", live.interface] + host)
      #expect(attached.status == 79 && attached.error.contains("rule x drops it"), "\(attached)")
    }
  }
}
