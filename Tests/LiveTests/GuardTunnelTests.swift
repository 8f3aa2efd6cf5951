import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Tunnels whose packets come in by an attached interface.
  struct GuardTunnelTests {
    private func tunnel(
      _ host: GuardedHost, _ options: String, up: Bool = true
    ) throws {
      try host.live.sandbox.ip(
        in: .host, ["link add vx0 type vxlan \(options)"] + (up ? ["link set vx0 up"] : []))
    }

    private func refused(
      _ host: GuardedHost, _ arguments: [String], _ text: String, hint: String,
      at location: SourceLocation = #_sourceLocation
    ) throws {
      let outcome = try host.run(arguments)
      #expect(outcome.status == 79, "\(arguments): \(outcome)", sourceLocation: location)
      #expect(outcome.error.contains(text), "\(outcome.error)", sourceLocation: location)
      #expect(
        outcome.error.hasSuffix("\nhint: \(hint), or --force\n"), "\(outcome.error)",
        sourceLocation: location)
    }

    @Test func everyPeerNeedsItsKey() throws {
      let host = try GuardedHost(connected: [])
      let (peer, other) = (host.gateway, "\(host.gateway.dropLast())77")
      try tunnel(host, "id 7 remote \(peer) dstport 4789")
      try host.live.sandbox.run(
        in: .host, ["bridge", "fdb", "append", "00:00:00:00:00:00", "dev", "vx0", "dst", other])
      let hint = "aegisctl allow-key \(peer):4789/udp \(other):4789/udp --protect"
      let text =
        "the tunnel vx0 to \(peer) (the rate 1k/s for all is too low for it), "
        + "the tunnel vx0 to \(other) (the rate"
      try refused(host, ["set-rate", "1000/s"], text, hint: hint)
      try refused(host, ["set-rate", "1000/s", "--port", "4789/udp"], "port 4789/udp", hint: hint)
      try refused(host, ["set-rate", "1000/s", "--total"], "the total rate", hint: hint)
      let file = "{apiVersion: aegis/v1, kind: Policy, spec: {rates: [{rate: 1000/s}]}}"
      let applied = try host.run(["apply", "-f", "-"], input: file)
      let keys =
        "hint: add under keys: - {key: '\(peer):4789/udp', protect: true} and "
        + "- {key: '\(other):4789/udp', protect: true}, or --force\n"
      #expect(applied.status == 79 && applied.error.contains(keys), "\(applied)")
      #expect(try host.run(["drop-ip", other]).status == 79)
      // What does no harm is no business of the guard's.
      for rate in [
        ["1000/s", "--monitor"], ["1000/s", "--port", "53/udp"], ["100k/s"], ["1Gbit/s"],
        ["1000/s", "--from", "198.51.100.0/24"],
      ] {
        #expect(try host.run(["set-rate"] + rate).status == 0, "\(rate)")
      }
      let steps = hint.split(separator: " ").dropFirst().map(String.init)
      #expect(try host.run(steps).status == 0)
      #expect(try host.run(["set-rate", "1000/s"]).status == 0)
    }

    @Test func whatIsInATunnelIsSeenAsItsPeer() throws {
      let host = try GuardedHost(connected: [])
      try tunnel(host, "id 7 remote \(host.gateway) dstport 4789")
      try host.live.sandbox.ip(in: .host, ["addr add 203.0.113.1/24 dev vx0"])
      let key = "aegisctl allow-key \(host.gateway):4789/udp --protect"
      let outcome = try host.run(
        ["set-default", "deny"], session: "203.0.113.9 50000 203.0.113.1 22")
      #expect(outcome.status == 79)
      #expect(outcome.error.contains(key), "\(outcome.error)")
      #expect(!outcome.error.contains("203.0.113.9"), "\(outcome.error)")
      #expect(try host.run(["drop-ip", "203.0.113.9"]).status == 0)
    }

    @Test func attachingIsRefusedToo() throws {
      let host = try GuardedHost(attached: false, connected: [])
      try tunnel(host, "id 7 remote \(host.gateway) dstport 4789")
      #expect(try host.run(["set-rate", "1000/s"]).status == 0)
      let hint = "aegisctl allow-key \(host.gateway):4789/udp --protect"
      try refused(host, ["attach", host.live.interface], "the tunnel vx0", hint: hint)
      try host.live.sandbox.ip(in: .host, ["link set vx0 down"])
      #expect(try host.run(["attach", host.live.interface]).status == 0)
    }

    @Test func onlyTunnelsOverTheInterfaceCount() throws {
      let host = try GuardedHost(connected: [])
      try host.live.sandbox.ip(
        in: .host,
        [
          "link add aside0 type veth peer name aside1", "addr add 203.0.113.1/24 dev aside0",
          "link set aside0 up", "link set aside1 up",
        ])
      try tunnel(host, "id 7 remote 203.0.113.2 dstport 4789")
      #expect(try host.run(["set-rate", "1000/s"]).status == 0)
    }

    @Test func aWayThatLeadsIntoTheTunnelItselfIsNone() throws {
      let host = try GuardedHost(connected: [])
      try tunnel(host, "id 7 remote 203.0.113.2 dstport 4789")
      try host.live.sandbox.ip(in: .host, ["route add 203.0.113.2 dev vx0"])
      #expect(try host.run(["set-rate", "1000/s"]).status == 79)
    }

    /// A host whose own traffic goes into a tunnel, and whose answers do not.
    @Test func aConnectionIsRoutedByItsOwnAddress() throws {
      let host = try GuardedHost()
      let end = host.live.sandbox.host
      try tunnel(host, "id 7 remote \(host.gateway) dstport 4789")
      #expect(try host.run(["allow-key", "\(host.gateway):4789/udp", "--protect"]).status == 0)
      try host.live.sandbox.ip(
        in: .host,
        [
          "route add \(GuardedHost.client) dev vx0",
          "route add default via \(host.gateway) dev \(end.interface) table 7",
          "rule add from \(end.v4) table 7 priority 7",
        ])
      let text = "the SSH session from \(GuardedHost.client)"
      let outcome = try host.run(["drop-ip", GuardedHost.client], session: GuardedHost.nobody)
      #expect(outcome.status == 79 && outcome.error.contains(text), "\(outcome)")
    }

    @Test(arguments: ["external dstport 8472", "id 7 group 239.1.1.1 dev IFACE dstport 8472"])
    func peersThatAreNotKnownHaveAPort(_ options: String) throws {
      let host = try GuardedHost(connected: [])
      try tunnel(host, options.replacing("IFACE", with: host.live.interface))
      try refused(
        host, ["set-rate", "1000/s"],
        "the tunnel vx0, whose peers are not known (the rate 1k/s for all is too low for it)",
        hint: "aegisctl allow-key PEER:8472/udp --protect for each peer")
      // Whoever names one knows them.
      #expect(try host.run(["allow-key", "203.0.113.9:8472/udp", "--protect"]).status == 0)
      #expect(try host.run(["set-rate", "1000/s"]).status == 0)
    }

    @Test func doctorNamesThem() throws {
      let host = try GuardedHost(connected: [])
      try tunnel(host, "id 7 remote \(host.gateway) dstport 4789")
      func finding() throws -> JSON {
        try host.run(["doctor", host.live.interface, "-o", "json"]).json["items"]
          .first("check", "tunnels")
      }
      let found = try finding()
      #expect(found["level"].string == "warning")
      let fix = try #require(found["fix"].string)
      #expect(fix == "aegisctl allow-key \(host.gateway):4789/udp --protect")
      let words = fix.split(separator: " ").dropFirst().map(String.init)
      #expect(try host.run(words).status == 0)
      #expect(try finding()["level"].string == "ok")
    }

    /// Over the tunnel come 1500 frames in half a second, from one peer.
    @Test(arguments: [true, false])
    func theKeyOfTheHintExemptsThePeer(_ isExempt: Bool) throws {
      let live = try Live.attached()
      let (host, peer) = (live.sandbox.host, live.sandbox.peer)
      for (side, remote) in [(Sandbox.Side.host, peer.v4), (.peer, host.v4)] {
        try live.sandbox.ip(
          in: side,
          ["link add vx0 type vxlan id 7 remote \(remote) dstport 4789", "link set vx0 up"])
      }
      if isExempt { try live.ok(["allow-key", "\(peer.v4):4789/udp", "--protect"]) }
      try live.ok(["set-rate", "1000/s"])
      let tap = try live.sandbox.tap(on: "vx0")
      let frame =
        [UInt8](repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 1, 0x88, 0xb5]
        + [UInt8](repeating: 0, count: 50)
      let sender = try live.sandbox.frameSender(out: "vx0")
      for _ in 0..<50 {
        try sender.send(Array(repeating: frame, count: 30))
        Thread.sleep(forTimeInterval: 0.005)
      }
      Thread.sleep(forTimeInterval: 0.1)
      let count = try tap.count()
      if isExempt {
        #expect(count >= 1490)
        #expect(try live.stats()["drop.rate"] == 0)
      } else {
        #expect(count < 1400 && count > 0)
        #expect(try live.stats()["drop.rate"] > 0)
      }
    }
  }
}
