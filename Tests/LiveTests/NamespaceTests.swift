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
      let moved = Command(
        ["bpftool", "-j", "net", "show", "dev", live.interface], namespace: namespace)
      #expect(try moved.run().json[0]["xdp"].array.count == 1)
      #expect(try live.ok(["detach", "--all"])["changed"].bool == true)
      #expect(try moved.run().json[0]["xdp"].array.isEmpty)
    }
  }
}
