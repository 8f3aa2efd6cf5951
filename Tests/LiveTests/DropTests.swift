import Foundation
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  struct DropTests {
    @Test func hostsPrefixesAndRemoval() throws {
      let live = try Live.attached(ipv6: true)
      let receiver = try live.sandbox.receiver(port: 7000)
      let dropped = ["192.0.2.9", "198.51.100.77", "2001:db8:bad::1", "2001:db8:5:6::9"]
      let entries = ["192.0.2.9", "198.51.100.0/24", "2001:db8:bad::1", "2001:db8:5::/48"]
      let passing = ["192.0.2.10", "198.51.101.1", "2001:db8:bad::2", "2001:db8:6::9"]
      let added = try live.ok(["drop-ip"] + entries + ["--note", "live test"])
      #expect(added["counts"]["added"].int == 4)
      #expect(try live.ok(["drop-ip"] + entries)["changed"].bool == false)

      for (index, source) in dropped.enumerated() {
        try live.sandbox.send(from: source, port: 7000, count: 3 + index)
      }
      for source in passing { try live.sandbox.send(from: source, port: 7000, count: 2) }
      #expect(receiver.take().map(\.source).sorted() == (passing + passing).sorted())
      let stats = try live.stats()
      #expect(stats["drop.host"] == 3 + 5)
      #expect(stats["drop.prefix"] == 4 + 6)
      #expect(stats.isConsistent)

      let dump = try live.ok(["dump", "drops"])["drops"]
      for (index, entry) in entries.enumerated() {
        #expect(dump.first("name", entry)["hits"].int == 3 + index, "\(entry)")
        #expect(dump.first("name", entry)["note"].string == "live test")
      }
      #expect(try live.ok(["drop-ip", "--remove"] + entries)["counts"]["removed"].int == 4)
      #expect(try live.ok(["drop-ip", "--remove"] + entries)["changed"].bool == false)
      for source in dropped { try live.sandbox.send(from: source, port: 7000) }
      #expect(receiver.take().map(\.source).sorted() == dropped.sorted())
    }

    @Test("one address costs at most 15 bpf(2) calls where it covers nobody that is guarded")
    func oneAddressIsCheap() throws {
      let live = try Live.attached()
      // The first one makes a table.
      try live.ok(["drop-ip", "192.0.2.9"])
      for (address, note) in [
        ("192.0.2.1", "first"), ("192.0.2.2", "first"), ("192.0.2.3", "other"),
      ] {
        let command = live.aegis.command(
          ["drop-ip", address, "--ttl", "1h", "--note", note],
          namespace: live.sandbox.host.namespace)
        let calls = try Strace.record(command, from: live.aegis.root).filter { $0.name == "bpf" }
        #expect(8...15 ~= calls.count, "\(calls)")
      }
    }

    @Test("a map that is full of what has expired is looked into again once it was swept")
    func whatTakesTheRoomOfExpiredEntriesIsInForce() throws {
      let live = try Live.attached(load: ["--max-drops", "8"])
      let session = try Session(at: PinRoot(live.aegis.root), timeout: .seconds(5))
      let datapath = try session.datapath()
      let list = DropList(datapath)
      for (first, life) in [(1, Duration.milliseconds(20)), (101, .seconds(3600))] {
        let hosts = try (first..<first + 8).map { try Prefix("198.51.100.\($0)") }
        let edit = EntryEdit(end: .after(life))
        let plan = try list.plan(putting: ListContents(hosts)) { _ in edit }.plan
        try PlanExecutor(datapath).run(plan, in: session)
        usleep(50_000)
      }
      #expect(try list.entries().map { "\($0.element)" } == (101...108).map { "198.51.100.\($0)" })
      #expect(try !live.arrives(from: "198.51.100.105"))
      #expect(try live.arrives(from: "198.51.100.5"))
    }

    @Test(
      "a prefix within a listed one is an entry of its own", arguments: ["drop-ip", "allow-key"])
    func nested(verb: String) throws {
      let live = try Live.attached()
      let suffix = verb == "allow-key" ? ":53/udp" : ""
      let (wide, narrow, other) = (
        "10.0.0.0/8" + suffix, "10.1.0.0/16" + suffix, "10.2.0.0/16" + suffix
      )
      #expect(try live.ok([verb, wide])["counts"]["added"].int == 1)
      #expect(try live.ok([verb, narrow])["counts"]["added"].int == 1)
      #expect(try live.fails(1, [verb, "--remove", other]).contains(wide))
      let removed = try live.run([verb, "--remove", narrow, "-o", "json"])
      #expect(try removed.json["counts"]["removed"].int == 1)
      // The key is gone as it was asked; the source is still dropped.
      #expect(removed.status == (verb == "allow-key" ? 0 : 1))
      #expect(try live.ok([verb, wide])["changed"].bool == false)
    }

    @Test func aSourceThatIsStillDroppedIsNamed() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.0/24", "192.0.2.7", "192.0.0.0/16", "198.51.100.9"])
      let by = "192.0.2.7 would still be dropped, by 192.0.2.0/24"
      #expect(try live.fails(1, ["drop-ip", "--remove", "192.0.2.7", "--dry-run"]).contains(by))
      for _ in 0..<2 {
        let error = try live.fails(1, ["drop-ip", "--remove", "192.0.2.7"])
        #expect(error.contains("192.0.2.7 is still dropped, by 192.0.2.0/24"))
        #expect(error.contains("hint: aegisctl drop-ip --remove 192.0.2.0/24, or"))
      }
      #expect(try !live.arrives(from: "192.0.2.7"))
      let list = "192.0.2.7\n192.0.2.8\n192.9.9.9\n"
      let error = try live.fails(1, ["drop-ip", "--remove", "-f", "-"], input: list)
      #expect(error.contains("192.0.2.7 is") && error.contains("192.0.2.8 is"))
      #expect(!error.contains("192.9.9.9"))
      // Both at once, and the one behind them.
      let both = try live.fails(1, ["drop-ip", "--remove", "192.0.2.7", "192.0.2.0/24"])
      #expect(both.contains("192.0.2.7 is still dropped, by 192.0.0.0/16"))
      #expect(both.contains("192.0.2.0/24 is still dropped, by 192.0.0.0/16"))
      try live.ok(["drop-ip", "--remove", "192.0.0.0/16", "192.0.2.7"])
      #expect(try live.arrives(from: "192.0.2.7"))
      // Of a prefix that is not there, what is in it.
      let inside = try live.fails(1, ["drop-ip", "--remove", "198.51.100.0/24"])
      #expect(inside.contains("198.51.100.0/24 is not on the list, but 198.51.100.9 in it is"))
      #expect(inside.contains("hint: aegisctl drop-ip --remove 198.51.100.9"))
      try live.ok(["drop-ip", "--remove", "203.0.113.0/24", "203.0.113.9", "2001:db8::/32"])
    }

    @Test func aMonitoredOrExpiredPrefixDropsNothing() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.0/24", "--monitor"])
      try live.ok(["drop-ip", "192.0.0.0/16", "--ttl", "100ms"])
      usleep(150_000)
      try live.ok(["drop-ip", "--remove", "192.0.2.7"])
      try live.ok(["drop-ip", "192.0.0.0/16"])
      #expect(try live.fails(1, ["drop-ip", "--remove", "192.0.2.7"]).contains("by 192.0.0.0/16"))
    }

    @Test func aKeyThatIsNotThereNamesThoseThatAre() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["allow-key", "any:22/tcp", "192.0.2.7:53/udp", "[2001:db8::/32]:443/tcp"])
      let error = try live.fails(1, ["allow-key", "--remove", "192.0.2.7:22/tcp"])
      #expect(error.contains("192.0.2.7:22/tcp is not a key, but any:22/tcp allows some"))
      let wide = try live.fails(1, ["allow-key", "--remove", "192.0.2.7"])
      #expect(wide.contains("but 192.0.2.7:53/udp allows some"))
      // A narrower key that stays does not make the repetition of a removal wrong.
      try live.ok(["allow-key", "--remove", "192.0.2.0/24:53/udp"])
      let six = try live.fails(1, ["allow-key", "--remove", "[2001:db8::1]:443/tcp"])
      #expect(six.contains("hint: aegisctl allow-key --remove '[2001:db8::/32]:443/tcp'"))
      try live.ok(["allow-key", "--remove", "192.0.2.7:54/udp"])
      try live.ok(["allow-key", "--remove", "any:22/tcp", "192.0.2.7:22/tcp"])
    }

    @Test func ofAnExpiredEntryNothingIsLeft() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["drop-ip", "192.0.2.1", "--ttl", "200ms", "--note", "old", "--monitor"])
      try live.ok(["allow-key", "any:1/udp", "--ttl", "200ms", "--note", "old", "--rate", "5/s"])
      usleep(250_000)
      try live.ok(["drop-ip", "192.0.2.1"])
      try live.ok(["allow-key", "any:1/udp"])
      let dump = try live.ok(["dump"])
      #expect(dump["drops"][0]["note"].string == nil && dump["drops"][0]["monitor"].bool == false)
      #expect(dump["keys"][0]["note"].string == nil && dump["keys"][0]["rate"].string == nil)
      #expect(try Picture(of: live).strayRates == 0)
    }

    @Test("to take many away, or to add many, touches no other", arguments: [1, 200])
    func others(count: Int) throws {
      // So small that the whole map is read at once.
      let live = try Live.attached(load: ["--max-drops", "256"])
      let many = (0..<count).map { "10.0.\($0 / 256).\($0 % 256)" }
      try live.ok(["drop-ip"] + many + ["192.0.2.7"])
      #expect(try live.ok(["drop-ip"] + many)["counts"]["unchanged"].int == count)
      #expect(try live.ok(["drop-ip", "--remove"] + many)["counts"]["removed"].int == count)
      let left = try live.ok(["dump", "drops"])["drops"].array.map { $0["name"].string }
      #expect(left == ["192.0.2.7"])
    }

    @Test("a key for which there is no room leaves no rate behind")
    func refusedKeyLeavesNoRate() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-keys", "2"])
      try live.ok(["allow-key", "any:1/udp", "any:2/udp", "--rate", "5/s"])
      try live.fails(1, ["allow-key", "any:3/udp", "any:4/udp", "--rate", "6/s"])
      #expect(try Picture(of: live).strayRates == 0)
    }

    @Test func anEntryExpiresByItself() throws {
      let live = try Live.attached()
      let receiver = try live.sandbox.receiver(port: 7000)
      try live.ok(["drop-ip", "192.0.2.9", "--ttl", "1s"])
      try live.ok(["drop-ip", "198.51.100.0/24", "--ttl", "1s"])
      try live.ok(["drop-ip", "198.51.0.0/16", "--ttl", "1h"])
      let start = Date()
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 5)
      try live.sandbox.send(from: "198.51.100.1", port: 7000, count: 5)
      if Date().timeIntervalSince(start) < 0.7 { #expect(receiver.count() == 0) }
      Thread.sleep(forTimeInterval: 1.2)
      _ = receiver.take()
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 5)
      #expect(receiver.count() == 5)
      // The longer prefix is over; the shorter one holds.
      try live.sandbox.send(from: "198.51.100.1", port: 7000, count: 5)
      #expect(receiver.count() == 0)
      let drops = try live.ok(["dump", "drops"])["drops"]
      #expect(drops.array.map { $0["name"].string } == ["198.51.0.0/16"])
      let left = try #require(drops[0]["remainingMilliseconds"].int)
      #expect((3_500_000..<3_600_000).contains(left))
      #expect(try live.ok(["drop-ip", "192.0.2.9"])["counts"]["added"].int == 1)
      #expect(try !live.arrives(from: "192.0.2.9"))
    }

    @Test func everyPacketIsCountedOnceWithItsWholeFrame() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9", "203.0.113.0/24"])
      let receiver = try live.sandbox.receiver(port: 7000)
      let before = try sent(live)
      let size = 500
      let passed = try live.sandbox.send(port: 7000, count: 300, size: size)
      let host = try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 200, size: size)
      let prefix = try live.sandbox.send(from: "203.0.113.5", port: 7000, count: 100, size: size)
      let arrived = receiver.count()
      let after = try sent(live)
      let stats = try live.stats()
      #expect(arrived == 300)
      #expect(stats["pass.default"] == arrived)
      #expect(stats["drop.host"] == 200)
      #expect(stats["drop.prefix"] == 100)
      #expect(stats.bytes("pass.default") == passed)
      #expect(stats.bytes("drop.host") == host)
      #expect(stats.bytes("drop.prefix") == prefix)
      #expect(stats.isConsistent)
      // What the test did not send itself is ARP.
      #expect(stats.packets == after - before)
      #expect(stats.bytes == passed + host + prefix + 42 * stats["pass.arp"])
    }

    private func sent(_ live: Live) throws -> Int {
      let words = ["ip", "-j", "-s", "link", "show", live.sandbox.peer.interface]
      let counters = try live.sandbox.run(in: .peer, words).json[0]["stats64"]["tx"]
      return try #require(counters["packets"].int)
    }
  }
}
