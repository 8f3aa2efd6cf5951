import BPF
import Foundation
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// `lists:` of policy files, in a loaded datapath.
  @Suite struct NamedListPolicyTests {
    private static let head = "apiVersion: aegis/v1\nkind: Policy\n"
    private static let policy =
      head + """
        spec:
          default: allow
          drops: [{source: 192.0.2.1, note: by hand}]
          lists:
          - {name: partners, action: none, entries: [192.0.2.2]}
          - name: scanners
            note: seen at night
            entries: [192.0.2.3, {source: 198.51.100.0/24, note: all of it, monitor: true}]
          - {name: jail, direction: both}
          - {name: trial, monitor: true, entries: [192.0.2.4]}
          - name: away
            direction: out
            expires: 2036-12-01T08:00:00Z
            entries: [203.0.113.1, {source: 203.0.113.2, expires: 2036-11-01T08:00:00Z}]
          - {name: everywhere, direction: both, entries: [203.0.113.3]}

        """
    private static let prune = ["apply", "-f", "-", "--prune", "--force"]

    @discardableResult
    private func apply(_ live: Live, _ text: String = Self.policy) throws -> JSON {
      try live.ok(["apply", "-f", "-", "--force"], input: text)
    }

    private func lists(_ live: Live) throws -> [String] {
      try live.ok(["dump", "lists"])["lists"].array.compactMap { $0["name"].string }
    }

    private func entries(_ live: Live, _ list: String, _ more: [String] = []) throws -> [String] {
      try live.ok(["dump", "drops", "--list", list] + more)["drops"].array
        .compactMap { $0["name"].string }
    }

    /// Of a packet that leaves.
    private func verdict(_ live: Live, to address: String) throws -> String? {
      try live.ok(["why", address, "--out"])["reason"].string
    }

    private func document(_ live: Live) throws -> String {
      try live.run(["dump", "-o", "yaml"]).output
    }

    private func isThere(_ live: Live, _ document: String) throws -> Bool {
      try live.ok(["diff", "-f", "-", "--prune"], input: document)["changed"].bool == false
    }

    @Test("entries of lists drop what comes in, what leaves, or both")
    func directions() throws {
      let live = try Live.attached()
      let plan = try apply(live)
      #expect(plan["items"].first("name", "away")["now"].string?.hasPrefix("what leaves") == true)
      #expect(plan["items"].first("name", "scanners")["now"].string == "\"seen at night\"")
      let out = plan["items"].array.filter { $0["direction"].string == "out" }
      #expect(
        out.map { $0["name"].string } == [
          "203.0.113.1 list away", "203.0.113.2 list away", "203.0.113.3 list everywhere",
        ])
      #expect(try !live.arrives(from: "192.0.2.1") && live.arrives(from: "192.0.2.2"))
      #expect(try !live.arrives(from: "192.0.2.3") && live.arrives(from: "192.0.2.4"))
      #expect(try live.arrives(from: "198.51.100.1") && live.arrives(from: "203.0.113.1"))
      #expect(try !live.arrives(from: "203.0.113.3"))
      for (address, reason) in [
        ("203.0.113.1", "host"), ("203.0.113.2", "host"), ("203.0.113.3", "host"),
        ("192.0.2.3", "default"),
      ] {
        #expect(try verdict(live, to: address)?.hasSuffix("." + reason) == true)
      }
      let again = try apply(live)
      #expect(again["changed"].bool == false && again["counts"]["removed"].int == 0)
    }

    @Test("a change of the direction moves the entries")
    func moves() throws {
      let live = try Live.attached()
      try apply(live)
      let turned = Self.policy.replacing(
        "name: scanners", with: "name: scanners\n    direction: out")
      try apply(live, turned)
      #expect(try live.arrives(from: "192.0.2.3"))
      #expect(try verdict(live, to: "192.0.2.3") == "drop.host")
      #expect(try isThere(live, turned))
    }

    @Test("--prune removes other lists and entries, but not those that are left to others")
    func prunes() throws {
      let live = try Live.attached()
      try apply(live)
      try live.ok(["drop-ip", "--list", "jail", "192.0.2.9"])
      try live.ok(["drop-ip", "--list", "scanners", "192.0.2.10"])
      try live.ok(["drop-ip", "--list", "other", "192.0.2.11"])
      try apply(live)
      #expect(try entries(live, "scanners").count == 3 && lists(live).contains("other"))
      let plan = try live.ok(Self.prune, input: Self.policy)
      #expect(
        plan["items"].array.map { $0["name"].string } == [
          "other", "192.0.2.11 list other", "192.0.2.10 list scanners",
        ])
      #expect(try entries(live, "jail") == ["192.0.2.9"])
      #expect(try entries(live, "jail", ["--out"]) == ["192.0.2.9"])
      #expect(try entries(live, "scanners") == ["192.0.2.3", "198.51.100.0/24"])
      #expect(try live.arrives(from: "192.0.2.11") && !live.arrives(from: "192.0.2.9"))
      // Without lists, none is managed.
      try live.ok(Self.prune, input: Self.head + "spec: {drops: []}\n")
      #expect(try lists(live).count == 6 && live.arrives(from: "192.0.2.1"))
      try live.ok(Self.prune, input: Self.head + "spec: {lists: []}\n")
      #expect(try lists(live).isEmpty && live.arrives(from: "192.0.2.9"))
      #expect(try verdict(live, to: "203.0.113.3") == "pass.default")
    }

    @Test("who fills a list says how long it lasts")
    func expiry() throws {
      let live = try Live.attached()
      try live.ok(["set-list", "jail", "--ttl", "1h", "--add", "192.0.2.9"])
      let text = Self.head + "spec: {lists: [{name: jail, note: bans}]}\n"
      try live.ok(Self.prune, input: text)
      let jail = try live.ok(["dump", "lists"])["lists"][0]
      #expect(3_590_000...3_600_000 ~= (jail["remainingMilliseconds"].int ?? 0))
      #expect(jail["note"].string == "bans" && jail["entries"].int == 1)
      #expect(try isThere(live, text))
      // A file that has the entries has the expiry too.
      let all = Self.head + "spec: {lists: [{name: jail, entries: [192.0.2.9]}]}\n"
      try live.ok(Self.prune, input: all)
      #expect(try live.ok(["dump", "lists"])["lists"][0]["expires"].isNull)
    }

    @Test("what dump writes is the same policy, in this datapath and in a new one")
    func dumps() throws {
      let live = try Live.attached()
      try apply(live)
      try live.ok(["drop-ip", "--list", "jail", "192.0.2.9", "--ttl", "1h", "--note", "ban"])
      try live.ok(["set-list", "short", "--ttl", "1s", "--add", "192.0.2.12"])
      Thread.sleep(forTimeInterval: 1.1)
      let document = try document(live)
      #expect(try isThere(live, document))
      let json = try live.run(["dump", "-o", "yaml", "--expiring", "2h"]).output
      #expect(!json.contains("lists:"))
      try live.ok(["unload", "--force"])
      try live.ok(["load"])
      try live.ok(Self.prune, input: document)
      #expect(try isThere(live, document))
      #expect(try self.document(live).count == document.count)
      #expect(try entries(live, "away") == ["203.0.113.1", "203.0.113.2"])
      #expect(try entries(live, "short").isEmpty && lists(live).contains("short"))
      // Only the lists.
      try live.ok(["set-list", "jail", "--remove"])
      try live.ok(["drop-ip", "--remove", "192.0.2.1"])
      try live.ok(Self.prune, input: document)
      let part = try live.run(["dump", "lists", "-o", "yaml"]).output
      #expect(!part.contains("drops:") && part.contains("ban"))
      #expect(try isThere(live, part) && isThere(live, document))
    }

    @Test func whatDumpShows() throws {
      let live = try Live.attached()
      try apply(live)
      let names = ["away", "everywhere", "jail", "partners", "scanners", "trial"]
      #expect(
        try live.run(["dump", "lists", "-o", "name"]).output == names.map { $0 + "\n" }.joined())
      let table = try live.run(["dump", "lists"]).output.split(separator: "\n").map {
        $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
      }
      #expect(
        table[0] == ["LIST", "ACTION", "DIRECTION", "MONITOR", "ENTRIES", "LEFT", "NOTE"])
      #expect(table[1].prefix(5) == ["away", "drop", "out", "no", "2"])
      #expect(table[2] == ["everywhere", "drop", "both", "no", "1", "-", "-"])
      #expect(table[4] == ["partners", "none", "in", "no", "1", "-", "-"])
      #expect(table[5] == ["scanners", "drop", "in", "no", "2", "-", "seen", "at", "night"])
      #expect(table[6] == ["trial", "drop", "in", "yes", "1", "-", "-"])
      try live.ok(["set-list", "partners", "--ttl", "1h"])
      let soon = ["dump", "lists", "--expiring", "2h", "-o"]
      #expect(try live.run(soon + ["name"]).output == "partners\n")
      let partners = try live.run(soon + ["yaml"]).output
      #expect(partners.contains("name: partners") && !partners.contains("name: away"))
      try apply(live)
      // Another list has nothing to do with the list manual.
      #expect(try live.run(["dump", "drops", "-o", "name"]).output == "192.0.2.1\n")
      #expect(try entries(live, "manual") == ["192.0.2.1"])
      let scanners = ["dump", "drops", "--list", "scanners"]
      #expect(
        try live.run(scanners + ["-o", "name"]).output == "192.0.2.3\n198.51.100.0/24\n")
      #expect(try live.run(scanners).output.contains("(monitored) all of it"))
      let document = try live.run(scanners + ["-o", "yaml"]).output
      #expect(document.contains("name: scanners") && !document.contains("name: jail"))
      #expect(try isThere(live, Self.policy))
      try live.ok(["apply", "-f", "-", "--force"], input: document)
      // A dump of one list restores another.
      let dumped = try live.run(scanners + ["-o", "json"]).output
      try live.ok(["drop-ip", "--list", "copy", "-f", "-"], input: dumped)
      #expect(try entries(live, "copy") == ["192.0.2.3", "198.51.100.0/24"])
      #expect(
        try live.ok(["dump", "drops", "--list", "copy"])["drops"][1]["note"].string == "all of it")
      #expect(
        try live.fails(65, ["dump", "drops", "--list", "none"]).contains("there is no list none"))
      #expect(try live.fails(64, ["dump", "keys", "--list", "jail"]).contains("--list requires"))
      #expect(try live.fails(64, ["dump", "lists", "--out"]).contains("leave out --out"))
    }

    @Test("rollback, and a deadline that passes, bring lists back")
    func rollback() throws {
      let live = try Live.attached()
      try apply(live)
      try live.ok(["drop-ip", "--list", "jail", "192.0.2.9", "--ttl", "1h"])
      let before = try document(live)
      let other =
        Self.head + """
          spec:
            lists:
            - {name: jail, entries: [192.0.2.20]}
            - {name: scanners, direction: out, monitor: true, entries: []}
            - {name: new, direction: both, entries: [192.0.2.21]}

          """
      try live.ok(Self.prune + ["--confirm-within", "1h"], input: other)
      #expect(try lists(live) == ["jail", "new", "scanners"] && live.arrives(from: "192.0.2.9"))
      try live.ok(["rollback"])
      #expect(try isThere(live, before))
      #expect(try !live.arrives(from: "192.0.2.9") && live.arrives(from: "192.0.2.21"))
      try live.ok(Self.prune + ["--confirm-within", "1s"], input: other)
      Thread.sleep(forTimeInterval: 1.1)
      try live.ok(["repair"])
      #expect(try isThere(live, before))
      #expect(try verdict(live, to: "203.0.113.1") == "drop.host")
    }

    @Test(
      "--replace takes lists along, and a past layout has them", arguments: PastInstance.possible)
    func layouts(_ layout: PastInstance) throws {
      let live = Live(try Sandbox(ipv6: false))
      try layout.attach(to: live, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      try live.ok(["load", "--replace"])
      #expect(try lists(live).isEmpty)
      try live.ok(["set-list", "jail", "--direction", "both", "--add", "192.0.2.9"])
      try live.ok(["drop-ip", "--remove", "192.0.2.9"], or: 1)
      #expect(try !live.arrives(from: "192.0.2.9") && live.arrives(from: "192.0.2.10"))
      try apply(live)
      #expect(try lists(live).count == 6 && !live.arrives(from: "192.0.2.3"))
      let before = try document(live)
      try live.ok(["load", "--replace"])
      #expect(try isThere(live, before))
      #expect(try !live.arrives(from: "192.0.2.3") && !live.arrives(from: "192.0.2.9"))
    }

    @Test("lists are there again after a reboot")
    func boot() throws {
      let live = try Live.attached()
      let text =
        Self.head + """
          spec:
            lists:
            - {name: jail, direction: both}
            - {name: scanners, monitor: true, entries: [192.0.2.3]}

          """
      try live.ok(Self.prune, input: text)
      try live.ok(["set-list", "jail", "--ttl", "1h"])
      try live.ok(["drop-ip", "--list", "jail", "192.0.2.9"])
      try live.ok(["set-list", "made", "--direction", "out", "--add", "192.0.2.10"])
      try TemporaryDirectory.with { directory in
        let state = try directory.file("state.yaml")
        try live.ok(["dump", "host", "--file", state], format: "yaml")
        try live.ok(["unload", "--force"])
        try live.ok(["load"])
        try live.ok(["unload", "--force"])
        let policy = try directory.file(
          "policy.yaml", (text + "---\napiVersion: aegis/v1\nkind: Host\nspec: {}\n").utf8)
        try live.ok(["apply", "-f", policy, "--at-boot", "--restore", state, "--force"])
        #expect(try lists(live) == ["jail", "made", "scanners"])
        #expect(try entries(live, "jail") == ["192.0.2.9"])
        #expect(try entries(live, "jail", ["--out"]) == ["192.0.2.9"])
        #expect(try entries(live, "made") == ["192.0.2.10"])
        let jail = try live.ok(["dump", "lists"])["lists"][0]
        #expect(3_590_000...3_600_000 ~= (jail["remainingMilliseconds"].int ?? 0))
      }
    }
  }
}

extension AegisRunner {
  /// Runs aegisctl, which may also exit with another status than 0.
  fileprivate func ok(_ arguments: [String], or status: Int32) throws {
    let outcome = try run(arguments)
    #expect([0, status].contains(outcome.status), "\(outcome)")
  }

  fileprivate func ok(_ arguments: [String], format: String) throws {
    let outcome = try run(arguments + ["-o", format])
    #expect(outcome.status == 0, "\(outcome)")
  }
}
