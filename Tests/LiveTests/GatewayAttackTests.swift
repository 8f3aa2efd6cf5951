import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What an attacker, a careless operator or udev has done to wires once.
  struct GatewayAttackTests {
    private func index(_ port: String, _ live: GatewayLive) throws -> Int {
      try live.ok(["status"])["interfaces"].first("name", port)["ifindex"].int ?? -1
    }

    private func carrier(_ end: Gateway.End, _ live: GatewayLive) throws -> Bool {
      try live.gateway.run(in: end.namespace, ["ip", "-o", "link", "show", end.interface])
        .contains("LOWER_UP")
    }

    private func set(_ end: Gateway.End, _ state: String, _ live: GatewayLive) throws {
      try live.gateway.run(in: end.namespace, ["ip", "link", "set", end.interface, state])
    }

    @Test("links that go and come together are not held down for ever")
    func bothLinks() throws {
      let live = try GatewayLive.joined(["--follow-link"])
      for end in [live.left, live.right] { try set(end, "down", live) }
      #expect(try live.run(["repair"]).status == 0)
      for end in [live.left, live.right] { try set(end, "up", live) }
      for _ in 0..<2 { #expect(try live.run(["repair"]).status == 0) }
      #expect(try live.gateway.ping() > 0)
    }

    @Test("a link that was taken up may take its time until it has a carrier")
    func negotiation() throws {
      let live = try GatewayLive.joined(["--follow-link"])
      try set(live.left, "down", live)
      try live.ok(["repair"])
      try set(live.left, "up", live)
      try live.ok(["repair"])
      // The right port was just taken up, and its end is not there yet.
      try set(live.right, "down", live)
      try live.ok(["repair"])
      #expect(try carrier(live.left, live))
    }

    @Test("without --follow-link a port that is held down is taken up")
    func followsNoMore() throws {
      let live = try GatewayLive.joined(["--follow-link"])
      try set(live.left, "down", live)
      try live.ok(["repair"])
      #expect(try !carrier(live.right, live))
      try live.attach()
      try live.ok(["repair"])
      #expect(try carrier(live.right, live))
    }

    @Test("a port that is renamed stays one, by its new name")
    func renamed() throws {
      let live = try GatewayLive.joined(["--trust", "none"])
      let (left, new) = (live.left.port, "new\(RandomName.hex(6))")
      try live.attach(["--trust", live.right.port])
      try live.gateway.ip(["link set \(live.right.port) name \(new)"])
      #expect(try live.run(["repair"]).status == 0)
      let status = try live.run(["status"]).output
      let ports = [left, new].sorted()
      #expect(
        status.contains("\(ports[0]) <-> \(ports[1]) (native, closed, \(new) trusted)"), "\(status)"
      )
      let again = ["attach", left, "--wire", new, "--trust", new]
      #expect(try live.ok(again)["changed"].bool == false)
      let dumped = try live.run(["dump", "host", "-o", "yaml"]).output
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: dumped).status == 0, "\(dumped)")
      // Attached anew under another name than before.
      try live.ok(["detach", left])
      try live.gateway.ip(["link set \(new) name x\(new)"])
      try live.ok(["attach", left, "--wire", "x\(new)"])
      #expect(try live.run(["repair"]).status == 0)
      #expect(try live.gateway.ping(count: 1) == 1)
    }

    @Test("renamed ports are made what they were all the same", arguments: ["unload", "detach"])
    func renamedSettings(_ verb: String) throws {
      let live = try GatewayLive()
      let port = live.right.port
      func settings() throws -> [String] {
        try live.gateway.run(in: live.gateway.gate, ["ip", "-br", "link"])
          .split(separator: "\n").filter { $0.contains("@") }
          .map { String($0.split(separator: "<").last ?? "") }.sorted()
      }
      let before = try settings()
      try live.attach()
      try live.gateway.ip(["link set \(port) name n\(port)"])
      if verb == "detach" {
        let pin = live.aegis.root + "/links/\(try index("n\(port)", live))"
        try FileManager.default.removeItem(atPath: pin)
        try live.ok(["detach", live.left.port])
      } else {
        try live.ok(["unload", "--force"])
      }
      #expect(try settings() == before)
    }

    @Test("only what came in by the other port leaves by a port of an open wire")
    func bridgedGuests() throws {
      let live = try GatewayLive.joined(bridged: true)
      let guest = "ag\(RandomName.hex(6))"
      try live.gateway.ip([
        "link add \(guest) type veth peer name \(guest)p",
        "link set \(guest) master \(live.gateway.bridge)", "link set \(guest) up",
        "link set \(guest)p up",
      ])
      let captures = try [live.left, live.right].map { try FrameCapture(at: $0) }
      try live.gateway.send([GatewayFrames.plain], out: "\(guest)p")
      for capture in captures { #expect(try capture.frames(quiet: 0.5) == []) }
      #expect(try live.gateway.ping() == 3)
    }

    @Test("what is in the way does not keep repair from what it can restore")
    func restoresTheRest() throws {
      let live = try GatewayLive.joined()
      try live.gateway.ip([
        "address add 10.77.0.9/32 dev \(live.left.port)", "link set \(live.right.port) arp on",
      ])
      let repaired = try live.run(["repair"])
      #expect(repaired.status == 1, "\(repaired)")
      #expect(repaired.error.contains("has the address 10.77.0.9"), "\(repaired)")
      #expect(try live.settings().allSatisfy { $0.contains("NOARP") })
    }

    @Test("detached from elsewhere, the settings are restored at home")
    func detachedFromElsewhere() throws {
      let live = try GatewayLive()
      let before = try live.settings()
      try live.attach()
      let detached = try live.aegis.run(["detach", "--all"], namespace: live.left.namespace)
      #expect(detached.status == 0 && detached.error.contains("aegisctl repair"), "\(detached)")
      #expect(try live.run(["repair"]).status == 0)
      #expect(try live.settings() == before)
      #expect(try live.names("links") == [])
    }

    @Test("an interface that is moved and gets the index of a port is not taken for it")
    func sameIndex() throws {
      let live = try GatewayLive.joined(["--trust", "none"])
      try live.attach(["--trust", live.right.port])
      let wanted = try index(live.right.port, live)
      let (moved, away) = ("am\(RandomName.hex(6))", live.left.namespace)
      try live.gateway.ip(["link add \(moved) index 77 type veth peer name \(moved)p"])
      try live.ok(["attach", moved])
      // In the other namespace 77 is taken, and the next free index is that of the port.
      try live.gateway.run(
        in: away,
        [
          "ip", "link", "add", "d0", "index", "77", "type", "veth", "peer", "name", "d1", "index",
          "177",
        ])
      try live.gateway.ip(["link set \(moved) netns \(away)"])
      guard
        try live.gateway.run(in: away, ["ip", "-o", "link", "show", moved])
          .hasPrefix("\(wanted):")
      else {
        Issue.record("the index is another")
        return
      }
      #expect(try live.aegis.run(["attach", moved], namespace: away).status == 1)
      let repaired = try live.run(["repair"])
      #expect(repaired.output.contains("count as those of \(live.right.port)"), "\(repaired)")
      #expect(try live.ok(["status"])["interfaces"].array.count == 2)
      #expect(try live.gateway.ping() == 3)
    }
  }

  @Suite(.enabled(if: Strace.isPresent, "needs strace, to kill at a system call"))
  struct GatewayRepairKillTests {
    @Test("killed at each step of repairing a wire whose port was made again, repair completes it")
    func everyStep() throws {
      let live = try GatewayLive.joined(["--trust", "none"])
      try live.attach(["--trust", live.right.port])
      let command = live.aegis.command(["repair"], namespace: live.gateway.gate)
      func again() throws {
        try live.gateway.unplug(live.right)
        try live.gateway.plug(live.right)
      }
      try again()
      let calls = try Strace.record(command, from: live.aegis.root)
        .filter { $0.changesSomething || $0.name == "ioctl" || $0.name == "write" }
      for call in calls.shuffled().prefix(Machine.few(24)) {
        try again()
        _ = try Strace.run(command, "signal=SIGKILL", at: call)
        let repaired = try live.run(["repair"])
        #expect(repaired.status == 0, "killed at \(call): \(repaired)")
        let links = try live.ok(["status"])["interfaces"]
        #expect(links.array.count == 2, "killed at \(call): \(repaired)")
        #expect(
          links.first("name", live.right.port)["wire"]["trusted"].bool == true, "killed at \(call)")
        #expect(try live.gateway.ping() > 0, "killed at \(call)")
      }
    }
  }
}
