import Foundation
import TestSupport
import Testing

extension Kernel {
  struct LoadTests {
    @Test func aSecondLoadAndAttachChangeNothing() throws {
      let live = Live(try Sandbox(ipv6: false))
      #expect(try live.ok(["load"])["action"].string == "loaded")
      let again = try live.ok(["load"])
      #expect(again["action"].string == "unchanged")
      #expect(again["changed"].bool == false)
      let first = try live.ok(["attach", live.interface])
      #expect(first["changed"].bool == true)
      #expect(first["items"][0]["mode"].string == "native")
      #expect(first["items"][0]["warning"].isNull)
      let second = try live.ok(["attach", live.interface])
      #expect(second["changed"].bool == false)
      #expect(second["items"][0]["action"].string == "unchanged")
      #expect(second["items"][0]["mode"].string == "native")
    }

    @Test func bpftoolAgrees() throws {
      let live = try Live.attached()
      let link = try live.ok(["dump", "links"])["links"][0]
      #expect(link["name"].string == live.interface)
      #expect(link["ifindex"].int == Int(try live.sandbox.ifindex))
      let current = live.aegis.root + "/current"

      let program = try bpftool(live, ["prog", "show", "pinned", current + "/aegis"])
      #expect(program["id"].int == link["program"].int)
      #expect(program["type"].string == "xdp")
      #expect(program["name"].string == "aegis")

      let links = try bpftool(live, ["link", "show"])
      let shown = links.array.first { $0["id"].int == link["link"].int }
      #expect(shown?["prog_id"].int == link["program"].int)
      #expect(shown?["type"].string == "xdp")

      let attached = try bpftool(live, ["net", "show"])[0]["xdp"][0]
      #expect(attached["devname"].string == live.interface)
      #expect(attached["id"].int == link["program"].int)
      #expect(attached["mode"].string == "driver")

      let used = Set(program["map_ids"].array.compactMap(\.int))
      for name in try live.names("current") where !["aegis", "out"].contains(name) {
        let map = try bpftool(live, ["map", "show", "pinned", current + "/" + name])
        let id = try #require(map["id"].int)
        #expect(
          used.contains(id)
            || [
              "meta", "notes", "carried", "latency", "parts", "changes", "geo_info", "classes",
              "relay_user", "relay_name", "hook_exit", "hook_info",
            ].contains(name),
          "\(name)")
      }
    }

    @Test func detachKeepsPolicyAndCounters() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9"])
      let receiver = try live.sandbox.receiver(port: 7000)
      try live.sandbox.send(port: 7000, count: 20)
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 7)
      #expect(receiver.count() == 20)

      #expect(try live.ok(["detach", live.interface])["changed"].bool == true)
      #expect(try live.ok(["detach", live.interface])["changed"].bool == false)
      #expect(try live.ok(["dump", "links"])["links"].array.isEmpty)
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 5)
      #expect(receiver.count() == 5)
      #expect(try live.stats()["drop.host"] == 7)
      #expect(try live.stats().object["state"].string == "detached")

      try live.ok(["attach", live.interface])
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 4)
      try live.sandbox.send(port: 7000, count: 1)
      #expect(receiver.count() == 1)
      let stats = try live.stats()
      #expect(stats["drop.host"] == 11)
      #expect(stats["pass.default"] == 21)
      #expect(try live.ok(["dump", "drops"])["drops"][0]["hits"].int == 11)
    }

    @Test func unloadRefusesWhileAttached() throws {
      let live = try Live.attached()
      #expect(try live.fails(1, ["unload"]).contains(live.interface))
      #expect(try live.run(["status"]).status == 0)
      #expect(try live.ok(["unload", "--force"])["changed"].bool == true)
      #expect(!FileManager.default.fileExists(atPath: live.aegis.root))
      #expect(try live.ok(["unload", "--force"])["changed"].bool == false)
      for verb in [["status"], ["stats"], ["dump"], ["drop-ip", "192.0.2.1"], ["attach", "lo"]] {
        #expect(try live.fails(69, verb).contains("aegisctl load"))
      }
      #expect(try bpftool(live, ["net", "show"])[0]["xdp"].array.isEmpty)
    }

    @Test func detachAllThenUnload() throws {
      let live = try Live.attached()
      #expect(try live.ok(["detach", "--all"])["items"][0]["action"].string == "detached")
      #expect(try live.ok(["unload"])["changed"].bool == true)
      try live.fails(69, ["status"])
    }

    @Test func twoRootsDoNotSeeEachOther() throws {
      let one = try Live.attached()
      let two = Live(one.sandbox)
      try one.sandbox.ip(
        in: .host, ["link add \(one.interface)2 type veth peer name \(one.interface)3"])
      let other = one.interface + "2"
      try two.ok(["load"])
      try two.ok(["attach", other])
      try two.ok(["drop-ip", one.peer])
      try two.ok(["set-default", "deny"])
      let receiver = try one.sandbox.receiver(port: 7000)
      try one.sandbox.send(port: 7000, count: 9)
      #expect(receiver.count() == 9)
      #expect(try one.stats()["pass.default"] == 9)
      #expect(try two.stats(other)["drop.host"] == 0)
      #expect(try two.stats().object.isNull)
      #expect(try one.ok(["dump", "drops"])["drops"].array.isEmpty)
      #expect(try one.ok(["status"])["defaultAction"].string == "allow")
      #expect(try two.fails(73, ["attach", one.interface]).contains("another instance of Aegis"))
      try one.ok(["unload", "--force"])
      #expect(try two.ok(["dump", "links"])["links"][0]["name"].string == other)
    }

    private func bpftool(_ live: Live, _ arguments: [String]) throws -> JSON {
      try live.sandbox.run(in: .host, ["bpftool", "-j"] + arguments).json
    }
  }
}
