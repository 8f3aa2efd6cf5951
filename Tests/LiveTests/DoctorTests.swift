import BPF
import TestSupport
import Testing

extension Kernel {
  struct DoctorTests {
    private func finding(_ live: Live, _ interface: String, _ check: String) throws -> JSON {
      let outcome = try live.run(["doctor", interface, "-o", "json"])
      let mine = try outcome.json["items"].array.filter { $0["subject"].string == interface }
      let finding = try #require(mine.first { $0["check"].string == check }, "\(outcome)")
      let isHealthy = try !outcome.json["items"].array.contains { $0["level"].string == "error" }
      #expect(outcome.status == (isHealthy ? 0 : 1))
      #expect(try outcome.json["healthy"].bool == isHealthy)
      return finding
    }

    @Test func thisKernelHasEverything() throws {
      let live = Live(try Sandbox(ipv6: false))
      let report = try live.ok(["doctor"])
      #expect(report["counts"]["error"].int == 0)
      let items = report["items"].array
      for feature in ["map.lpm-trie", "xdp.link", "xdp.fragments", "cpu.atomics", "datapath"] {
        let finding = items.first { $0["check"].string == feature }
        #expect(finding?["level"].string == "ok", "\(feature)")
      }
      #expect(try live.run(["doctor"]).output.hasSuffix(" error\n"))
      #expect(try live.run(["doctor", "-o", "wide"]).output.contains("map.lru-hash"))
    }

    @Test func offloadsAreSeenInTheCallersNamespace() throws {
      let live = Live(try Sandbox(ipv6: false))
      let name = live.interface
      let found = try finding(live, name, "rx-vlan")
      #expect(found["level"].string == "warning")
      #expect(found["fix"].string == "ethtool -K \(name) rxvlan off")
      // The command does set it right.
      let fix = try #require(found["fix"].string).split(separator: " ").map(String.init)
      #expect(try live.sandbox.run(in: .host, fix).status == 0)
      #expect(try finding(live, name, "rx-vlan")["level"].string == "ok")
      let mode = try finding(live, name, "native-mode")
      #expect(mode["level"].string == "ok" && mode["message"].string == "driver veth")
    }

    @Test func jumboFramesNeedSeveralBuffers() throws {
      let live = Live(try Sandbox(mtu: 9000, ipv6: false))
      let found = try finding(live, live.interface, "mtu")
      #expect(found["level"].string == "ok")
      #expect(found["message"].string == "9000, with multi-buffer XDP")
    }

    @Test func aVethWithTooFewQueues() throws {
      let live = Live(try Sandbox(ipv6: false))
      let name = "vq\(RandomName.hex(6))"
      try live.sandbox.ip(
        in: .host, ["link add \(name) numrxqueues 2 type veth peer name p\(name) numtxqueues 2"])
      let few = ["ethtool", "-L", name, "rx", "1"]
      let many = ["ethtool", "-L", "p\(name)", "tx", "2"]
      #expect(try live.sandbox.run(in: .host, few).status == 0)
      #expect(try live.sandbox.run(in: .host, many).status == 0)

      let found = try finding(live, name, "native-mode")
      #expect(found["level"].string == "warning")
      let fix = try #require(found["fix"].string)
      #expect(fix == "ethtool -L \(name) rx 2")
      try live.ok(["load"])
      let said = try live.fails(71, ["attach", name, "--mode", "native"])
      #expect(said.contains("rx queues"), "\(said)")
      #expect(said.hasSuffix("hint: \(fix)\n"), "\(said)")
      let warned = try live.run(["attach", name])
      #expect(warned.status == 0 && warned.error.hasSuffix("for native mode: \(fix)\n"))
      try live.ok(["detach", name])
      let words = fix.split(separator: " ").map(String.init)
      #expect(try live.sandbox.run(in: .host, words).status == 0)
      #expect(try finding(live, name, "native-mode")["level"].string == "ok")
      #expect(try live.ok(["attach", name])["items"][0]["mode"].string == "native")
    }

    @Test func interfacesWithoutNativeMode() throws {
      let live = Live(try Sandbox(ipv6: false))
      #expect(try finding(live, "lo", "native-mode")["level"].string == "warning")
      #expect(try finding(live, "lo", "mtu")["level"].string == "ok")
      try live.fails(69, ["doctor", "nosuch0"])
    }

    @Test func whoHoldsTheInterface() throws {
      let live = try Live.attached()
      let name = live.interface
      #expect(try finding(live, name, "program")["level"].string == "ok")
      // To another instance it is another's.
      let other = Aegisctl()
      defer { other.cleanUp() }
      let seen = try other.run(["doctor", name], namespace: live.sandbox.host.namespace)
      #expect(seen.status == 1)
      #expect(seen.output.contains("aegisctl detach \(name) --pin-root \(live.aegis.root)\n"))

      try live.ok(["detach", name])
      let foreign = try ForeignProgram()
      let (index, pin) = (try live.sandbox.ifindex, foreign.pin)
      let attach = ["bpftool", "net", "attach", "xdp", "pinned", pin, "dev", name]
      #expect(try live.sandbox.run(in: .host, attach).status == 0)
      try removedByItsFix(live)
      try live.sandbox.inside(.host) {
        let program = try BPFProgram(pinnedAt: pin)
        try BPFLink(attaching: program, to: index, mode: .generic).pin(at: pin + "-link")
      }
      try removedByItsFix(live)
    }

    private func removedByItsFix(_ live: Live) throws {
      let found = try finding(live, live.interface, "program")
      #expect(found["level"].string == "error")
      #expect(found["message"].string?.contains("\"foreign\"") == true)
      let fix = try #require(found["fix"].string).split(separator: " ").map(String.init)
      #expect(try live.sandbox.run(in: .host, fix).status == 0, "\(fix)")
      #expect(try finding(live, live.interface, "program")["level"].string == "ok", "\(fix)")
    }

    @Test func nothingIsChanged() throws {
      let live = Live(try Sandbox(ipv6: false))
      func state() throws -> String {
        let commands = [
          ["ethtool", "-k", live.interface], ["ip", "-d", "link"], ["bpftool", "net", "show"],
          ["ls", "/sys/fs/bpf"], ["ip", "netns"],
        ]
        return try commands.map { command in
          let text = try live.sandbox.run(in: .host, command).output
          // Other tests come and go beside this one.
          return text.split(separator: "\n").filter {
            !$0.contains("aegis-") || $0.contains(live.aegis.root)
          }.joined()
        }.joined()
      }
      let before = try state()
      try live.ok(["doctor", live.interface, "lo"])
      #expect(try state() == before)
    }
  }
}
