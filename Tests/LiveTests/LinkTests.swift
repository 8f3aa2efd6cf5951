import Foundation
import TestSupport
import Testing

extension Kernel {
  struct LinkTests {
    @Test func anInterfaceThatGoesAndComesBack() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9"])
      let create =
        "link add \(live.interface) type veth"
        + " peer name \(live.sandbox.peer.interface) netns \(live.sandbox.peer.namespace)"
      try live.sandbox.ip(in: .host, ["link del \(live.interface)"])
      #expect(try live.ok(["status"])["interfaces"].array.isEmpty)
      #expect(try live.stats().object["state"].string == "detached")
      // It was to come back, and is not any more.
      #expect(try live.ok(["detach", live.interface])["changed"].bool == true)
      #expect(try live.ok(["detach", live.interface])["changed"].bool == false)
      try live.sandbox.ip(in: .host, [create])
      let again = try live.ok(["attach", live.interface])
      #expect(again["items"][0]["mode"].string == "native")
      let items = try live.ok(["stats"])["items"].array
      #expect(items.map { $0["interface"].string } == [live.interface])

      // Also without the detach, and with the dead link still pinned.
      try live.sandbox.ip(in: .host, ["link del \(live.interface)", create])
      #expect(try live.ok(["status"])["interfaces"].array.isEmpty)
      #expect(try live.ok(["attach", live.interface])["changed"].bool == true)
      #expect(try live.names("links") == ["\(try live.sandbox.ifindex)"])
      try live.sandbox.ip(
        in: .host,
        [
          "addr add \(live.sandbox.host.v4)/24 dev \(live.interface)",
          "link set \(live.interface) up",
        ])
      try live.sandbox.ip(
        in: .peer,
        [
          "addr add \(live.peer)/24 dev \(live.sandbox.peer.interface)",
          "link set \(live.sandbox.peer.interface) up",
        ])
      // A busy kernel gets round to the carrier late, and ARP asks again after a second.
      #expect(try live.sandbox.ping(count: 1, timeout: 10) == 1)
      let receiver = try live.sandbox.receiver(port: 7000)
      try live.sandbox.send(port: 7000, count: 3)
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 2)
      #expect(receiver.count() == 3)
      #expect(try live.stats()["drop.host"] == 2)
    }

    @Test func aNamespaceThatGoes() throws {
      let live = try Live.attached()
      let namespace = live.sandbox.host.namespace
      try Command(["ip", "netns", "del", namespace]).succeed()
      let start = Date()
      var status = try live.aegis.run(["status", "-o", "json"]).json
      while !status["interfaces"].array.isEmpty, Date().timeIntervalSince(start) < 10 {
        status = try live.aegis.run(["status", "-o", "json"]).json
      }
      #expect(status["interfaces"].array.isEmpty)
      #expect(try live.aegis.run(["unload"]).status == 0)
    }

    @Test func aRenamedInterfaceStaysAttached() throws {
      let live = try Live.attached()
      let name = "re" + live.interface
      try live.ok(["drop-ip", "192.0.2.9"])
      try live.sandbox.ip(
        in: .host,
        [
          "link set \(live.interface) down", "link set \(live.interface) name \(name)",
          "link set \(name) up",
        ])
      #expect(try live.ok(["status"])["interfaces"][0]["name"].string == name)
      #expect(try live.ok(["attach", name])["changed"].bool == false)
      let receiver = try live.sandbox.receiver(port: 7000)
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 2)
      try live.sandbox.send(port: 7000, count: 3)
      #expect(receiver.count() == 3)
      #expect(try live.stats(name)["drop.host"] == 2)
      try live.fails(69, ["stats", live.interface])
      #expect(try live.ok(["detach", name])["changed"].bool == true)
      #expect(try live.stats(name)["drop.host"] == 2)
      #expect(try live.ok(["detach", name])["changed"].bool == false)
      #expect(try live.ok(["attach", name])["changed"].bool == true)
      #expect(try live.stats(name)["drop.host"] == 2)
    }
  }
}
