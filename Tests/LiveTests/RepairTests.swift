import BPF
import Linux
import TestSupport
import Testing

extension Kernel {
  struct RepairTests {
    private static let dropped = "192.0.2.9"

    private func prepared() throws -> Live {
      let live = try Live.attached()
      try live.ok(["drop-ip", Self.dropped])
      return live
    }

    /// A dry run says so and changes nothing, then it is done, and then there is nothing to do.
    private func repairs(
      _ live: Live, _ name: String, _ action: String, at location: SourceLocation = #_sourceLocation
    ) throws {
      let dry = try live.run(["repair", "--dry-run", "-o", "json"])
      #expect(dry.status == 1, "\(dry)", sourceLocation: location)
      #expect(
        try dry.json["items"].first("name", name)["action"].string == action, "\(dry)",
        sourceLocation: location)
      let done = try live.ok(["repair"], at: location)
      #expect(done["changed"].bool == true, sourceLocation: location)
      #expect(
        done["items"].first("name", name)["action"].string == action, sourceLocation: location)
      try allIsWell(live, at: location)
      #expect(try !live.arrives(from: Self.dropped), sourceLocation: location)
      #expect(try live.arrives(), sourceLocation: location)
    }

    private func allIsWell(
      _ live: Live, at location: SourceLocation = #_sourceLocation
    ) throws {
      for arguments in [["repair"], ["repair", "--dry-run"]] {
        let again = try live.ok(arguments, at: location)
        #expect(again["changed"].bool == false, "\(again)", sourceLocation: location)
      }
    }

    private func recreate(_ live: Live) throws {
      let (host, peer) = (live.sandbox.host, live.sandbox.peer)
      try live.sandbox.ip(
        in: .host,
        [
          "link add \(host.interface) type veth"
            + " peer name \(peer.interface) netns \(peer.namespace)",
          "addr add \(host.v4)/24 dev \(host.interface)", "link set \(host.interface) up",
        ])
      try live.sandbox.ip(
        in: .peer,
        [
          "addr add \(peer.v4)/24 dev \(peer.interface)", "link set \(peer.interface) up",
          "route replace default via \(host.v4)",
        ])
    }

    private func link(_ live: Live) throws -> JSON { try live.ok(["dump", "links"])["links"][0] }

    @Test func allIsWell() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.fails(69, ["repair"])
      try live.ok(["load"])
      #expect(try live.run(["repair"]).output == "\(live.aegis.root)  unchanged\n")
      try live.ok(["attach", live.interface])
      try allIsWell(live)
      #expect(try live.run(["repair"]).output == "\(live.interface)  unchanged\n")
      // What was detached on purpose stays so.
      try live.ok(["detach", live.interface])
      try allIsWell(live)
      #expect(try live.ok(["dump", "links"])["links"].array.isEmpty)
    }

    @Test func anInterfaceCreatedAnew() throws {
      let live = try prepared()
      #expect(try live.ok(["status"])["lost"].isNull)
      try live.sandbox.ip(in: .host, ["link del \(live.interface)"])
      #expect(try live.ok(["status"])["lost"][0].string == live.interface)
      #expect(
        try live.run(["status"]).output.contains(
          "\(live.interface), until you run: aegisctl repair\n"))
      let waiting = try live.ok(["repair"])
      #expect(waiting["items"].first("name", live.interface)["action"].string == "waiting")
      #expect(waiting["counts"]["cleared"].int == 1)
      #expect(try live.names("links").isEmpty)
      try allIsWell(live)
      try recreate(live)
      try repairs(live, live.interface, "attached")
      #expect(try live.names("links") == ["\(try live.sandbox.ifindex)"])
      #expect(try link(live)["mode"].string == "native")
      // With the dead link still pinned, too.
      try live.sandbox.ip(in: .host, ["link del \(live.interface)"])
      try recreate(live)
      try repairs(live, live.interface, "attached")
      #expect(try live.names("links") == ["\(try live.sandbox.ifindex)"])
    }

    @Test func oneThatIsGoneForGoodCanBeDetached() throws {
      let live = try prepared()
      try live.sandbox.ip(in: .host, ["link del \(live.interface)"])
      #expect(try live.ok(["detach", live.interface])["changed"].bool == true)
      #expect(try live.ok(["detach", live.interface])["changed"].bool == false)
      try recreate(live)
      try allIsWell(live)
      #expect(try live.arrives(from: Self.dropped))
    }

    @Test func aLinkRemovedByHand() throws {
      let live = try prepared()
      let id = try #require(try link(live)["link"].int)
      try Command(["bpftool", "link", "detach", "id", "\(id)"]).succeed()
      #expect(try live.arrives(from: Self.dropped))
      try repairs(live, live.interface, "attached")

      let path = "\(live.aegis.root)/links/\(try live.sandbox.ifindex)"
      try FileSystem.remove(path)
      // The kernel takes the program off some time after the last reference to its link.
      for _ in 0..<50 where try !live.arrives(from: Self.dropped) {}
      #expect(try live.arrives(from: Self.dropped))
      try repairs(live, live.interface, "attached")
    }

    @Test func aLinkThatLostItsPinIsAdopted() throws {
      let live = try prepared()
      let id = try #require(try link(live)["link"].int)
      let path = "\(live.aegis.root)/links/\(try live.sandbox.ifindex)"
      let held = try BPFLink(pinnedAt: path)
      try FileSystem.remove(path)
      try repairs(live, live.interface, "adopted")
      #expect(try link(live)["link"].int == id)
      #expect(try held.info().id == UInt32(id))
    }

    @Test func aProgramThatSomebodyReplaced() throws {
      let live = try prepared()
      let (foreign, before) = (try ForeignProgram(), try link(live))
      let path = "\(live.aegis.root)/links/\(try live.sandbox.ifindex)"
      do {
        let ours = try BPFProgram(pinnedAt: live.aegis.root + "/current/aegis")
        let theirs = try BPFProgram(pinnedAt: foreign.pin)
        try BPFLink(pinnedAt: path).update(to: theirs, replacing: ours)
      }
      #expect(try live.arrives(from: Self.dropped))
      #expect(try live.run(["repair", "--dry-run"]).output.contains("\"foreign\""))
      try repairs(live, live.interface, "restored")
      #expect(try link(live)["program"].int == before["program"].int)
    }

    @Test func aForeignProgramIsLeftAlone() throws {
      let live = try prepared()
      let foreign = try ForeignProgram()
      let id = try #require(try link(live)["link"].int)
      try Command(["bpftool", "link", "detach", "id", "\(id)"]).succeed()
      let attach = [
        "bpftool", "net", "attach", "xdp", "pinned", foreign.pin, "dev", live.interface,
      ]
      #expect(try live.sandbox.run(in: .host, attach).status == 0)
      for arguments in [["repair"], ["repair", "--dry-run"], ["repair"]] {
        let said = try live.fails(73, arguments)
        #expect(said.contains("\"foreign\"") && said.contains("attached by netlink"))
      }
      let shown = try live.sandbox.run(in: .host, ["bpftool", "-j", "net", "show"]).json
      #expect(shown[0]["xdp"].array.count == 1)
      let detach = ["bpftool", "net", "detach", "xdp", "dev", live.interface]
      #expect(try live.sandbox.run(in: .host, detach).status == 0)
      try repairs(live, live.interface, "attached")
    }

    @Test func fromAnotherNamespace() throws {
      let live = try prepared()
      let id = try #require(try link(live)["link"].int)
      try Command(["bpftool", "link", "detach", "id", "\(id)"]).succeed()
      for arguments in [["repair", "-o", "json"], ["repair", "--dry-run", "-o", "json"]] {
        let there = try live.aegis.run(arguments, namespace: live.sandbox.peer.namespace)
        #expect(there.status == 0, "\(there)")
        #expect(try there.json["items"][0]["action"].string == "elsewhere")
      }
      try repairs(live, live.interface, "attached")
    }
  }
}
