import Foundation
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// `rules:` of policy files, in a loaded datapath, and what is said about packets that match them.
  @Suite struct RulePolicyTests {
    private static let head = "apiVersion: aegis/v1\nkind: Policy\n"
    private static let rules = """
        - {name: trial, match: {from: 192.0.2.0/24}, then: drop, monitor: true, note: to come}
        - {name: friends, match: {from: "list:partners", port: [7001, 7002]}, then: allow}
        - name: scan
          match: {from: [192.0.2.0/28, 198.51.100.0/24], protocol: udp, port: "7001,7003/udp"}
          not: {from: 192.0.2.3}
          then: drop
          note: seen at night
          expires: 2036-12-01T08:00:00Z
        - {name: slow, match: {port: 7000/udp}, then: limit, rate: 1/h, burst: 3, total: true}
        - {name: free, match: {port: 7004}, then: limit, rate: 'off'}

      """
    private static let policy =
      head + "spec:\n  default: allow\n"
      + "  lists: [{name: partners, action: none, entries: [192.0.2.2]}]\n  rules:\n" + rules
      + "  out:\n    rules:\n    - {name: away, match: {to: 203.0.113.0/24}, then: drop}\n"
    private static let prune = ["apply", "-f", "-", "--prune", "--force"]

    private func apply(_ live: Live, _ text: String = Self.policy) throws {
      try live.ok(["apply", "-f", "-", "--force"], input: text)
    }

    private func document(_ live: Live) throws -> String {
      try live.run(["dump", "-o", "yaml"]).output
    }

    private func isThere(_ live: Live, _ document: String) throws -> Bool {
      try live.run(["diff", "-f", "-", "--prune"], input: document).status == 0
    }

    private func names(_ live: Live, _ direction: Direction = .in) throws -> [String] {
      try RuleTable(Datapath(at: PinRoot(live.aegis.root))[direction]).rules().map(\.name.text)
    }

    /// That the rules decide as they are declared above.
    private func checkVerdicts(_ live: Live) throws {
      #expect(try live.arrives(from: "192.0.2.2") && !live.arrives(from: "192.0.2.1"))
      #expect(try live.arrives(from: "192.0.2.3") && !live.arrives(from: "198.51.100.1"))
      #expect(try live.arrives(from: "192.0.2.1", port: 7002))
      #expect(try live.ok(["why", "--out", "203.0.113.7"])["reason"].string == "drop.rule")
      #expect(try live.ok(["why", "--out", "192.0.2.1"])["reason"].string == "pass.default")
    }

    @Test("the first rule that matches decides, and a second apply changes nothing")
    func applies() throws {
      let live = try Live.attached()
      let plan = try live.ok(["apply", "-f", "-", "--force"], input: Self.policy)
      let items = plan["items"].array.filter { $0["part"].string == "rule" }
      #expect(
        items.map { $0["name"].string } == ["trial", "friends", "scan", "slow", "free", "away"])
      #expect(items.map { $0["direction"].string } == .init(repeating: "in", count: 5) + ["out"])
      try checkVerdicts(live)
      let again = try live.ok(["apply", "-f", "-", "--force"], input: Self.policy)
      #expect(again["changed"].bool == false && again["items"].array.isEmpty)
      #expect(try isThere(live, Self.policy))
      #expect(try live.passes(10, from: "203.0.113.1", port: 7000) == 3)
      #expect(try live.passes(10, from: "203.0.113.1", port: 7004) == 10)
    }

    @Test("without --prune other rules stay behind those of the file, and --prune removes them")
    func order() throws {
      let live = try Live.attached()
      try apply(live)
      let some =
        Self.head + """
          spec:
            rules:
            - {name: slow, match: {port: 7000/udp}, then: drop}
            - {name: new, match: {from: 192.0.2.1}, then: allow}

          """
      let told = try live.ok(["apply", "-f", "-", "--force"], input: some)
      #expect(told["remaining"].int == 4, "\(told)")
      #expect(try names(live) == ["slow", "new", "trial", "friends", "scan", "free"])
      #expect(try live.arrives(from: "192.0.2.1") && !live.arrives(from: "192.0.2.4"))
      #expect(try !live.arrives(port: 7000) && names(live, .out) == ["away"])
      // Only the order differs.
      let other =
        Self.head + "spec: {rules: [{name: new, match: {from: 192.0.2.1}, then: allow}, "
        + "{name: slow, match: {port: 7000/udp}, then: drop}]}\n"
      #expect(try !live.arrives(from: "192.0.2.1", port: 7000))
      let differs = try live.run(["diff", "-f", "-", "-o", "json"], input: other)
      #expect(differs.status == 1 && differs.output.contains("place 1, from 192.0.2.1"))
      let plan = try live.ok(Self.prune, input: other)
      #expect(plan["counts"]["removed"].int == 4 && plan["counts"]["changed"].int == 2)
      #expect(try names(live) == ["new", "slow"] && names(live, .out) == ["away"])
      #expect(try live.arrives(from: "192.0.2.1", port: 7000) && live.arrives(from: "192.0.2.4"))
      try live.ok(Self.prune, input: Self.head + "spec: {rules: []}\n")
      #expect(try names(live).isEmpty && live.arrives(port: 7000))
      // Without rules in the file, none is managed.
      try live.ok(Self.prune, input: Self.head + "spec: {default: allow}\n")
      #expect(try names(live, .out) == ["away"])
    }

    @Test("what dump writes is the same policy, in this datapath and in a new one")
    func dumps() throws {
      let live = try Live.attached()
      try apply(live)
      let document = try document(live)
      #expect(document.contains("port: 7001,7003/udp") && document.contains("from: list:partners"))
      #expect(try isThere(live, document))
      try live.ok(["unload", "--force"])
      try live.ok(["load"])
      try live.ok(Self.prune, input: document)
      #expect(try isThere(live, document) && self.document(live) == document)
      try live.ok(["attach", live.interface])
      try checkVerdicts(live)
    }

    @Test("a rule stays what it is as long as its expiry, rate and note do")
    func changes() throws {
      let live = try Live.attached()
      try apply(live)
      for (old, new) in [
        ("1/h, burst: 3", "2/h, burst: 3"), ("note: seen at night", "note: seen at noon"),
        ("2036-12-01T08:00:00Z", "2036-12-01T09:00:00Z"), ("total: true", "total: false"),
        ("then: limit, rate: 'off'", "then: drop"), (", monitor: true", ""),
        ("    not: {from: 192.0.2.3}\n", ""), ("192.0.2.0/28", "192.0.2.0/27"),
      ] {
        let text = Self.policy.replacing(old, with: new)
        #expect(text != Self.policy)
        let plan = try live.ok(Self.prune, input: text)
        #expect(plan["items"].array.count == 1 && plan["counts"]["changed"].int == 1, "\(plan)")
        #expect(try isThere(live, text) && !isThere(live, Self.policy))
        try live.ok(Self.prune, input: Self.policy)
        #expect(try isThere(live, Self.policy))
      }
    }

    @Test("rollback, and a deadline that passes, bring rules back in their order")
    func rollback() throws {
      let live = try Live.attached()
      try apply(live)
      let before = try document(live)
      let other =
        Self.head + "spec: {rules: [{name: scan, then: drop, match: {from: 192.0.2.2}}, "
        + "{name: trial, then: allow}], lists: [], out: {rules: []}}\n"
      try live.ok(Self.prune + ["--confirm-within", "1h"], input: other)
      #expect(try names(live) == ["scan", "trial"] && names(live, .out).isEmpty)
      #expect(try live.arrives(from: "192.0.2.1") && !live.arrives(from: "192.0.2.2"))
      try live.ok(["rollback"])
      #expect(try isThere(live, before) && document(live) == before)
      try checkVerdicts(live)
      try live.ok(Self.prune + ["--confirm-within", "1s"], input: other)
      Thread.sleep(forTimeInterval: 1.1)
      try live.ok(["repair"])
      #expect(try document(live) == before)
      try checkVerdicts(live)
      try live.ok(Self.prune + ["--confirm-within", "1h"], input: other)
      try live.ok(["confirm"])
      #expect(try isThere(live, other))
    }

    @Test("load --replace and --rollback keep rules")
    func replaces() throws {
      let live = try Live.attached()
      try apply(live)
      let before = try document(live)
      for arguments in [["--replace"], ["--replace", "--max-drops", "1000"], ["--rollback"]] {
        try live.ok(["load"] + arguments)
        #expect(try document(live) == before)
        try checkVerdicts(live)
      }
      try live.ok(Self.prune, input: Self.head + "spec: {rules: [], lists: []}\n")
      #expect(try live.arrives(from: "192.0.2.1"))
    }

    @Test(
      "a past layout has no rules, and the one it is replaced by takes some",
      arguments: PastInstance.possible)
    func layouts(_ layout: PastInstance) throws {
      let live = Live(try Sandbox(ipv6: false))
      try layout.attach(to: live, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      try live.ok(["load", "--replace"])
      #expect(try names(live).isEmpty)
      try apply(live)
      try checkVerdicts(live)
      #expect(try isThere(live, Self.policy))
    }

    @Test("why and events name the rule, and its rate is called by it")
    func told() throws {
      let live = try Live.attached()
      try apply(live)
      let dropped = try live.ok(["why", "192.0.2.1", "to", "7001/udp"])
      #expect(dropped["reason"].string == "drop.rule" && dropped["wouldDrop"].isNull == false)
      let steps = dropped["steps"].array.filter { $0["stage"].string == "rules" }
      #expect(steps.map { $0["rule"]["name"].string } == ["trial", "scan"])
      #expect(steps.map { $0["result"].string } == ["would drop", "drops"])
      #expect(steps[1]["rule"]["note"].string == "seen at night")
      #expect((steps[1]["rule"]["remainingMilliseconds"].int ?? 0) > 0)
      let friend = try live.ok(["why", "192.0.2.2", "to", "7001/udp"])
      #expect(friend["reason"].string == "pass.rule")

      let reading = try EventReading(live)
      try live.sandbox.send(from: "192.0.2.1", port: 7001)
      try live.sandbox.send(from: "192.0.2.2", port: 7001)
      try live.sandbox.send(from: "192.0.2.9", port: 7005)
      try live.sandbox.send(from: "203.0.113.9", port: 7005)
      try live.sandbox.send(from: "203.0.113.9", port: 7000, count: 4)
      let events = try reading.end().all
      func rules(_ source: String, _ port: Int) -> [String?] {
        events.filter {
          $0["source"].string == source && $0["destinationPort"].int == port
        }.map { $0["rule"].string }
      }
      #expect(rules("192.0.2.1", 7001) == ["rule scan"])
      // It would have been dropped.
      #expect(rules("192.0.2.2", 7001) == ["rule trial"])
      #expect(rules("192.0.2.9", 7005) == ["rule trial"])
      #expect(rules("203.0.113.9", 7005) == [nil])
      #expect(rules("203.0.113.9", 7000) == [nil, nil, nil, "rule slow"])

      let over = try live.ok(["why", "203.0.113.9", "to", "7000/udp"])
      #expect(over["reason"].string == "drop.rate")
      let bucket = over["steps"].first("stage", "rate")["buckets"][0]
      #expect(bucket["rule"]["rule"].string == "rule slow" && bucket["total"].bool == true)
      let free = try live.ok(["why", "203.0.113.9", "to", "7004/udp"])
      #expect(free["reason"].string == "pass.default")
      #expect(free["steps"].first("stage", "rate").isNull)
      let limited = try live.run(["why", "203.0.113.9", "to", "7000/udp"]).output
      #expect(limited.contains("slow: limit 1/h burst 3 total"), "\(limited)")
      #expect(limited.contains("for all sources together, of rule slow"))
    }

    @Test func theRateOfARuleIsCalledByIt() throws {
      let live = try Live.attached()
      let rule = "{name: slow, match: {port: 7000}, then: limit, rate: 1/m, burst: 10}"
      try apply(live, Self.head + "spec: {rules: [\(rule)]}\n")
      #expect(try live.passes(5010, from: "192.0.2.9", port: 7000) == 10)
      let found = try live.ok(["dump", "offenders"])["offenders"].first("name", "192.0.2.9")
      #expect(found["rule"].string == "rule slow")
    }

    @Test("what a rule names must be there, and stays as long as it is named")
    func references() throws {
      let live = try Live.attached()
      try apply(live)
      for (spec, message) in [
        ("lists: []", "rule friends: there is no list partners"),
        ("lists: [{name: partners}]", "rule friends: list partners drops what is in it"),
        ("rules: [{name: x, match: {class: none}, then: drop}]", "rule x: there is no class none"),
        ("rules: [{name: x, match: {from: 'list:gone'}, then: drop}]", "there is no list gone"),
      ] {
        let said = try live.fails(65, Self.prune, input: Self.head + "spec: {\(spec)}\n")
        #expect(said.contains(message), "\(said)")
      }
      #expect(try isThere(live, Self.policy))
      let many = (0...256).map { "{name: r\($0), then: allow}" }.joined(separator: ", ")
      let said = try live.fails(65, Self.prune, input: Self.head + "spec: {rules: [\(many)]}\n")
      #expect(said.contains("there can be no more than 256 rules, not 257"), "\(said)")
    }

    @Test("rules are there again after a reboot")
    func boot() throws {
      let live = try Live.attached()
      try live.ok(Self.prune, input: Self.policy)
      try TemporaryDirectory.with { directory in
        let policy = try directory.file(
          "policy.yaml", (Self.policy + "---\napiVersion: aegis/v1\nkind: Host\nspec: {}\n").utf8)
        try live.ok(["unload", "--force"])
        try live.ok(["apply", "-f", policy, "--at-boot", "--force"])
        #expect(try names(live) == ["trial", "friends", "scan", "slow", "free"])
        #expect(try isThere(live, Self.policy))
      }
    }
  }
}
