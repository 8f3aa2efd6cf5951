import TestSupport
import Testing

extension Kernel {
  /// The datapath reads Ethernet frames, and is attached to nothing else.
  struct LinkLayerTests {
    /// Interfaces without an Ethernet header that can be made anywhere.
    private static let without = [
      "tuntap add mode tun name x0", "link add x0 type vxlan gpe external dstport 4790",
    ]

    @Test(arguments: without)
    func anInterfaceWithoutAnEthernetHeaderIsRefused(_ line: String) throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.sandbox.ip(in: .host, [line, "link set x0 up"])
      for options in [[], ["--mode", "generic"], ["--mode", "native"], ["--dry-run"]] {
        let said = try live.fails(65, ["attach", "x0"] + options)
        #expect(said.contains("x0: its packets have no Ethernet header"), "\(said)")
        #expect(said.contains("\nhint: attach the interface that carries its packets\n"), "\(said)")
      }
      #expect(try live.ok(["dump", "links"])["links"].array.isEmpty)
      let shown = try live.sandbox.run(in: .host, ["ip", "-d", "link", "show", "x0"]).output
      #expect(!shown.contains("xdp"), "\(shown)")
      #expect(try live.fails(65, ["doctor", "x0"]).contains("no Ethernet header"))
      #expect(
        try live.fails(65, ["why", "--interface", "x0", "192.0.2.1"]).contains("no Ethernet"))
      // The others are not held up by it.
      try live.fails(65, ["attach", "x0", live.interface, "--confirm-within", "60s"])
      let links = try live.ok(["dump", "links"])["links"].array
      #expect(links.compactMap { $0["name"].string } == [live.interface])
    }

    @Test func theGuardLooksPastIt() throws {
      let host = try GuardedHost(attached: false)
      try host.run(["set-default", "deny"])
      try host.live.sandbox.ip(in: .host, ["tuntap add mode tun name x0", "link set x0 up"])
      #expect(try host.run(["attach", "x0"]).status == 65)
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

    @Test func repairDoesNotBringItBack() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.sandbox.ip(in: .host, ["link add x0 type veth peer name x1", "link set x0 up"])
      try live.ok(["attach", "x0"])
      try live.ok(["attach", live.interface])
      try live.sandbox.ip(
        in: .host, ["link del x0", "tuntap add mode tun name x0", "link set x0 up"])
      for options in [["--dry-run"], []] {
        let outcome = try live.run(["repair", "-o", "json"] + options)
        #expect(outcome.status == 65, "\(outcome)")
        let items = try outcome.json["items"]
        #expect(items.first("name", "x0")["action"].string == "unsupported")
        #expect(items.first("name", live.interface)["action"].string == "unchanged")
        #expect(outcome.error.contains("aegisctl detach x0, and attach the interface"))
      }
      try live.ok(["detach", "x0"])
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
      #expect(offered.contains("x1") && offered.contains(live.interface), "\(offered)")
      #expect(!offered.contains("x0"), "\(offered)")
    }
  }
}
