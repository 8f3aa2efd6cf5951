import Foundation
import Glibc
import Testing

@testable import TestSupport

extension Kernel {
  /// What leaves under deny without a key: the packets of connections that this host accepted, and no others.
  struct ReplyTests {
    private static let port: UInt16 = 7000
    private static let bytes = 1_000_000

    private func loaded() throws -> Live {
      let live = Live(try Sandbox())
      try live.ok(["load", "--max-drops", "64", "--max-sources", "6000"])
      return live
    }

    private func denying() throws -> Live {
      let live = try loaded()
      try live.denyWhatLeaves()
      return live
    }

    @Test("a server answers who connects to it, in both directions", arguments: [false, true])
    func accepted(ipv6: Bool) throws {
      let live = try denying()
      let pair = try TCPPair(live.sandbox, accepting: .host, Self.port, ipv6: ipv6)
      #expect(pair.carries(Self.bytes, from: .host))
      #expect(pair.carries(Self.bytes, from: .peer))
      let stats = try live.stats(leaving: true)
      #expect(stats.bytes("pass.reply") > Self.bytes)
      #expect(stats["drop.default"] <= 0)
    }

    @Test("under SYN cookies too, whose answers have no socket", arguments: [false, true])
    func cookies(ipv6: Bool) throws {
      let live = try denying()
      let always = ["sysctl", "-qw", "net.ipv4.tcp_syncookies=2"]
      #expect(try live.sandbox.run(in: .host, always).status == 0)
      let pair = try TCPPair(live.sandbox, accepting: .host, Self.port, ipv6: ipv6)
      #expect(pair.carries(Self.bytes, from: .host))
      #expect(pair.carries(Self.bytes, from: .peer))
      #expect(try live.sandbox.counter("TcpExtSyncookiesRecv", in: .host) == 1)
      #expect(try live.stats(leaving: true)["drop.default"] <= 0)
    }

    @Test("and where the first packet has data", arguments: [false, true])
    func fastOpen(ipv6: Bool) throws {
      let live = try denying()
      // Of who asks and who listens, without a cookie, and on every socket.
      for side in [Sandbox.Side.host, .peer] {
        let always = ["sysctl", "-qw", "net.ipv4.tcp_fastopen=1543"]
        #expect(try live.sandbox.run(in: side, always).status == 0)
      }
      let pair = try TCPPair(
        live.sandbox, accepting: .host, Self.port, ipv6: ipv6, isFast: true)
      #expect(pair.carries(Self.bytes, from: .host))
      #expect(try live.sandbox.counter("TcpExtTCPFastOpenPassive", in: .host) == 1)
      #expect(try live.stats(leaving: true)["drop.default"] <= 0)
    }

    @Test(
      "a connection from before goes on, when nobody listens any more", arguments: [false, true])
    func fromBefore(ipv6: Bool) throws {
      let live = try loaded()
      // The listener ends with the initializer.
      let pair = try TCPPair(live.sandbox, accepting: .host, Self.port, ipv6: ipv6)
      try live.denyWhatLeaves()
      #expect(pair.carries(Self.bytes, from: .host))
      #expect(pair.carries(Self.bytes, from: .peer))
      #expect(try live.stats(leaving: true)["drop.default"] <= 0)
    }

    @Test("what this host opens itself needs a key, and had none before", arguments: [false, true])
    func own(ipv6: Bool) throws {
      let live = try loaded()
      let before = try TCPPair(live.sandbox, accepting: .peer, Self.port, ipv6: ipv6)
      #expect(before.carries(1000, from: .host))
      try live.denyWhatLeaves()
      #expect(!before.carries(1000, from: .host))
      #expect(throws: SupportError.self) {
        try TCPPair(live.sandbox, accepting: .peer, Self.port + 1, ipv6: ipv6)
      }
      let stats = try live.stats(leaving: true)
      #expect(stats["drop.default"] >= 2)
      #expect(stats["pass.reply"] <= 0)
      // Nor does it help to say from which port.
      #expect(throws: SupportError.self) {
        try TCPPair(live.sandbox, accepting: .peer, Self.port + 1, ipv6: ipv6, from: Self.port)
      }
      try live.ok(["allow-key", "--out", "any:\(Self.port + 1)/tcp"])
      let pair = try TCPPair(live.sandbox, accepting: .peer, Self.port + 1, ipv6: ipv6)
      #expect(pair.carries(Self.bytes, from: .host))
      #expect(pair.carries(Self.bytes, from: .peer))
      #expect(try live.stats(leaving: true)["pass.key"] > 0)
    }

    @Test("the end of a connection is told, after the socket too", arguments: [false, true])
    func timeWait(ipv6: Bool) throws {
      let live = try denying()
      let pair = try TCPPair(live.sandbox, accepting: .host, Self.port, ipv6: ipv6)
      pair.close(.host)
      #expect(try live.sandbox.hasSocket("fin-wait-2", in: .host))
      pair.close(.peer)
      // It has its last acknowledgement, from the rest of a socket that is in TIME-WAIT.
      #expect(try live.sandbox.hasSocket("time-wait", in: .host))
      #expect(try !live.sandbox.run(in: .peer, ["ss", "-Htan"]).output.contains("LAST-ACK"))
      #expect(try live.stats(leaving: true)["drop.default"] <= 0)
    }

    @Test("a server that gives a connection up says so", arguments: [false, true])
    func reset(ipv6: Bool) throws {
      let live = try denying()
      let pair = try TCPPair(live.sandbox, accepting: .host, Self.port, ipv6: ipv6)
      pair.abort(.host)
      #expect(pair.isReset(.peer))
      #expect(try live.stats(leaving: true)["drop.default"] <= 0)
    }

    @Test("where nobody listens, nothing is said", arguments: [false, true])
    func silence(ipv6: Bool) throws {
      let live = try denying()
      #expect(throws: SupportError.self) {
        try TCPPair(live.sandbox, accepting: nil, Self.port, ipv6: ipv6)
      }
      let stats = try live.stats(leaving: true)
      #expect(stats["drop.default"] >= 1)
      #expect(stats["pass.reply"] <= 0)
    }

    /// A listener that takes any address must not vouch for others with the same port.
    @Test func whatIsForwardedIsNoReply() throws {
      let live = try denying()
      let sandbox = live.sandbox
      try sandbox.ip(
        in: .host,
        [
          "link add inner type veth peer name inner2", "link set inner2 up",
          "link set inner address 02:00:00:00:00:01 up", "addr add 198.51.100.1/24 dev inner",
        ])
      let forwarding = ["sysctl", "-qw", "net.ipv4.ip_forward=1"]
      #expect(try sandbox.run(in: .host, forwarding).status == 0)
      let listener = try sandbox.listener(port: Self.port)
      // A reset, and the answer to a request, as the listener may send them.
      let sender = try sandbox.frameSender(out: "inner2", of: .host)
      try sender.send([0x04, 0x12].map { try Self.segment(flags: $0, to: sandbox.peer.v4) })
      Thread.sleep(forTimeInterval: 0.1)
      let stats = try live.stats(leaving: true)
      #expect(stats["drop.default"] == 2)
      #expect(stats["pass.reply"] <= 0)
      withExtendedLifetime(listener) {}
    }

    /// From 198.51.100.2 and the port of the listener.
    private static func segment(flags: UInt8, to address: String) throws -> [UInt8] {
      let port = [UInt8(Self.port >> 8), UInt8(Self.port & 0xff)]
      let target = address.split(separator: ".").compactMap { UInt8($0) }
      var ip: [UInt8] = [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 198, 51, 100, 2] + target
      let words = stride(from: 0, to: 20, by: 2).map { UInt32(ip[$0]) << 8 | UInt32(ip[$0 + 1]) }
      let sum = words.reduce(0, +)
      let checksum = ~UInt16(truncatingIfNeeded: (sum & 0xffff) + (sum >> 16))
      ip.replaceSubrange(10..<12, with: [UInt8(checksum >> 8), UInt8(checksum & 0xff)])
      return [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0] + ip + port
        + [0x11, 0x5c, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, flags, 4, 0, 0, 0, 0, 0]
    }

    @Test("UDP has no connections", arguments: [false, true])
    func datagrams(ipv6: Bool) throws {
      let live = try denying()
      let (host, peer) = (live.sandbox.host, live.sandbox.peer)
      let (from, to) = ipv6 ? (host.v6, peer.v6) : (host.v4, peer.v4)
      let receiver = try live.sandbox.inside(.peer) { try Receiver(port: Self.port) }
      func answer() throws {
        try live.sandbox.inside(.host) {
          let socket = try Socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM)
          try socket.bind(to: from, port: Self.port)
          let target = try SocketAddress(to, port: Self.port)
          _ = target.with { sendto(socket.descriptor, "x", 1, 0, $0, $1) }
        }
      }
      try answer()
      #expect(receiver.count() == 0)
      #expect(try live.stats(leaving: true)["drop.default"] == 1)
      try live.ok(["allow-key", "--out", "any:\(Self.port)/udp"])
      try answer()
      #expect(receiver.count() == 1)
    }
  }
}

extension Live {
  fileprivate func denyWhatLeaves() throws {
    try ok(["attach", interface, "--direction", "out"])
    try ok(["set-default", "deny", "--out"])
  }
}

extension Sandbox {
  fileprivate func counter(_ name: String, in side: Side) throws -> Int? {
    let output = try run(in: side, ["nstat", "-asz", name]).output
    let line = output.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }

  /// Whether a TCP socket comes into a state within a second.
  fileprivate func hasSocket(_ state: String, in side: Side) throws -> Bool {
    for _ in 0..<50 {
      if try !run(in: side, ["ss", "-Htan", "state", state]).output.isEmpty { return true }
      usleep(20_000)
    }
    return false
  }
}
