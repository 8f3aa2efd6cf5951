import Foundation
import TestSupport
import Testing

extension Kernel {
  /// A policy that nobody confirmed, and the one before it.
  @Suite struct RollbackTests {
    private static let good = """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        default: deny
        drops: [{source: 192.0.2.9, note: old}, 198.51.100.0/24]
        keys: [{key: "any:7001/udp", rate: 1M/s}, {key: "any:22/tcp", protect: true}]
        rates: [{rate: 1M/s}, {rate: 5k/s, port: 53/udp, total: true}]

      """
    private static let bad = """
      apiVersion: aegis/v1
      kind: Policy
      spec: {default: deny, drops: [], keys: ["any:9/udp"], rates: []}

      """
    private static let confirmed = ["apply", "-f", "-", "--prune", "--force"]
    private static let unconfirmed = confirmed + ["--confirm-within", "1s"]

    private func spec(_ live: Live) throws -> String {
      try live.run(["dump", "-o", "yaml"]).output
    }

    private func drops(_ first: Int, _ count: Int) -> String {
      let drops = (first..<first + count).map { "198.51.100.\($0)" }.joined(separator: ", ")
      return "apiVersion: aegis/v1\nkind: Policy\nspec: {drops: [\(drops)]}\n"
    }

    @Test("a full list takes another for a while, and comes back")
    func aFullListComesBack() throws {
      let live = try Live.attached(load: ["--max-drops", "6"])
      try live.ok(Self.confirmed, input: drops(1, 6))
      let before = try spec(live)
      try live.ok(Self.unconfirmed, input: drops(11, 6))
      Thread.sleep(forTimeInterval: 1.1)
      try live.ok(["set-mode", "enforce"])
      #expect(try spec(live) == before)
      try live.ok(Self.confirmed + ["--confirm-within", "1h"], input: drops(21, 6))
      try live.ok(["rollback"])
      #expect(try spec(live) == before)
    }

    @Test("a policy for which there is no room any more stops nobody from making some")
    func whatDoesNotFitBlocksNothing() throws {
      let live = try Live.attached(load: ["--max-drops", "6"])
      try live.ok(Self.confirmed, input: drops(1, 6))
      let before = try spec(live)
      try live.ok(Self.unconfirmed, input: drops(11, 2))
      try live.ok(["load", "--replace", "--max-drops", "2"])
      Thread.sleep(forTimeInterval: 1.1)
      let outcome = try live.run(["set-mode", "enforce"])
      #expect(outcome.status == 0)
      #expect(outcome.error.contains("the previous policy cannot be restored: the capacity is"))
      #expect(try live.arrives(from: "198.51.100.11"))
      try live.ok(["load", "--replace", "--max-drops", "6"])
      #expect(
        try live.run(["set-mode", "enforce"]).error.contains("the previous policy was restored"))
      #expect(try spec(live) == before)
    }

    @Test("the client is back after the deadline, and the policy with the next change")
    func comesBack() throws {
      let live = try Live.attached()
      try live.ok(Self.confirmed, input: Self.good)
      let before = try spec(live)
      #expect(try live.arrives())
      try live.ok(Self.unconfirmed, input: Self.bad)
      #expect(try !live.arrives())
      Thread.sleep(forTimeInterval: 1.1)
      #expect(try live.arrives())
      #expect(try spec(live) != before)
      let outcome = try live.run(["drop-ip", "192.0.2.77", "--ttl", "1h"])
      #expect(outcome.status == 0)
      #expect(outcome.error.contains("not confirmed in time"))
      try live.ok(["drop-ip", "192.0.2.77", "--remove"])
      #expect(try spec(live) == before)
      #expect(try live.arrives())
      #expect(try live.ok(["status"])["secondsToConfirm"].isNull)
      #expect(try !live.names().contains("saved"))
    }

    @Test("repair brings it back too, with nobody at the keyboard")
    func repaired() throws {
      let live = try Live.attached()
      try live.ok(Self.confirmed, input: Self.good)
      let before = try spec(live)
      try live.ok(Self.unconfirmed, input: Self.bad)
      Thread.sleep(forTimeInterval: 1.1)
      #expect(try live.run(["repair", "--dry-run"]).status == 1)
      #expect(try spec(live) != before)
      let items = try live.ok(["repair"])["items"]
      #expect(items.first("name", "policy")["action"].string == "finished")
      #expect(try spec(live) == before)
      #expect(try live.ok(["repair"])["changed"].bool == false)
    }

    @Test("rollback brings the policy of before several unconfirmed changes back")
    func rollback() throws {
      let live = try Live.attached()
      try live.ok(Self.confirmed, input: Self.good)
      let before = try spec(live)
      try live.fails(1, ["rollback"])
      for text in [Self.bad, Self.good, Self.bad] {
        try live.ok(Self.confirmed + ["--confirm-within", "1h"], input: text)
      }
      try live.ok(["rollback", "--dry-run"])
      #expect(try spec(live) != before)
      #expect(try live.ok(["rollback"])["changed"].bool == true)
      #expect(try spec(live) == before)
      try live.fails(1, ["rollback"])
    }

    @Test("rollback after the deadline is as good")
    func late() throws {
      let live = try Live.attached()
      try live.ok(Self.confirmed, input: Self.good)
      let before = try spec(live)
      try live.ok(Self.unconfirmed, input: Self.bad)
      Thread.sleep(forTimeInterval: 1.1)
      try live.ok(["rollback"])
      #expect(try spec(live) == before)
    }

    @Test("what is confirmed cannot be rolled back, and stays")
    func confirm() throws {
      let live = try Live.attached()
      try live.ok(Self.confirmed, input: Self.good)
      try live.ok(Self.unconfirmed, input: Self.bad)
      let after = try spec(live)
      try live.ok(["confirm", "--force"])
      Thread.sleep(forTimeInterval: 1.1)
      try live.ok(["drop-ip", "192.0.2.77", "--remove"])
      #expect(try spec(live) == after)
      try live.fails(1, ["rollback"])
      #expect(try live.names() == ["current", "drop", "gen1", "links"])
    }

    @Test("a policy of thousands of entries with an end comes back with the time they have left")
    func large() throws {
      let live = try Live.attached()
      let hosts = (0..<5000).map { "10.1.\($0 / 256).\($0 % 256)" }.joined(separator: "\n")
      try live.ok(["drop-ip", "-f", "-", "--ttl", "1h", "--note", "many"], input: hosts)
      let before = try spec(live)
      try live.ok(Self.unconfirmed, input: Self.bad)
      #expect(try live.ok(["dump", "drops"])["drops"].array.isEmpty)
      Thread.sleep(forTimeInterval: 1.1)
      try live.ok(["rollback"])
      #expect(try spec(live) == before)
    }
  }
}
