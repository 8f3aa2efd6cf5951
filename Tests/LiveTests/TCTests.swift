import BPF
import Glibc
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// The datapath behind tc, on the maps of a loaded instance.
  @Suite(
    .enabled(if: KernelVersion.running >= KernelVersion(6, 6), "needs Linux 6.6, for links of tc"))
  struct TCTests {
    @Test("tc drops and counts what is listed or over its rate, and passes the rest")
    func traffic() throws {
      let live = Live(try Sandbox(ipv6: true))
      try live.ok(["load"])
      try live.ok(["drop-ip", "192.0.2.9", "198.51.100.0/24", "2001:db8:bad::/48"])
      try live.ok(["set-rate", "1/h", "--burst", "5"])
      let receiver = try live.sandbox.receiver(port: 7000)
      let size = 500
      func send(_ source: String, _ count: Int) throws {
        try live.sandbox.send(from: source, port: 7000, count: count, size: size)
      }
      try AttachedTC.while(live) {
        try send("192.0.2.9", 3)
        try send("198.51.100.7", 4)
        try send("2001:db8:bad::1", 6)
        try send("192.0.2.10", 9)
        try send("2001:db8::1", 2)
        let arrived = receiver.take().map(\.source).sorted()
        let expected = [("192.0.2.10", 5), ("2001:db8::1", 2)].flatMap(Array.init(repeating:count:))
        #expect(arrived == expected)
      }
      let stats = try live.stats("(other)")
      #expect(stats["drop.host"] == 3)
      #expect(stats.bytes("drop.host") == 3 * (size + 42))
      #expect(stats["drop.prefix"] == 4 + 6)
      #expect(stats.bytes("drop.prefix") == 4 * (size + 42) + 6 * (size + 62))
      #expect(stats["drop.rate"] == 4)
      #expect(stats["pass.default"] >= 7)
      #expect(stats.isConsistent)
      let dump = try live.ok(["dump", "drops"])["drops"]
      #expect(dump.first("name", "192.0.2.9")["hits"].int == 3)
      // Detached, it drops nothing.
      try send("192.0.2.9", 3)
      #expect(receiver.count() == 3)
    }

    @Test("a listed source is dropped behind tags, of which the kernel takes off one")
    func tags() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["drop-ip", "192.0.2.1"])
      let sender = try live.sandbox.frameSender()
      try AttachedTC.while(live) {
        for count in 0...4 {
          let tags = [UInt16](repeating: Frame.vlan, count: count)
          for source: IPAddress in ["192.0.2.1", "192.0.2.2"] {
            try sender.send([Frame(IPv4(.udp(53), from: source), tags: tags).bytes])
          }
        }
        usleep(100_000)
      }
      let stats = try live.stats("(other)")
      #expect(stats["drop.host"] == 5)
      #expect(stats["pass.default"] == 5)
    }

    @Test("a tag that the kernel took off is a tag")
    func takenOff() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["set-default", "deny"])
      let sender = try live.sandbox.frameSender()
      try AttachedTC.while(live) {
        for count in 0...6 {
          let tags = [UInt16](repeating: Frame.vlan, count: count)
          try sender.send([Frame(0x88cc, .zeros(60), to: Frame.group(14), tags: tags).bytes])
        }
        usleep(100_000)
      }
      let stats = try live.stats("(other)")
      #expect(stats["pass.link-control"] == 1)
      #expect(stats["drop.not-ip"] == 4)
      #expect(stats["drop.vlan-tags"] == 2)
    }

    @Test("headers are read where only the Ethernet header is in the first piece of the buffer")
    func pieces() throws {
      let live = Live(try Sandbox(mtu: 9000, ipv6: false))
      try live.ok(["load"])
      try live.ok(["drop-ip", "192.0.2.1", "2001:db8::1"])
      let sender = try live.sandbox.frameSender()
      // A packet socket lays out frames beyond a page so.
      let frames = [
        Frame(IPv4(.udp(53, payload: 6000), from: "192.0.2.1")),
        Frame(IPv4(.tcp(80, payload: 6000), from: "192.0.2.2")),
        Frame(IPv6(.udp(53, payload: 6000), from: "2001:db8::1")),
        Frame(IPv6(.tcp(80, payload: 6000), from: "2001:db8::2")),
      ]
      try AttachedTC.while(live) {
        try sender.send(frames.map(\.bytes))
        usleep(100_000)
      }
      let stats = try live.stats("(other)")
      #expect(stats["drop.host"] == 2)
      #expect(stats["pass.default"] == 2)
      #expect(stats.bytes("drop.host") == frames[0].bytes.count + frames[2].bytes.count)
      #expect(stats["drop.malformed"] <= 0)
    }
  }
}

/// The tc program on what the host's interface receives.
private final class AttachedTC: Sendable {
  private let link: BPFLink

  private init(_ link: consuming BPFLink) {
    self.link = link
  }

  /// Detached when the body is done.
  static func `while`(_ live: Live, _ body: () throws -> Void) throws {
    let (root, index) = (live.aegis.root, try live.sandbox.ifindex)
    let attached = try live.sandbox.inside(.host) {
      let (datapath, name) = (try Datapath(at: PinRoot(root)), "aegis_tc")
      let object = try datapath.load(build: BPFObjects.tc, named: name)
      let program = BPFProgram(try object.programDescriptor(name), name: name)
      return AttachedTC(try BPFLink(attaching: program, to: .ingress, of: index))
    }
    try withExtendedLifetime(attached, body)
  }
}
