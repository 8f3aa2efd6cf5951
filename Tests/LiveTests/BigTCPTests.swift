import TestSupport
import Testing

extension Kernel {
  struct BigTCPTests {
    private static let bytes = 30_000_000

    /// In native mode veth cuts them before XDP sees them.
    @Test(
      "packets beyond 64 KiB, whose headers say 0 for their length, are not malformed in generic mode",
      arguments: [false, true])
    func passes(ipv6: Bool) throws {
      let live = Live(try Sandbox())
      try live.sandbox.setLargestPacket(185_000)
      try live.ok(["load"])
      try live.ok(["attach", live.interface, "--mode", "generic"])
      try live.ok(["allow-key", "any:7000/tcp"])
      try live.ok(["set-default", "deny"])
      #expect(try live.sandbox.transfer(Self.bytes, to: 7000, ipv6: ipv6) == Self.bytes)
      let stats = try live.stats()
      #expect(stats["drop.malformed"] == 0)
      #expect(stats.bytes("pass.key") >= Self.bytes)
      #expect(stats.bytes("pass.key") / stats["pass.key"] > 65_536, "none was so long")
    }

    @Test("and are charged to rates of bytes whole", arguments: [false, true])
    func charged(ipv6: Bool) throws {
      let live = Live(try Sandbox())
      try live.sandbox.setLargestPacket(185_000)
      try live.ok(["load"])
      try live.ok(["attach", live.interface, "--mode", "generic"])
      // The handshake and the first packets fit.
      try live.ok(["set-rate", "1MB/h", "--burst", "1000000"])
      let arrived = try live.sandbox.transfer(Self.bytes, to: 7000, ipv6: ipv6)
      #expect(arrived < 1_000_000)
      let stats = try live.stats()
      #expect(stats["drop.malformed"] == 0)
      #expect(stats["drop.rate"] > 0)
      #expect(stats.isConsistent)
    }
  }
}
