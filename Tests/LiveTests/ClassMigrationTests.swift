import BPF
import CAegis
import Linux
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// Classes in a datapath that an earlier version loaded.
  @Suite struct ClassMigrationTests {
    private static let maps = [
      AEGIS_MAP_classes, AEGIS_MAP_country_class, AEGIS_MAP_class_prefix, AEGIS_MAP_class_counters,
      AEGIS_MAP_rate_class,
    ]

    /// Countries, a class with a rate, and what is counted.
    private func use(_ live: Live) throws {
      try TemporaryDirectory.with { directory in
        _ = try live.ok(["set-geo", directory.file("geo.csv", ClassTests.geo.utf8)])
      }
      try live.ok(["set-class", "domestic", "--country", "DE", "--prefix", "203.0.113.0/24"])
      try live.ok(["set-default", "allow"])
      try live.limit(3, "--class", "domestic")
      #expect(try live.passes(5, from: "192.0.2.1") == 3)
      #expect(try live.passes(5, from: "203.0.113.1") == 3)
      let items = try live.ok(["stats", "--by", "class"])["items"]
      #expect(items.first("class", "domestic")["dropped"]["packets"].int == 4)
    }

    @Test("a past layout has classes after --replace", arguments: PastInstance.possible)
    func layouts(_ layout: PastInstance) throws {
      let live = Live(try Sandbox(ipv6: false))
      try layout.attach(to: live, dropping: "192.0.2.9", allowing: 7001, burst: 4)
      try live.ok(["load", "--replace"])
      #expect(try live.ok(["dump", "classes"])["classes"].array.isEmpty)
      try use(live)
      #expect(try live.ok(["dump"])["drops"][0]["name"].string == "192.0.2.9")
    }

    /// What the pins of an earlier build of the same ABI lack, and what its `meta` says.
    private func age(_ live: Live) throws {
      let root = PinRoot(live.aegis.root)
      for map in Self.maps { try FileSystem.remove(root.map(map)) }
      let map = try BPFMap<UInt32, aegis_meta>(pinnedAt: root.map(AEGIS_MAP_meta))
      var meta = try #require(try map.value(forKey: 0))
      meta.layout ^= 1
      meta.maps -= UInt32(Self.maps.count)
      meta.stages &= ~UInt64(AEGIS_STAGE_CLASS.rawValue | AEGIS_STAGE_CLASS_PREFIX.rawValue)
      try map.update(meta, forKey: 0)
    }

    @Test("an earlier build of this ABI without maps of classes gets them by --replace")
    func sameABI() throws {
      let live = try Live.attached(load: ["--max-drops", "64"])
      try live.ok(["drop-ip", "192.0.2.9"])
      try live.limit(7)
      #expect(try live.passes(3, from: "198.51.100.1") == 3)
      try age(live)
      for verb in [["set-class", "a", "--country", "DE"], ["stats", "--by", "class"], ["status"]] {
        #expect(try live.fails(78, verb).contains("aegisctl load --replace"), "\(verb)")
      }
      #expect(try live.ok(["load", "--replace"])["action"].string == "replaced")
      #expect(try live.rates() == ["10/h 7 source"])
      #expect(try live.passes(9, from: "198.51.100.1") == 4)
      try use(live)
      #expect(try live.ok(["dump"])["drops"][0]["name"].string == "192.0.2.9")
    }
  }
}
