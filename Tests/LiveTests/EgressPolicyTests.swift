import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What the policy does with packets that leave.
  struct EgressPolicyTests {
    private func attached(_ direction: String = "out") throws -> Live {
      let live = Live(try Sandbox(ipv6: true))
      try live.ok(["load"])
      try live.ok(["attach", live.interface, "--direction", direction])
      return live
    }

    @Test(
      "Packets beyond 64 KiB pass behind tc at full speed", arguments: [false, true], [false, true])
    func bigTCP(ipv6: Bool, leaves: Bool) throws {
      let bytes = 30_000_000
      let live = Live(try Sandbox())
      try live.sandbox.setLargestPacket(185_000)
      try live.ok(["load"])
      let place = leaves ? ["--direction", "out"] : ["--mode", "tc"]
      try live.ok(["attach", live.interface] + place)
      let sender = leaves ? Sandbox.Side.host : .peer
      #expect(try live.sandbox.transfer(bytes, from: sender, to: 7000, ipv6: ipv6) == bytes)
      let stats = try live.stats(leaving: leaves)
      #expect(stats["drop.malformed"] == 0)
      #expect(stats.bytes("pass.default") > bytes)
      // Packets of the wire are counted, not buffers. Those of IPv6 have eight bytes more, which say how long they are.
      #expect(stats.bytes("pass.default") / stats["pass.default"] <= 1514 + (ipv6 ? 8 : 0))
    }

    @Test func aFloodToAVictimIsHeldAtItsRate() throws {
      let (rate, burst) = (2000.0, 200.0)
      let live = try attached()
      try live.sandbox.ip(in: .peer, ["addr add 203.0.113.77/32 dev lo"])
      try live.sandbox.ip(in: .host, ["route add 203.0.113.77/32 dev \(live.interface)"])
      try live.ok(["set-rate", "\(Int(rate))/s", "--burst", "\(Int(burst))", "--out"])
      let start = Date()
      let end = start.addingTimeInterval(2)
      try live.sandbox.flood(from: [live.sandbox.host.v4], of: .host, port: 7000) { Date() < end }
      let elapsed = Date().timeIntervalSince(start)
      let stats = try live.stats(leaving: true)
      let passed = Double(stats["pass.default"])
      #expect(passed <= (rate * elapsed + burst) * 1.002 + 10)
      #expect(passed >= (rate * 2 + burst) * 0.99)
      #expect(Double(stats["drop.rate"]) > passed)
      let ping = try live.sandbox.run(
        in: .host, ["ping", "-n", "-q", "-c", "5", "-i", "0.05", "-W", "1", "203.0.113.77"])
      #expect(ping.output.contains("5 received"), "\(ping.output)")
    }

    @Test func aBufferLargerThanTheBurstLeaves() throws {
      let live = try attached()
      try live.ok(["set-rate", "400/s", "--burst", "10", "--out"])
      #expect(try live.sandbox.transfer(300_000, from: .host, to: 7000) == 300_000)
      let stats = try live.stats(leaving: true)
      #expect(stats["pass.default"] > 300_000 / 1448)
    }

    @Test func denyNeedsKeysForWhatTheHostAsks() throws {
      let host = try GuardedHost(attached: false)
      try host.live.ok(["attach", host.live.interface, "--direction", "out"])
      let refused = try host.run(["set-default", "deny", "--out"])
      #expect(refused.status == 79, "\(refused)")
      #expect(refused.error.contains("the name server \(GuardedHost.nameServer)"))
      #expect(refused.error.contains("aegisctl allow-key \(GuardedHost.nameServer):53/udp --out"))
      // The answers of the session need no key.
      #expect(!refused.error.contains("session"))
      #expect(
        try host.run(["allow-key", "--out", "\(GuardedHost.nameServer):53/udp"]).status == 0)
      let allowed = try host.run(["set-default", "deny", "--out"])
      #expect(allowed.status == 0, "\(allowed)")
      let removed = try host.run(
        ["allow-key", "--out", "--remove", "\(GuardedHost.nameServer):53/udp"])
      #expect(removed.status == 79, "\(removed)")
    }

    @Test func theSessionGetsItsAnswers() throws {
      let host = try GuardedHost()
      try host.live.ok(["attach", host.live.interface, "--direction", "both"])
      for change in [
        ["drop-ip", "--out", GuardedHost.client], ["drop-ip", "--out", "192.0.2.0/24"],
        ["set-rate", "1/s", "--out"],
      ] {
        let outcome = try host.run(change)
        #expect(outcome.status == 79, "\(change): \(outcome)")
        #expect(
          outcome.error.contains("your SSH session from \(GuardedHost.client)"), "\(outcome.error)")
      }
      #expect(try host.run(["drop-ip", "--out", "203.0.113.0/24"]).status == 0)
      // What comes in is another policy.
      #expect(try host.live.ok(["dump", "drops"])["drops"].array.isEmpty)
    }

    @Test func aDryRunListsTheConnectionsThatItWouldCut() throws {
      let live = try attached()
      let listener = try live.sandbox.listener(on: .peer, port: 7443)
      let connection = try live.sandbox.connection(
        from: live.sandbox.host.v4, of: .host, to: 7443)
      let key = "\(live.peer):7443/tcp"
      let listed = try live.run(["set-default", "deny", "--out", "--dry-run"])
      #expect(listed.error.contains("would cut connections of this host to \(key)"), "\(listed)")
      try live.ok(["allow-key", "--out", key])
      let kept = try live.run(["set-default", "deny", "--out", "--dry-run"])
      #expect(!kept.error.contains("would cut"), "\(kept)")
      withExtendedLifetime((listener, connection)) {}
    }

    @Test func whatIsNotConfirmedIsUndoneInBothDirections() throws {
      let live = try attached("both")
      let policy = """
        apiVersion: aegis/v1
        kind: Policy
        spec: {drops: [203.0.113.1], out: {default: deny, drops: [203.0.113.2], rates: [{rate: 5/s}]}}
        """
      try live.ok(["apply", "-f", "-", "--confirm-within", "300ms", "--force"], input: policy)
      #expect(try live.ok(["dump", "drops", "--out"])["drops"].array.count == 1)
      Thread.sleep(forTimeInterval: 0.4)
      // Everything leaves before anybody restores the policy.
      let ping = try live.sandbox.run(in: .host, ["ping", "-c", "1", "-W", "1", live.peer])
      #expect(ping.status == 0)
      #expect(try live.stats(leaving: true)["pass.unconfirmed"] > 0)
      try live.ok(["rollback"])
      for part in [["drops"], ["drops", "--out"], ["rates", "--out"]] {
        let dump = try live.ok(["dump"] + part)
        #expect(dump["drops"].array.isEmpty && dump["rates"].array.isEmpty, "\(part)")
      }
      let diff = try live.run(["diff", "-f", "-", "-o", "name"], input: policy)
      #expect(diff.status == 1)
    }
  }
}
