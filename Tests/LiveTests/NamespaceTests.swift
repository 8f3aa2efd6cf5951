import TestSupport
import Testing

extension Kernel {
  /// Pins are seen from every network namespace; interfaces are not.
  struct NamespaceTests {
    @Test func fromAnotherNamespaceItIsSeenAndDetached() throws {
      let live = try Live.attached()
      let outside = live.sandbox.peer.namespace
      func there(_ arguments: [String]) throws -> JSON {
        try live.aegis.run(arguments + ["-o", "json"], namespace: outside).json
      }
      let link = try there(["dump", "links"])["links"][0]
      #expect(link["name"].string == live.interface)
      #expect(link["elsewhere"].bool == true)
      #expect(try there(["drop-ip", "192.0.2.9"])["changed"].bool == true)
      #expect(try !live.arrives(from: "192.0.2.9"))
      #expect(try there(["load", "--replace", "--max-drops", "50"])["action"].string == "replaced")
      #expect(try !live.arrives(from: "192.0.2.9"))
      #expect(try there(["detach", "--all"])["changed"].bool == true)
      #expect(try live.arrives(from: "192.0.2.9"))
      #expect(try live.ok(["dump", "links"])["links"].array.isEmpty)
    }

    @Test func theSameIndexInTwoNamespacesIsNotMixedUp() throws {
      let live = try Live.attached()
      let other = try Sandbox(ipv6: false)
      try #require(try other.ifindex == live.sandbox.ifindex)
      let said = try live.aegis.run(
        ["attach", other.host.interface], namespace: other.host.namespace)
      #expect(said.status == 1)
      #expect(said.error.contains("--pin-root"))
      #expect(try live.ok(["dump", "links"])["links"][0]["name"].string == live.interface)
      #expect(try live.ok(["attach", live.interface])["changed"].bool == false)
    }

    @Test func anInterfaceThatMovesStaysFiltered() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9"])
      let namespace = "aegis-\(RandomName.hex(6))m"
      try Command(["ip", "netns", "add", namespace]).succeed()
      defer { _ = try? Command(["ip", "netns", "del", namespace]).run() }
      try live.sandbox.ip(in: .host, ["link set \(live.interface) netns \(namespace)"])
      let links = try live.ok(["dump", "links"])["links"]
      #expect(links.array.count == 1)
      #expect(links[0]["elsewhere"].bool == true && links[0]["moved"].bool == true)
      let status = try live.ok(["status"])
      #expect(status["moved"][0].string == live.interface)
      #expect(status["lost"].isNull)
      let item = try live.ok(["repair"])["items"][0]
      #expect(item["action"].string == "elsewhere")
      #expect(item["detail"].string == "attached, moved to another network namespace")
      let moved = Command(
        ["bpftool", "-j", "net", "show", "dev", live.interface], namespace: namespace)
      // By its name nothing in another namespace is meant.
      for arguments in [["detach", live.interface], ["detach", live.interface, "--dry-run"]] {
        #expect(
          try live.fails(69, arguments).contains("where it was moved to\nhint: nsenter --net="))
      }
      #expect(
        try live.fails(69, ["why", "192.0.2.1", "--interface", live.interface]).contains("not"))
      #expect(try moved.run().json[0]["xdp"].array.count == 1)
      #expect(try live.ok(["detach", "--all"])["changed"].bool == true)
      #expect(try moved.run().json[0]["xdp"].array.isEmpty)
    }

    private func readiness(_ live: Live) throws -> String {
      try live.run(["metrics", "--inetd"], input: "GET /readyz HTTP/1.0\r\n\r\n").output
    }

    /// The name says nothing of what is filtered: another interface has it now.
    @Test func anotherInterfaceTakesTheNameOfOneThatMoved() throws {
      let live = try Live.attached()
      let (name, peer) = (live.interface, live.sandbox.peer)
      try live.ok(["drop-ip", "192.0.2.9"])
      let namespace = "aegis-\(RandomName.hex(6))m"
      try Command(["ip", "netns", "add", namespace]).succeed()
      defer { _ = try? Command(["ip", "netns", "del", namespace]).run() }
      try live.sandbox.ip(in: .host, ["link set \(name) netns \(namespace)"])
      #expect(try readiness(live).contains("\(name) was moved to another network namespace\n"))
      try live.sandbox.ip(
        in: .host,
        [
          "link add \(name) index 4000 type veth peer name x\(peer.interface) netns \(peer.namespace)",
          "link set \(name) up",
        ])
      #expect(try live.ok(["status"])["lost"][0].string == name)
      #expect(try readiness(live).contains("503 "))
      #expect(try readiness(live).contains("\(name) is not attached\n"))
      #expect(
        try live.run(["metrics"]).output
          .contains(
            "aegis_interface_attached{interface=\"\(name)\",direction=\"in\",mode=\"native\"} 0\n"))
      try live.fails(69, ["detach", name])
      let dry = try live.run(["repair", "--dry-run"])
      #expect(dry.status == 1)
      #expect(dry.output.contains("the one before it was moved to another network namespace"))
      let item = try live.ok(["repair"])["items"][0]
      #expect(item["action"].string == "attached")
      #expect(try live.ok(["repair", "--dry-run"])["changed"].bool == false)
      #expect(try live.ok(["dump", "links"])["links"].array.count == 2)
      #expect(try live.ok(["status"])["lost"].isNull)

      // Now it is the one here that is meant; the other stays as it is.
      #expect(try live.ok(["detach", name])["changed"].bool == true)
      let links = try live.ok(["dump", "links"])["links"].array
      #expect(links.count == 1 && links[0]["elsewhere"].bool == true)
    }

    /// Attached once more where it is now it belongs there, also with another index.
    @Test(arguments: [false, true])
    func oneThatMovedIsSettled(takesAnotherIndex: Bool) throws {
      let live = try Live.attached()
      let name = live.interface
      let index = try live.sandbox.ifindex
      let namespace = "aegis-\(RandomName.hex(6))m"
      try Command(["ip", "netns", "add", namespace]).succeed()
      defer { _ = try? Command(["ip", "netns", "del", namespace]).run() }
      if takesAnotherIndex {
        try Command(
          ["ip", "link", "add", "other", "index", "\(index)", "type", "bridge"],
          namespace: namespace
        ).succeed()
      }
      try live.sandbox.ip(in: .host, ["link set \(name) netns \(namespace)"])
      func there(_ arguments: [String]) throws -> JSON {
        try live.aegis.run(arguments + ["-o", "json"], namespace: namespace).json
      }
      let before = try there(["dump", "links"])["links"][0]
      #expect(before["elsewhere"].bool == false && before["moved"].bool == true)
      let item = try there(["repair"])["items"][0]
      #expect(item["action"].string == "adopted")
      #expect(try there(["repair", "--dry-run"])["changed"].bool == false)
      #expect(try there(["attach", name])["changed"].bool == false)
      let after = try there(["dump", "links"])["links"][0]
      #expect(after["link"].int == before["link"].int)
      #expect(after["moved"].bool == false)
      let now = try #require(after["ifindex"].int)
      #expect((now == Int(index)) != takesAnotherIndex)
      #expect(try live.names("links") == ["\(now)"])
      // Where it came from nothing is amiss any more.
      #expect(try live.ok(["status"])["moved"].isNull)
      #expect(try there(["detach", name])["changed"].bool == true)
      #expect(try live.ok(["dump", "links"])["links"].array.isEmpty)
    }
  }
}
