import Foundation
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// Allow keys of several ports.
  @Suite struct PortKeyTests {
    private func keys(_ live: Live) throws -> [String] {
      try live.run(["dump", "keys", "-o", "name"]).output.split(separator: "\n").map(String.init)
    }

    private func hits(_ live: Live, _ key: String) throws -> Int? {
      try live.ok(["dump", "keys"])["keys"].first("name", key)["hits"].int
    }

    private static func denied() throws -> Live {
      let live = try Live.attached()
      try live.ok(["set-default", "deny"])
      return live
    }

    @Test("let in their ports, from their source, and nothing else")
    func letIn() throws {
      let live = try Self.denied()
      let (range, list) = ["any:7000-7003/udp", "192.0.2.0/24:7010,7020-7029"].split()
      #expect(try live.ok(["allow-key", range, list])["counts"]["added"].int == 2)
      #expect(try live.ok(["allow-key", range, list])["changed"].bool == false)
      #expect(try live.passes(3, port: 7000) == 3 && live.passes(2, port: 7003) == 2)
      #expect(try live.passes(2, port: 7004) == 0)
      #expect(try live.passes(2, port: 7010) == 0)
      #expect(try live.passes(4, from: "192.0.2.1", port: 7010) == 4)
      #expect(try live.passes(3, from: "192.0.2.255", port: 7029) == 3)
      #expect(try live.passes(3, from: "192.0.3.1", port: 7029) == 0)
      #expect(try keys(live) == [range, list])
      #expect(try hits(live, range) == 5 && hits(live, list) == 7)
      #expect(try live.stats()["pass.key"] == 12)
      #expect(try live.ok(["allow-key", "--remove", range])["counts"]["removed"].int == 1)
      #expect(try live.passes(2, port: 7000) == 0)
      #expect(try live.passes(4, from: "192.0.2.1", port: 7010) == 4)
      #expect(try hits(live, list) == 11)
      let other = try live.run(["allow-key", "--remove", "192.0.2.0/24:7010"])
      #expect(other.status == 1 && other.error.contains(list), "\(other)")
      try live.ok(["allow-key", "--remove", list])
      #expect(try keys(live).isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: live.aegis.root + "/rules") == [])
    }

    @Test("are asked last of the keys, and a limit rule does not keep a packet from them")
    func order() throws {
      let live = try Self.denied()
      let rate = ["--rate", "10/h", "--burst"]
      try live.ok(["allow-key", "any:7000-7009/udp"] + rate + ["6"])
      try live.ok(["allow-key", "192.0.2.2:7001/udp"] + rate + ["2"])
      try live.ok(["allow-key", "192.0.2.3:7000-7001"])
      #expect(try live.passes(9, from: "192.0.2.1", port: 7000) == 6)
      // One bucket for all its ports.
      #expect(try live.passes(9, from: "192.0.2.1", port: 7001) == 0)
      #expect(try live.passes(9, from: "192.0.2.2", port: 7001) == 2)
      #expect(try live.passes(9, from: "192.0.2.2", port: 7000) == 6)
      // With a protocol before without one.
      #expect(try live.passes(9, from: "192.0.2.3", port: 7000) == 6)
      try live.ok(
        ["set-rule", "slow", "--from", "192.0.2.4", "--then", "limit"] + rate + ["3"])
      #expect(try live.passes(9, from: "192.0.2.4", port: 7000) == 3)
      #expect(try live.passes(9, from: "192.0.2.4", port: 7010) == 0)
      try live.ok(["set-rule", "bad", "--port", "7002/udp", "--then", "drop"])
      #expect(try live.passes(3, from: "192.0.2.5", port: 7002) == 0)
      let why = try live.ok(["why", "192.0.2.4", "to", "7000/udp"])
      #expect(why["reason"].string == "pass.key" || why["reason"].string == "drop.rate")
      let stages = why["steps"].array
      #expect(stages.contains { $0["entry"]["name"].string == "any:7000-7009/udp" }, "\(why)")
      #expect(stages.contains { $0["rule"]["name"].string == "slow" }, "\(why)")
    }

    @Test("end by themselves, keep their notes, and are swept")
    func ends() throws {
      let live = try Self.denied()
      try live.ok(["allow-key", "any:7000-7001", "--ttl", "700ms", "--note", "trial"])
      try live.ok(["allow-key", "any:7005,7007", "--note", "kept"])
      let dump = try live.ok(["dump", "keys"])["keys"]
      #expect(dump.first("name", "any:7000,7001")["note"].string == "trial")
      #expect(try live.passes(2, port: 7000) == 2)
      Thread.sleep(forTimeInterval: 0.8)
      #expect(try live.passes(2, port: 7000) == 0)
      #expect(try keys(live) == ["any:7005,7007"])
      try live.ok(["allow-key", "any:1"])
      let table = PortKeyTable(try Datapath(at: PinRoot(live.aegis.root)))
      #expect(try table.count() == 1)
      #expect(
        try live.ok(["dump", "keys"])["keys"].first("name", "any:7005,7007")["note"].string
          == "kept")
      try live.ok(["allow-key", "any:7005,7007", "--note", "again", "--rate", "5/s"])
      let changed = try live.ok(["dump", "keys"])["keys"].first("name", "any:7005,7007")
      #expect(changed["note"].string == "again" && changed["rate"].string == "5/s", "\(changed)")
    }

    @Test("come back as they were: from a dump, a rollback, an upgrade and a repair")
    func kept() throws {
      let live = try Self.denied()
      try live.ok(["allow-key", "any:7000-7003/udp", "--rate", "10/h", "--burst", "5"])
      try live.ok(["allow-key", "--out", "192.0.2.0/24:80,443/tcp", "--note", "mirrors"])
      #expect(try live.passes(9, port: 7000) == 5)
      let before = try live.run(["dump", "-o", "yaml"]).output
      #expect(before.contains("any:7000-7003/udp") && before.contains("192.0.2.0/24:80,443/tcp"))
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: before).status == 0)

      try live.ok(["load", "--replace"])
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: before).status == 0)
      // It owes what it owed.
      #expect(try live.passes(9, port: 7001) == 0)
      #expect(try hits(live, "any:7000-7003/udp") ?? 0 >= 9)

      let other = "apiVersion: aegis/v1\nkind: Policy\nspec:\n  default: deny\n  keys: [any:1-9]\n"
      let prune = ["apply", "-f", "-", "--prune", "--force"]
      try live.ok(prune + ["--confirm-within", "1h"], input: other)
      #expect(try keys(live) == ["any:1-9"])
      try live.ok(["rollback"])
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: before).status == 0)

      for pin in try FileManager.default.contentsOfDirectory(atPath: live.aegis.root + "/rules")
      where pin != "out" {
        try FileManager.default.removeItem(atPath: live.aegis.root + "/rules/" + pin)
      }
      try live.ok(["repair"])
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: before).status == 0)
      #expect(try live.passes(2, from: "192.0.2.9", port: 7002) == 2)
    }

    @Test("are refused where they cannot be, and nothing changes")
    func refused() throws {
      let live = try Self.denied()
      let protected = try live.run(["allow-key", "any:1-2/tcp", "--protect"])
      #expect(protected.status == 65 && protected.error.contains("a protected key has one port"))
      let file =
        "apiVersion: aegis/v1\nkind: Policy\nspec:\n  keys: [{key: any:1-2/tcp, protect: true}]\n"
      #expect(try live.run(["apply", "-f", "-", "--force"], input: file).status == 65)
      let words = ["any:2-1/tcp", "any:0-5", "any:1,,2", "any:1-65536", "any:1-2/icmp", "any:,"]
      for text in words { #expect(try live.run(["allow-key", text]).status == 65, "\(text)") }
      #expect(try live.run(["why", "192.0.2.1:1-2", "to", "22"]).status == 65)
      // As many ranges as the table tells apart, and one more.
      let most = (1...511).map { "\($0 * 4)" }.joined(separator: ",")
      try live.ok(["allow-key", "any:\(most)/udp"])
      let keys = (0..<300).map { "192.0.2.0/24:\(3000 + $0),\(4000 + $0)/udp" }
      let many = try live.run(["allow-key"] + keys)
      #expect(many.status == 1 && many.error.contains("allow keys of several ports"), "\(many)")
      #expect(try self.keys(live).count == 1)
      #expect(try live.ok(["allow-key"] + keys[..<255])["counts"]["added"].int == 255)
      #expect(try live.passes(2, from: "192.0.2.1", port: 3254) == 2)
      #expect(try live.run(["allow-key", keys[255]]).status == 1)
      let far = (0..<600).map { "\(20_000 + 2 * $0)" }.joined(separator: ",")
      try live.ok(["allow-key", "--remove"] + keys[..<255])
      let kinds = try live.run(
        ["allow-key", "10.0.0.1:\(far)", "10.0.0.2:\(far)", "10.0.0.3:1-65535"])
      #expect(kinds.status == 0, "\(kinds)")
    }

    @Test("are named by events, and the guard knows them")
    func seen() throws {
      let live = try Self.denied()
      let key = "\(live.peer):7000-7002/udp"
      try live.ok(["allow-key", key])
      #expect(try live.passes(1, port: 7001) == 1)
      let run = { (words: [String]) in
        try live.aegis.run(words, namespace: live.sandbox.host.namespace)
      }
      let remove = ["allow-key", "--remove", key, "--guard", "\(live.peer):7002/udp"]
      let refused = try run(remove)
      #expect(refused.status == 79, "\(refused)")
      let found = try run(["why", live.peer, "to", "7002/udp"])
      #expect(found.output.contains(key), "\(found)")
      #expect(try run(["allow-key", "--remove", key, "--force"]).status == 0)
    }
  }
}

extension [String] {
  fileprivate func split() -> (String, String) { (self[0], self[1]) }
}
