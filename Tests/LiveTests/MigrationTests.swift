import BPF
import CAegis
import Linux
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// What the version before pinned is taken over, under its own traffic.
  @Suite struct MigrationTests {
    @Test(
      "entries, rates, debts and counters of a past layout are those of this one after --replace",
      arguments: PastInstance.possible)
    func takeOver(from layout: PastInstance) throws {
      let live = Live(try TestSupport.Sandbox(ipv6: false))
      try layout.attach(to: live, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      let receiver = try live.sandbox.receiver(port: 7001)
      try live.sandbox.send(port: 7001, count: 3)
      try live.sandbox.send(from: "192.0.2.9", port: 7001, count: 5)
      try live.sandbox.send(port: 7002, count: 7)
      #expect(receiver.take(expecting: 3, quiet: 0.2).count == 3)

      for verb in [["status"], ["stats"], ["drop-ip", "192.0.2.1"], ["load"]] {
        #expect(try live.fails(78, verb).contains("aegisctl load --replace"))
      }
      #expect(
        try live.ok(["load", "--replace", "--dry-run"])["action"].string == "replaced")
      try live.fails(78, ["status"])

      #expect(try live.ok(["load", "--replace"])["action"].string == "replaced")
      #expect(try live.names() == ["current", "drop", "gen2", "links"])
      let dump = try live.ok(["dump"])
      #expect(dump["drops"][0]["name"].string == "192.0.2.9")
      #expect(dump["drops"][0]["hits"].int == 5)
      #expect(dump["drops"][0]["note"].string == "from before")
      #expect(dump["drops"][0]["expires"].string != nil)
      #expect(dump["keys"][0]["name"].string == "any:7001/udp")
      #expect(dump["rates"][0]["rate"].string == "1/h")
      #expect(try live.ok(["status"])["defaultAction"].string == "deny")
      let before = try live.stats()
      #expect(before["pass.key"] == 3)
      #expect(before["drop.host"] == 5)
      #expect(before["drop.default"] == 7)

      // One is left of the burst: debts were not forgiven.
      try live.sandbox.send(port: 7001, count: 3)
      #expect(receiver.take(expecting: 1, quiet: 0.2).count == 1)
      try live.sandbox.send(from: "192.0.2.9", port: 7001, count: 5)
      let after = try live.stats()
      #expect(after["pass.key"] == 4)
      #expect(after["drop.rate"] == 2)
      #expect(after["drop.host"] == 10)
      try live.fails(1, ["load", "--rollback"])
    }

    @Test("rules of a build whose sets have fewer tables are compiled again")
    func reshapedRules() throws {
      let live = try Live.attached()
      try live.ok(["set-list", "peers", "--action", "none", "--add", live.peer])
      try live.ok([
        "set-rule", "one", "--from", "list:peers", "--port", "7002/udp", "--then", "drop",
      ])
      try live.ok([
        "set-rule", "two", "--port", "7003/udp", "--then", "limit", "--rate", "1/h", "--burst", "1",
      ])
      try live.ok(["allow-key", "any:7000-7009/udp"])
      try live.ok(["set-default", "deny"])
      try Self.makeOlder(PinRoot(live.aegis.root))
      try live.fails(78, ["dump"])
      #expect(try live.arrives(port: 7001) && !live.arrives(port: 7002))
      #expect(try live.ok(["load", "--replace"])["action"].string == "replaced")
      #expect(
        try live.ok(["dump", "rules"])["rules"].array.map { $0["name"].string } == ["one", "two"])
      #expect(try live.arrives(port: 7001) && !live.arrives(port: 7002))
      #expect(try live.arrives(port: 7003) && !live.arrives(port: 7003))
      #expect(try !live.arrives(port: 7010))
      // What the build before had is gone, and the next change works.
      try live.ok(["set-rule", "one", "--remove"])
      #expect(try live.arrives(port: 7002))
      #expect(try live.ok(["repair", "--dry-run"])["changed"].bool == false)
    }

    /// Gives an instance sets of rules that are shorter, and a layout that lacks what this build adds.
    private static func makeOlder(_ root: PinRoot) throws {
      let bytes = RuleCompiler.bytes
      let less = 4096
      for name in try FileSystem.listUnlinked(root.rules(.in)) where name.contains("v") {
        let path = root.rules(.in) + "/" + name
        let present = try MappedArray(pinnedAt: path, valueSize: bytes)
        let shorter = try MappedInnerArray(
          named: "aegis_rules", count: 1, valueSize: bytes - less, isFixed: true)
        withExtendedLifetime((present, shorter)) {
          let start = bytes - Int(AEGIS_RULES_SOURCE)
          shorter.memory.copyMemory(from: present.memory, byteCount: 256)
          shorter.memory.advanced(by: start - less).copyMemory(
            from: present.memory.advanced(by: start), byteCount: Int(AEGIS_RULES_SOURCE))
        }
        _ = try FileSystem.remove(path)
        try shorter.map.pin(at: path)
      }
      let map = try BPFMap<UInt32, aegis_meta>(pinnedAt: root.map(AEGIS_MAP_meta))
      var meta = try #require(try map.value(forKey: 0))
      meta.layout ^= 1
      meta.stages >>= 1
      try map.update(meta, forKey: 0)
    }

    @Test(
      "rules of layout 3 get lines of their own, and debts that lay in each other's lines are forgiven"
    )
    func rules() throws {
      let live = Live(try TestSupport.Sandbox(ipv6: false))
      try PastInstance.layout3.attach(to: live, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      try PastInstance.layout3.limit(live, port: 7001, burst: 3)
      #expect(try live.passes(10, port: 7001) == 3)
      try live.ok(["load", "--replace"])
      #expect(try live.rates() == ["1/h 4 source", "10/h 3 source 7001/udp"])
      let rates = try StoredRates.read(live.aegis.root + "/current", abi: AEGIS_ABI_VERSION)
      #expect(rates.map(\.rates.id) == [99])
      #expect(rates.first?.rates.lines.count == 1)
      #expect(try live.passes(10, port: 7001) == 3)
      #expect(try live.passes(10, port: 7001) == 0)
    }

    @Test("a policy of layout 3 that nobody confirmed in time gives way to the one before it")
    func unconfirmed() throws {
      let live = Live(try TestSupport.Sandbox(ipv6: false))
      let layout = PastInstance.layout3
      try layout.attach(to: live, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      try layout.leaveUnconfirmed(live, dropping: "192.0.2.77", allowing: 7002)
      try live.ok(["load", "--replace"])
      try live.ok(["drop-ip", "192.0.2.1"])
      let dump = try live.ok(["dump"])
      #expect(
        Set(dump["drops"].array.compactMap { $0["name"].string }) == ["192.0.2.77", "192.0.2.1"])
      #expect(dump["keys"].array.map { $0["name"].string } == ["any:7002/udp"])
      #expect(try live.rates() == ["1/h 7 source"])
      #expect(try live.names() == ["current", "drop", "gen2", "links"])
    }

    @Test(
      "what was detached under layout 1 is not to be brought back, what is attached is",
      .enabled(if: PastInstance.layout1.isPossible, "Linux 6.1 refuses the program of layout 1"))
    func declared() throws {
      let layout = PastInstance.layout1
      let live = Live(try TestSupport.Sandbox(ipv6: false))
      try layout.attach(to: live, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      try live.ok(["load", "--replace"])
      #expect(try live.ok(["repair"])["items"][0]["action"].string == "unchanged")

      let other = Live(try TestSupport.Sandbox(ipv6: false))
      try layout.attach(to: other, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      let pin = "\(other.aegis.root)/links/\(try other.sandbox.ifindex)"
      try BPFLink(pinnedAt: pin).detach()
      try FileSystem.remove(pin)
      try other.ok(["load", "--replace"])
      #expect(try other.ok(["repair"])["items"].array.isEmpty)
      #expect(try other.ok(["dump", "links"])["links"].array.isEmpty)
    }

    @Test(
      "nothing of an earlier layout is kept to return to, nor what it began", arguments: [2, 9])
    func noReturn(generation: Int) throws {
      let live = Live(try TestSupport.Sandbox(ipv6: false))
      try PastInstance.layout4.attach(
        to: live, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      let root = PinRoot(live.aegis.root)
      try FileSystem.makeDirectory(root.generation(generation))
      if generation == 9 { try FileSystem.symlink(to: "gen9", at: root.previous) }
      try live.ok(["load", "--replace"])
      #expect(try live.names().count == 4)
      #expect(try !live.names().contains("previous"))
      try live.fails(1, ["load", "--rollback"])
    }

    @Test("counters do not go back while a flow goes on", arguments: PastInstance.possible)
    func monotonic(_ layout: PastInstance) throws {
      let live = Live(try TestSupport.Sandbox(ipv6: false))
      try layout.attach(to: live, dropping: "192.0.2.9", allowing: 7001, burst: 1)
      let flow = ReplaceTests.Flow(live.sandbox, dropped: "192.0.2.9", port: 7000)
      try live.ok(["load", "--replace"])
      var last = 0
      for round in 0..<10 {
        if round == 5 { try live.ok(["load", "--replace", "--max-drops", "2000"]) }
        let now = try live.stats()["drop.default"]
        #expect(now >= last)
        last = now
      }
      let sent = flow.stop()
      let stats = try live.stats()
      #expect(sent > 0)
      #expect(stats["drop.default"] == sent)
    }
  }
}
