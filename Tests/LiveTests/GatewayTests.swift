import Foundation
import TestSupport
import Testing

extension Kernel {
  /// A wire: what passes on one port leaves by the other.
  struct GatewayTests {
    @Test("with nothing else configured every kind of frame crosses both ways, byte for byte")
    func everyFrame() throws {
      let live = try GatewayLive.joined()
      for end in [live.left, live.right] {
        for (name, frame) in GatewayFrames.all {
          let came = try live.crossing([frame], from: end).filter { $0 == frame }
          #expect(came.count == 1, "\(name) from \(end.interface)")
        }
      }
    }

    @Test func jumboFramesCross() throws {
      let live = try GatewayLive.joined(mtu: 9000)
      let frame = GatewayFrames.ipv4(from: [192, 0, 2, 7], size: 9014)
      #expect(try live.crossing([frame], from: live.left) == [frame])
      #expect(try live.crossing([frame], from: live.right) == [frame])
    }

    @Test("the policy judges what comes in by either port, except by the trusted one")
    func judged() throws {
      let live = try GatewayLive.joined(["--trust", "none"])
      let bad = GatewayFrames.ipv4(from: [198, 51, 100, 66])
      try live.ok(["drop-ip", "198.51.100.66"])
      #expect(
        try live.crossing([bad, GatewayFrames.plain], from: live.left, expecting: 1) == [
          GatewayFrames.plain
        ])
      #expect(
        try live.crossing([bad, GatewayFrames.plain], from: live.right, expecting: 1) == [
          GatewayFrames.plain
        ])
      #expect(try live.stats(live.left)["drop.host"] == 1)

      let trusting = try live.attach(["--trust", live.right.port])
      #expect(trusting["changed"].bool == true)
      #expect(try live.crossing([bad], from: live.right) == [bad])
      #expect(try live.crossing([bad], from: live.left, expecting: 0) == [])
      #expect(try live.stats(live.right)["pass.trusted"] == 1)
      #expect(try live.attach(["--trust", live.right.port])["changed"].bool == false)
    }

    @Test("a frame that cannot be read crosses only while nothing could be dropped")
    func unreadable() throws {
      let live = try GatewayLive.joined()
      let frames = GatewayFrames.all.filter { $0.name.contains("broken") || $0.name == "five tags" }
        .map(\.frame)
      #expect(try live.crossing(frames, from: live.left).count == 2)
      try live.ok(["drop-ip", "198.51.100.66"])
      #expect(try live.crossing(frames, from: live.left, expecting: 0) == [])
      let stats = try live.stats(live.left)
      #expect(stats["drop.malformed"] == 1 && stats["drop.vlan-tags"] == 1)
    }

    @Test("under deny ARP, neighbour discovery and link control cross, and what a key names")
    func deny() throws {
      let live = try GatewayLive.joined()
      try live.ok(["allow-key", "192.0.2.7:4000/udp"])
      try live.ok(["set-default", "deny", "--force"])
      let known = [
        GatewayFrames.arp, GatewayFrames.solicitation, GatewayFrames.stp, GatewayFrames.lacp,
        GatewayFrames.lldp, GatewayFrames.eapol, GatewayFrames.plain,
      ]
      let others = [GatewayFrames.ipv4(from: [192, 0, 2, 8])]
      #expect(try live.crossing(others + known, from: live.left, expecting: known.count) == known)
    }

    @Test("while a policy waits too long for its confirmation everything crosses")
    func unconfirmed() throws {
      let live = try GatewayLive.joined()
      try live.ok(["set-default", "deny", "--force", "--confirm-within", "1s"])
      #expect(try live.crossing([GatewayFrames.plain], from: live.left, expecting: 0) == [])
      Thread.sleep(forTimeInterval: 1.2)
      #expect(try live.crossing([GatewayFrames.plain], from: live.left) == [GatewayFrames.plain])
    }

    @Test("the host sends nothing by the ports, and detach makes them what they were")
    func silence() throws {
      let live = try GatewayLive()
      for port in live.gateway.ports {
        try live.gateway.run(
          in: live.gateway.gate, ["sysctl", "-qw", "net.ipv6.conf.\(port).disable_ipv6=0"])
      }
      let before = try live.settings()
      let captures = try [live.left, live.right].map { try FrameCapture(at: $0) }
      try live.attach()
      let quiet = try [live.left, live.right].map { try FrameCapture(at: $0) }
      // As LLDP agents do, and whoever forgets which interface it is.
      let lldp = GatewayFrames.lldp
      for end in [live.left, live.right] {
        _ = try? live.gateway.send([lldp], fromGateBy: end)
        _ = try? live.gateway.run(
          in: live.gateway.gate,
          ["ping", "-c", "1", "-W", "1", "-I", end.port, "10.77.0.1"])
      }
      try live.ok(["load", "--replace", "--max-drops", "128"])
      try live.ok(["repair"])
      // The sender is told.
      #expect(throws: (any Error).self) { try live.gateway.send([lldp], fromGateBy: live.left) }
      for capture in quiet { #expect(try capture.frames(quiet: 3) == []) }
      for end in [live.left, live.right] {
        #expect(try live.stats(end).object["wireSilenced"].int ?? 0 >= 2)
      }
      try live.ok(["detach", live.right.port])
      #expect(try live.settings() == before)
      for end in [live.left, live.right] { try live.gateway.send([lldp], fromGateBy: end) }
      for capture in captures {
        #expect(try capture.frames(expecting: 1).contains(lldp), "the capture sees what is sent")
      }
    }

    @Test func probesFindNobody() throws {
      let live = try GatewayLive.joined()
      for words in [
        ["nmap", "-sn", "-n", "--disable-arp-ping", "10.77.0.3-20"],
        ["arping", "-c", "2", "-w", "1", "10.77.0.3"],
        ["ping", "-c", "2", "-W", "1", "ff02::1%\(live.left.interface)"],
      ] where Tool.isExpected(words[0]) {
        for end in [live.left, live.right] {
          try live.gateway.run(
            in: end.namespace, ["sysctl", "-qw", "net.ipv6.conf.\(end.interface).disable_ipv6=0"])
        }
        let outcome = try Command(words, namespace: live.left.namespace).run()
        #expect(
          !outcome.output.contains("Host is up") && !outcome.output.contains("bytes from 10.")
            && !outcome.output.contains(" reply from"), "\(outcome)")
      }
    }
  }
}
