import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What becomes of a wire when something happens to it.
  struct GatewayRepairTests {
    @Test("no ping is lost when an open wire is attached, changed, replaced and detached")
    func openLosesNothing() throws {
      let live = try GatewayLive(bridged: true)
      #expect(try live.gateway.ping() == 3)
      let count = 600
      let pings = try Command(
        [
          "ping", "-n", "-q", "-c", "\(count)", "-i", "0.005", "-W", "1", live.right.v4,
        ], namespace: live.left.namespace
      ).start()
      try live.attach(["--if-detached", "open", "--trust", live.right.port])
      try live.ok(["drop-ip", "198.51.100.0/24"])
      try live.ok(["set-rate", "1M/s"])
      try live.ok(["load", "--replace", "--max-drops", "128"])
      try live.ok(["repair"])
      try live.ok(["detach", live.left.port])
      try live.attach(["--if-detached", "open"])
      let said = try pings.wait().output
      #expect(said.contains(" \(count) received"), "\(said)")
      #expect(try live.stats(live.left)["drop.wire-down"] == 0)
      #expect(try live.gateway.ping() == 3)
    }

    @Test("a port that vanishes is told, and comes back with repair")
    func vanishes() throws {
      let live = try GatewayLive.joined(["--trust", "none"])
      try live.gateway.unplug(live.right)
      let frame = GatewayFrames.plain
      try live.gateway.send([frame], from: live.left)
      #expect(try live.stats(live.left)["drop.wire-down"] == 1)
      let status = try live.ok(["status"])
      #expect(status["lost"][0].string == live.right.port)
      #expect(try live.run(["doctor", live.left.port]).output.contains("does not exist"))
      #expect(try live.run(["repair"]).output.contains("waiting"))
      try live.gateway.plug(live.right)
      let repaired = try live.run(["repair"])
      #expect(repaired.status == 0, "\(repaired)")
      #expect(try live.gateway.ping() == 3)
      #expect(try live.run(["repair", "--dry-run"]).status == 0)
      try live.ok(["detach", live.left.port])
      #expect(try live.names("links") == [])
    }

    @Test("settings that somebody changed are found and restored")
    func changedSettings() throws {
      let live = try GatewayLive.joined()
      let port = live.left.port
      try live.gateway.ip(["link set \(port) arp on promisc off"])
      try live.gateway.run(
        in: live.gateway.gate, ["sysctl", "-qw", "net.ipv6.conf.\(port).disable_ipv6=0"])
      try FileManager.default.removeItem(
        atPath: live.aegis.root + "/links/\(try index(port, live))-silence")
      let found = try live.run(["repair", "--dry-run"])
      #expect(found.status == 1, "\(found)")
      for word in ["ARP is on", "not promiscuous", "IPv6 is on", "not silent"] {
        #expect(found.output.contains(word), "\(found.output)")
      }
      #expect(try live.run(["repair"]).status == 0)
      #expect(try live.run(["repair", "--dry-run"]).status == 0)
    }

    private func index(_ port: String, _ live: GatewayLive) throws -> Int {
      try live.ok(["status"])["interfaces"].first("name", port)["ifindex"].int ?? -1
    }

    @Test("frames that the other port does not take are counted")
    func lost() throws {
      let live = try GatewayLive.joined()
      let far = live.right
      try live.gateway.run(in: far.namespace, ["ethtool", "-K", far.interface, "gro", "off"])
      try live.gateway.send([[UInt8]](repeating: GatewayFrames.plain, count: 5), from: live.left)
      Thread.sleep(forTimeInterval: 0.2)
      #expect(try live.stats(live.left).object["wireLost"].int == 5)
      #expect(try live.run(["stats"]).output.contains("wire.lost"))
      // Before 6.3 the kernel does not say what a driver can do.
      if KernelVersion.running >= KernelVersion(6, 3) {
        #expect(try live.run(["doctor", live.left.port]).output.contains("takes no frames"))
      }
      #expect(try live.run(["stats", "--fail-if", "wire.lost > 4"]).status == 2)
      try live.ok(["load", "--replace", "--max-drops", "128"])
      try live.gateway.send([GatewayFrames.plain], from: live.left)
      Thread.sleep(forTimeInterval: 0.2)
      #expect(try live.stats(live.left).object["wireLost"].int == 6)
    }

    @Test(
      "what is longer than the other port takes is dropped and counted, and repair learns a new MTU"
    )
    func tooBig() throws {
      let live = try GatewayLive.joined()
      let long = GatewayFrames.ipv4(from: [192, 0, 2, 7], size: 1514)
      try live.gateway.ip(["link set \(live.right.port) mtu 1000"])
      try live.gateway.send([long], from: live.left)
      Thread.sleep(forTimeInterval: 0.2)
      #expect(try live.stats(live.left).object["wireLost"].int == 1)
      let told = try live.run(["doctor", live.left.port]).output
      #expect(told.contains("ip link set dev \(live.right.port) mtu 1500"), "\(told)")
      // The refusal names the fix; the MTU of one port alone is not taken over.
      #expect(try live.run(["repair"]).status == 1)
      try live.gateway.ip(["link set \(live.left.port) mtu 1000"])
      #expect(try live.run(["repair"]).status == 0)
      try live.gateway.ip(["link set \(live.left.port) mtu 1500"])
      try live.gateway.send([long], from: live.left)
      Thread.sleep(forTimeInterval: 0.2)
      #expect(try live.stats(live.left)["drop.too-big"] == 1)
    }

    @Test("with --follow-link repair takes a port down with the other one, and up again")
    func followsLink() throws {
      let live = try GatewayLive.joined(["--follow-link"])
      let (left, right) = (live.left, live.right)
      func carrier(_ end: Gateway.End) throws -> Bool {
        try live.gateway.run(in: end.namespace, ["ip", "-o", "link", "show", end.interface])
          .contains("LOWER_UP")
      }
      try live.gateway.run(in: left.namespace, ["ip", "link", "set", left.interface, "down"])
      let down = try live.run(["repair"])
      #expect(down.output.contains("\(left.port) has no carrier"), "\(down)")
      #expect(try !carrier(right))
      #expect(try live.run(["status"]).output.contains("\(right.port) held down"))
      // Both ports have no carrier now; neither may keep the other one down.
      #expect(try live.run(["repair", "--dry-run"]).status == 0)
      try live.gateway.run(in: left.namespace, ["ip", "link", "set", left.interface, "up"])
      #expect(try live.run(["repair"]).output.contains("\(left.port) has a carrier"))
      #expect(try carrier(right) && live.gateway.ping() == 3)
      try live.gateway.run(in: left.namespace, ["ip", "link", "set", left.interface, "down"])
      #expect(try live.run(["repair"]).status == 0)
      #expect(try !carrier(right))
      try live.ok(["detach", left.port])
      #expect(try carrier(right), "detach takes up what was held down")
    }

    @Test("a port that moved to another network namespace")
    func moves() throws {
      let live = try GatewayLive.joined()
      try live.gateway.ip(["link set \(live.right.port) netns \(live.right.namespace)"])
      try live.gateway.send([GatewayFrames.plain], from: live.left)
      #expect(try live.stats(live.left)["drop.wire-down"] == 1)
      let status = try live.ok(["status"])
      #expect(status["moved"][0].string == live.right.port)
      #expect(try live.run(["repair"]).status == 0)
      #expect(try live.run(["detach", "--all"]).status == 0)
      #expect(try live.names("links") == [])
    }

    @Test("unload by force leaves both ports as they were")
    func unloadByForce() throws {
      let live = try GatewayLive()
      let before = try live.settings()
      try live.attach()
      try live.ok(["unload", "--force"])
      #expect(try live.settings() == before)
    }
  }

  @Suite(.enabled(if: Strace.isPresent, "needs strace, to kill at a system call"))
  struct GatewayKillTests {
    @Test(
      "killed at each step of attach and detach, repair makes a wire or none, and detach restores all"
    )
    func everyStep() throws {
      let live = try GatewayLive()
      let before = try live.settings()
      for words in [
        ["attach", live.left.port, "--wire", live.right.port], ["detach", live.left.port],
      ] {
        let command = live.aegis.command(words, namespace: live.gateway.gate)
        let isAttach = words[0] == "attach"
        if !isAttach { try live.attach() }
        let calls = try Strace.record(command, from: live.aegis.root)
          .filter { $0.changesSomething || $0.name == "ioctl" || $0.name == "write" }
        if isAttach { try live.ok(["detach", "--all"]) }
        for call in calls.shuffled().prefix(Machine.few(24)) {
          if !isAttach { try live.attach() }
          _ = try Strace.run(command, "signal=SIGKILL", at: call)
          let repaired = try live.run(["repair"])
          #expect(repaired.status == 0, "\(words), killed at \(call): \(repaired)")
          let attached = try live.ok(["status"])["interfaces"].array.count
          #expect([0, 2].contains(attached), "\(words), killed at \(call)")
          let crosses = try live.gateway.ping() > 0
          #expect(crosses == (attached == 2), "\(words), killed at \(call): \(repaired.output)")
          try live.ok(["detach", "--all"])
          #expect(try live.settings() == before, "\(words), killed at \(call)")
          #expect(try live.names("links") == [], "\(words), killed at \(call)")
        }
        if !isAttach { try live.ok(["detach", "--all"]) }
      }
    }
  }
}
