import BPF
import CAegis
import Linux
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// Layouts of one ABI that only add to each other.
  @Suite struct GrowthTests {
    private static let newcomer = AEGIS_REASON_COUNT.rawValue

    /// Has an instance say that another version loaded it.
    private func rewrite(_ live: Live, _ edit: (inout aegis_meta) -> Void) throws {
      let path = AEGIS_MAP_meta.pin(in: live.aegis.root + "/current")
      let map = try BPFMap<UInt32, aegis_meta>(pinnedAt: path)
      var meta = try #require(try map.value(forKey: 0))
      meta.layout ^= 1
      edit(&meta)
      try map.update(meta, forKey: 0)
    }

    /// A reason, a map, a stage and a field more.
    private func grow(_ live: Live, _ action: aegis_action, _ name: String) throws {
      try rewrite(live) { meta in
        CText.write("9.0.0", to: &meta.version)
        meta.maps += 1
        meta.reasons += 1
        meta.stages = meta.stages << 1 | 1
        meta.value_size += 8
        withUnsafeMutableBytes(of: &meta.reason) { bytes in
          let rows = bytes.bindMemory(to: aegis_reason_row.self)
          rows[Int(Self.newcomer)].action = action.rawValue
          CText.write(name, to: &rows[Int(Self.newcomer)].name)
        }
      }
    }

    @Test("a later version's instance is read, its reasons by their own names, and not changed")
    func later() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9", "--note", "kept"])
      try grow(live, AEGIS_DROP, "quarantine")
      let counters = try PerCPUMap<aegis_counters>(
        pinnedAt: AEGIS_MAP_counters.pin(in: live.aegis.root + "/current"))
      var counts = aegis_counters()
      withUnsafeMutableBytes(of: &counts.reason) { bytes in
        bytes.bindMemory(to: aegis_counter.self)[Int(Self.newcomer)].packets = 7
      }
      try counters.set(counts, at: 1)

      let cpus = try CPUs.possible()
      let stats = try live.ok(["stats"])["items"][0]["reasons"].array
      let found = stats.first { $0["reason"].string == "drop.quarantine" }
      #expect(found?["packets"].int == 7 * cpus, "\(stats)")
      #expect(try live.ok(["status"])["version"].string == "9.0.0")
      #expect(try live.ok(["dump"])["drops"][0]["name"].string == "192.0.2.9")
      for verb in [
        ["drop-ip", "192.0.2.1"], ["set-default", "deny"], ["load"], ["load", "--replace"],
        ["detach", "--all"], ["repair"], ["events", "--count", "1"], ["latency", "--for", "1s"],
        ["why", "192.0.2.1"], ["set-rate", "9/s"], ["unload"],
      ] {
        let error = try live.fails(78, verb)
        #expect(error.contains("a newer build of aegisctl (9.0.0)"), "\(verb)")
        #expect(error.contains("use the version that loaded it"), "\(verb)")
      }
      #expect(try live.ok(["dump"])["drops"].array.count == 1)
    }

    @Test("an earlier version's instance is taken over by --replace, with what it lacks made anew")
    func earlier() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9", "--note", "kept"])
      try live.ok(["set-rate", "10/h", "--burst", "3"])
      let receiver = try live.sandbox.receiver(port: 7001)
      try live.sandbox.send(port: 7001, count: 2)
      try live.sandbox.send(from: "192.0.2.9", port: 7001, count: 5)
      #expect(receiver.take(expecting: 2, quiet: 0.2).count == 2)
      let counted = try live.stats()
      try rewrite(live) { meta in
        meta.maps -= 1
        meta.reasons -= 1
        meta.value_size -= 4
      }
      try FileSystem.remove(AEGIS_MAP_parts.pin(in: live.aegis.root + "/current"))

      for verb in [["status"], ["stats"], ["dump"], ["drop-ip", "192.0.2.1"]] {
        #expect(try live.fails(78, verb).contains("aegisctl load --replace"), "\(verb)")
      }
      #expect(try live.ok(["load", "--replace"])["action"].string == "replaced")
      for name in ["drop.host", "pass.default", "drop.rate"] {
        #expect(try live.stats()[name] == counted[name], "\(name)")
      }
      let drop = try live.ok(["dump"])["drops"][0]
      #expect(drop["name"].string == "192.0.2.9")
      #expect(drop["hits"].int == 5)
      #expect(drop["note"].string == "kept")
      // One is left of the burst.
      try live.sandbox.send(port: 7001, count: 3)
      #expect(receiver.take(expecting: 1, quiet: 0.2).count == 1)
      #expect(
        try FileSystem.exists(AEGIS_MAP_parts.pin(in: live.aegis.root + "/current")))
      try live.fails(1, ["load", "--rollback"])
    }

    @Test("counters of another shape are carried on once, with what had been carried to them")
    func reshapedCounters() throws {
      let live = try Live.attached()
      let directory = live.aegis.root + "/current"
      let pin = AEGIS_MAP_counters.pin(in: directory)
      var object = try BPFObject(BPFObjects.decode(BPFObjects.aegis), name: AEGIS_PROGRAM)
      for map in Capacity.sized { try object.setMaxEntries(1, ofMap: map.name) }
      try object.setMaxEntries(AEGIS_BLOCKS + 8, ofMap: AEGIS_MAP_counters.name)
      try object.loadMaps()
      try FileSystem.remove(pin)
      try object.pinMap(AEGIS_MAP_counters.name, at: pin)
      var counts = aegis_counters()
      counts.shared = 7
      try PerCPUMap<aegis_counters>(pinnedAt: pin).set(counts, at: 1)
      counts.shared = 5
      try BPFMap<UInt32, aegis_counters>(pinnedAt: AEGIS_MAP_carried.pin(in: directory))
        .update(counts, forKey: 1)
      try rewrite(live) { $0.reasons -= 1 }
      try live.ok(["load", "--replace"])
      let stats = try live.ok(["stats"])["items"][0]
      #expect(stats["limiterShared"].int == 7 * (try CPUs.possible()) + 5)
    }

    @Test("one that adds and lacks is of neither, and only unloaded")
    func foreign() throws {
      let live = try Live.attached()
      try rewrite(live) { meta in
        meta.maps += 1
        meta.reasons -= 1
      }
      for verb in [["status"], ["dump"], ["load", "--replace"], ["drop-ip", "192.0.2.1"]] {
        try live.fails(78, verb)
      }
      try live.ok(["unload", "--force"])
    }

    @Test("an interface beyond those with a block of their own is counted, and gives it back")
    func blocks() throws {
      let live = try Live.attached()
      let map = PerCPUMapProbe(live)
      let datapath = try Datapath(toChangeAt: PinRoot(live.aegis.root))
      let slots = try Slots(datapath)
      var claimed: [UInt32] = []
      let used = Set(try slots.taken().map(\.slot))
      for slot in (0..<AEGIS_SLOTS).filter({ !used.contains($0) }).prefix(12) {
        var interface = aegis_interface()
        interface.ifindex = 100_000 + slot
        try slots.claim(slot, for: interface)
        claimed.append(slot)
      }
      let blocks = try slots.taken().map(\.interface.block)
      #expect(Set(blocks).count == blocks.count)
      #expect(blocks.allSatisfy { $0 != AEGIS_BLOCK_OTHER })
      #expect(try map.count() == blocks.count { $0 >= AEGIS_BLOCKS })
      for slot in claimed { try slots.release(slot) }
      #expect(try map.count() == 0)
    }
  }
}

/// Blocks that are given out only when they are needed.
private struct PerCPUMapProbe {
  let path: String

  init(_ live: Live) {
    path = AEGIS_MAP_more_counters.pin(in: live.aegis.root + "/current")
  }

  func count() throws -> Int {
    let map = try PerCPUMap<aegis_counters>(pinnedAt: path)
    return try (0...AEGIS_SLOTS).count { try !map.values(at: $0).isEmpty }
  }
}
