import TestSupport
import Testing

extension Kernel {
  /// Rates beside keys and drops.
  struct RatePolicyTests {
    @Test func aProtectedKeyIsNeverLimited() throws {
      let live = try Live.attached()
      try live.limit(2)
      try live.limit(3, "--port", "7000/udp")
      try live.limit(4, "--port", "7000/udp", "--total")
      try live.limitBytes("1kB/h", 100, from: live.peer)
      try live.ok(["allow-key", "\(live.peer):7000/udp", "--protect"])
      #expect(try live.passes(100) == 100)
      // A frame larger than the burst passes while nothing is owed.
      #expect(try live.passes(20, port: 7001) == 1)
      // Nor is it charged to the total.
      #expect(try live.passes(20, from: "192.0.2.1") == 3)
      #expect(try live.passes(20, from: "192.0.2.2") == 1)
      let stats = try live.stats()
      #expect(stats["pass.protected"] == 100)
      #expect(stats["drop.rate"] == 19 + 17 + 19)
    }

    @Test func aDropBeatsARateAndIsNotCharged() throws {
      let live = try Live.attached()
      try live.limit(5)
      try live.limit(7, "--port", "7000/udp", "--total")
      try live.ok(["drop-ip", "192.0.2.1", "198.51.100.0/24"])
      #expect(try live.passes(20, from: "192.0.2.1") == 0)
      #expect(try live.passes(20, from: "198.51.100.1") == 0)
      var stats = try live.stats()
      #expect(stats["drop.host"] == 20)
      #expect(stats["drop.prefix"] == 20)
      #expect(stats["drop.rate"] == 0)
      try live.ok(["drop-ip", "--remove", "192.0.2.1", "198.51.100.0/24"])
      #expect(try live.passes(20, from: "192.0.2.1") == 5)
      #expect(try live.passes(20, from: "198.51.100.1") == 2)
      stats = try live.stats()
      #expect(stats["drop.rate"] == 33)
      #expect(stats.isConsistent)
    }

    @Test func underDenyKeysAreLimitedByRules() throws {
      let live = try Live.attached()
      try live.ok(["set-default", "deny"])
      try live.ok(["allow-key", "any:7000/udp", "192.0.2.0/24"])
      try live.limit(3)
      try live.limit(5, "--from", "192.0.2.0/24")
      try live.limit(7, "--port", "7000/udp")
      #expect(try live.passes(20, from: "198.51.100.1") == 7)
      #expect(try live.passes(20, from: "192.0.2.1") == 7)
      #expect(try live.passes(20, from: "192.0.2.1", port: 7001) == 5)
      var stats = try live.stats()
      #expect(stats["pass.key"] == 19)
      #expect(stats["drop.rate"] == 41)
      // What the default refuses is not charged.
      #expect(try live.passes(20, from: "198.51.100.1", port: 7001) == 0)
      stats = try live.stats()
      #expect(stats["drop.default"] == 20)
      #expect(stats["drop.rate"] == 41)
      try live.ok(["set-default", "allow"])
      #expect(try live.passes(20, from: "198.51.100.1", port: 7001) == 3)
    }
  }
}
