import Foundation
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  struct ReplaceAllTests {
    private func names(_ live: Live) throws -> [String] {
      try live.ok(["dump", "drops"])["drops"].array.compactMap { $0["name"].string }
    }

    @Test func theListIsAllThereIs() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.1", "192.0.2.2", "198.51.100.0/24", "2001:db8::/32"])
      let list = "192.0.2.2\n203.0.113.0/24\n203.0.113.9\n"
      let dry = try live.ok(["drop-ip", "--replace-all", "-f", "-", "--dry-run"], input: list)
      let counts = ["added": 1, "removed": 3, "unchanged": 1]
      for (action, count) in counts { #expect(dry["counts"][action].int == count) }
      #expect(try names(live).count == 4)

      let made = try live.ok(["drop-ip", "--replace-all", "-f", "-"], input: list)
      for (action, count) in counts { #expect(made["counts"][action].int == count) }
      #expect(made["merged"].int == 1)
      #expect(try names(live) == ["192.0.2.2", "203.0.113.0/24"])
      #expect(try live.arrives(from: "192.0.2.1"))
      #expect(try live.arrives(from: "198.51.100.1"))
      #expect(try !live.arrives(from: "192.0.2.2"))
      #expect(try !live.arrives(from: "203.0.113.9"))
      let again = try live.ok(["drop-ip", "--replace-all", "-f", "-"], input: list)
      #expect(again["changed"].bool == false)
      try live.ok(["drop-ip", "--replace-all", "192.0.2.3", "--ttl", "1h"])
      #expect(try names(live) == ["192.0.2.3"])
    }

    @Test func roomForEachListIsEnough() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "20"])
      func list(_ third: Int) -> [String] {
        (1...10).flatMap { ["192.0.\(third).\($0)", "10.\(third).\($0).0/24"] }.sorted()
      }
      for third in 1...3 {
        try live.ok(["drop-ip", "--replace-all"] + list(third))
        #expect(try Set(names(live)) == Set(list(third)))
      }
      // All the old hosts are in a prefix that comes.
      try live.ok(["drop-ip", "--replace-all", "192.0.3.0/24"] + (1...10).map { "192.9.9.\($0)" })
      #expect(try names(live).count == 11)
      // Old prefixes that hold what comes stay until it is there.
      try live.ok(["drop-ip", "--replace-all"] + list(1))
      let halves = (1...20).map { "10.1.\($0).0/25" }
      try live.ok(["drop-ip", "--replace-all"] + halves)
      #expect(try Set(names(live)) == Set(halves))
      let more = (1...21).map { "192.0.2.\($0)" }
      #expect(try live.fails(1, ["drop-ip", "--replace-all"] + more).contains("20 IPv4"))
      #expect(try Set(names(live)) == Set(halves))
    }

    @Test("a policy whose drops alone change makes room for them too")
    func roomForEachPolicyIsEnough() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "20"])
      for third in 1...3 {
        let drops = (1...10).flatMap { ["192.0.\(third).\($0)", "10.\(third).\($0).0/24"] }
        let text =
          "apiVersion: aegis/v1\nkind: Policy\nspec: {drops: [\(drops.joined(separator: ", "))]}\n"
        try live.ok(["apply", "-f", "-", "--prune"], input: text)
        #expect(try Set(names(live)) == Set(drops))
      }
    }

    @Test("without room nothing changes, not even what was there")
    func withoutRoomNothingChanges() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "3", "--max-keys", "3"])
      try live.ok(["drop-ip", "1.1.1.1", "1.1.1.2", "1.1.1.3", "--note", "ban"])
      try live.ok(["allow-key", "2.2.2.1", "2.2.2.2", "2.2.2.3", "--rate", "100/s"])
      let policy = PinRoot(live.aegis.root)
      let before = try Policy(of: Datapath(at: policy))
      try live.fails(1, ["drop-ip", "1.1.1.1", "9.9.9.9", "--ttl", "2s", "--note", "oops"])
      try live.fails(1, ["allow-key", "2.2.2.1", "2.2.2.9", "--rate", "1/s", "--ttl", "2s"])
      #expect(try Policy(of: Datapath(at: policy)) == before)
    }

    @Test("what has expired takes no room, in a dry run either")
    func whatHasExpiredTakesNoRoom() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "4"])
      try live.ok(["drop-ip"] + (1...4).map { "1.1.1.\($0)" } + ["--ttl", "1s"])
      usleep(1_100_000)
      let others = (1...4).map { "2.2.2.\($0)" }
      try live.ok(["drop-ip", "--replace-all", "--dry-run"] + others)
      try live.ok(["drop-ip", "--replace-all"] + others)
      #expect(try names(live) == others)
    }

    @Test func whatIsOnBothListsIsNeverLetThrough() throws {
      let live = try Live.attached()
      // Listed by itself, by a /24 and by a /16, in turn and among others.
      let watched = "198.51.100.7"
      let shapes = [watched, "198.51.100.0/24", "198.51.0.0/16"]
      let files = try shapes.enumerated().map { index, shape in
        let others = (0..<400).map { "203.\(index).\($0 / 200).\($0 % 200)" }
        let path = "/tmp/aegis-\(RandomName.hex(8)).txt"
        try (others + [shape, "20.\(index).0.0/16"]).joined(separator: "\n")
          .write(toFile: path, atomically: false, encoding: .utf8)
        return path
      }
      defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
      try live.ok(["drop-ip", "-f", files[0]])
      let receiver = try live.sandbox.receiver(port: 7000)
      var sent = 0
      for round in 1...30 {
        let call = try live.aegis.command(
          ["drop-ip", "-q", "--replace-all", "-f", files[round % 3]]
        ).start()
        for _ in 0..<5 {
          try live.sandbox.send(from: watched, port: 7000, count: 200)
          sent += 200
        }
        #expect(try call.wait().status == 0)
        #expect(try names(live).count == 402)
      }
      #expect(receiver.count() == 0)
      let stats = try live.stats()
      #expect(stats["drop.host"] + stats["drop.prefix"] == sent)
    }
  }
}
