import BPF
import TestSupport
import Testing

extension Kernel {
  struct AttachTests {
    @Test(arguments: ["bridge", "lo"])
    func genericWhereThereIsNoNativeMode(kind: String) throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      var name = kind
      if kind == "bridge" {
        name = "br\(live.interface)"
        try live.sandbox.ip(in: .host, ["link add \(name) type bridge", "link set \(name) up"])
      }
      try live.fails(71, ["attach", name, "--mode", "native"])
      let outcome = try live.run(["attach", name, "-o", "json"])
      #expect(outcome.status == 0)
      #expect(outcome.error.contains("generic"))
      #expect(try outcome.json["items"][0]["mode"].string == "generic")
      #expect(try outcome.json["items"][0]["warning"].string?.contains(name) == true)
      #expect(try live.ok(["dump", "links"])["links"][0]["mode"].string == "generic")
      #expect(try live.ok(["attach", name])["changed"].bool == false)
      #expect(try live.fails(1, ["attach", name, "--mode", "native"]).contains("detach"))
      if kind == "lo" {
        try live.ok(["drop-ip", "127.0.0.1"])
        try live.sandbox.run(in: .host, ["ping", "-c", "2", "-i", "0.05", "-W", "1", "127.0.0.1"])
        #expect(try live.stats("lo")["drop.host"] == 2)
      }
    }

    @Test(arguments: ["xdp", "xdpgeneric"])
    func aForeignProgramStays(type: String) throws {
      let live = Live(try Sandbox(ipv6: false))
      let foreign = try ForeignProgram()
      try live.ok(["load"])
      let attach = ["bpftool", "net", "attach", type, "pinned", foreign.pin, "dev", live.interface]
      #expect(try live.sandbox.run(in: .host, attach).status == 0)
      for mode in ["auto", "native", "generic"] {
        let said = try live.fails(73, ["attach", live.interface, "--mode", mode])
        #expect(said.contains("foreign") && said.contains(live.interface), "\(mode)")
      }
      #expect(try live.ok(["dump", "links"])["links"].array.isEmpty)
      let shown = try live.sandbox.run(in: .host, ["bpftool", "-j", "net", "show"]).json
      #expect(shown[0]["xdp"].array.count == 1)
      #expect(try live.arrives())
      try live.fails(73, ["attach", live.interface, "--dry-run"])
      let detach = ["bpftool", "net", "detach", type, "dev", live.interface]
      #expect(try live.sandbox.run(in: .host, detach).status == 0)
      #expect(try live.ok(["attach", live.interface])["changed"].bool == true)
      #expect(try live.names("links").count == 1)
      // Nor can the other one displace Aegis.
      #expect(try live.sandbox.run(in: .host, attach).status != 0)
    }

    @Test func aForeignLinkStays() throws {
      let live = Live(try Sandbox(ipv6: false))
      let foreign = try ForeignProgram()
      try live.ok(["load"])
      let (index, pin) = (try live.sandbox.ifindex, foreign.pin)
      try live.sandbox.inside(.host) {
        let program = try BPFProgram(pinnedAt: pin)
        try BPFLink(attaching: program, to: index, mode: .native).pin(at: pin + "-link")
      }
      #expect(try live.fails(73, ["attach", live.interface]).contains("foreign"))
      #expect(try live.arrives())
    }

    @Test func jumboFrames() throws {
      let live = try Live.attached(mtu: 9000)
      try live.ok(["drop-ip", "192.0.2.9"])
      let receiver = try live.sandbox.receiver(port: 7000)
      let passed = try live.sandbox.send(port: 7000, count: 20, size: 8900)
      let dropped = try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 10, size: 8900)
      #expect(receiver.take().map(\.size) == Array(repeating: 8900, count: 20))
      let stats = try live.stats()
      #expect(stats["pass.default"] == 20 && stats.bytes("pass.default") == passed)
      #expect(stats["drop.host"] == 10 && stats.bytes("drop.host") == dropped)
    }
  }
}
