import TestSupport
import Testing

extension Kernel {
  /// XDP reads Ethernet frames, and is attached to nothing else; tc reads those that begin with IP, too.
  struct LinkLayerTests {
    /// Interfaces without an Ethernet header that can be made anywhere.
    private static let without = [
      "tuntap add mode tun name x0", "link add x0 type vxlan gpe external dstport 4790",
    ]

    @Test(arguments: without)
    func anInterfaceWithoutAnEthernetHeaderIsNotForXDP(_ line: String) throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.sandbox.ip(in: .host, [line, "link set x0 up"])
      for options in [["generic"], ["native"], ["native", "--dry-run"]] {
        let said = try live.fails(65, ["attach", "x0", "--mode"] + options)
        #expect(said.contains("x0: its packets have no Ethernet header"), "\(said)")
        let hint = "x0 --mode tc; or attach the interface that carries its packets\n"
        #expect(said.contains(hint), "\(said)")
      }
      #expect(try live.ok(["dump", "links"])["links"].array.isEmpty)
      let shown = try live.sandbox.run(in: .host, ["ip", "-d", "link", "show", "x0"]).output
      #expect(!shown.contains("xdp"), "\(shown)")
      try live.ok(["doctor", "x0"])
      #expect(
        try live.fails(65, ["why", "--interface", "x0", "192.0.2.1"]).contains("no Ethernet"))
      // The others are not held up by it.
      try live.fails(
        65, ["attach", "x0", live.interface, "--mode", "native", "--confirm-within", "60s"])
      let links = try live.ok(["dump", "links"])["links"].array
      #expect(links.compactMap { $0["name"].string } == [live.interface])
    }

    @Test func theGuardLooksPastIt() throws {
      let host = try GuardedHost(attached: false)
      try host.run(["set-default", "deny"])
      try host.live.sandbox.ip(in: .host, ["tuntap add mode tun name x0", "link set x0 up"])
      #expect(try host.run(["attach", "x0", "--mode", "native"]).status == 65)
    }

    @Test func aTapHasOne() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.sandbox.ip(in: .host, ["tuntap add mode tap name x0", "link set x0 up"])
      for mode in ["native", "generic"] {
        try live.ok(["attach", "x0", "--mode", mode])
        #expect(try live.run(["doctor", "x0"]).status == 0)
        try live.ok(["detach", "x0"])
      }
    }

    @Test func repairAttachesByTC() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.sandbox.ip(in: .host, ["link add x0 type veth peer name x1", "link set x0 up"])
      try live.ok(["attach", "x0"])
      try live.ok(["attach", live.interface])
      try live.sandbox.ip(
        in: .host, ["link del x0", "tuntap add mode tun name x0", "link set x0 up"])
      let items = try live.ok(["repair"])["items"]
      #expect(items.first("name", "x0")["action"].string == "attached")
      #expect(items.first("name", live.interface)["action"].string == "unchanged")
      #expect(try live.ok(["dump", "links"])["links"].first("name", "x0")["mode"].string == "tc")
      #expect(try live.run(["repair"]).status == 0)
    }

    @Test func completionOffersWhatCanBeAttached() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.sandbox.ip(
        in: .host, ["tuntap add mode tun name x0", "tuntap add mode tap name x1"])
      let words = [
        "---completion", "attach", "--", "positional@0", "1", "0", "aegisctl", "attach", "",
      ]
      let offered = try live.run(words).output
      for name in ["x0", "x1", live.interface] { #expect(offered.contains(name), "\(offered)") }
    }
  }
}
