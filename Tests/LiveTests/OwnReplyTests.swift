import Foundation
import Glibc
import Linux
import Testing

@testable import TestSupport

extension Kernel {
  /// What comes in under deny without a key: replies to what this host opened, and nothing else.
  struct OwnReplyTests {
    /// Of servers, and one of those that connections get.
    private static let (port, given): (UInt16, UInt16) = (7000, 40_000)

    /// Whether the kernel tells about sockets of TCP: that of some virtual machines has no module for it.
    private static let listsSockets = (try? TCPSockets.listening()) != nil

    enum Hook: String, CaseIterable, CustomTestStringConvertible {
      case native, tc

      var testDescription: String { rawValue }
    }

    private func loaded(_ hook: Hook = .native) throws -> Live {
      let live = Live(try Sandbox())
      try live.ok(["load", "--max-drops", "64", "--max-sources", "6000"])
      try live.ok(["attach", live.interface, "--mode", hook.rawValue])
      return live
    }

    private func denying(_ hook: Hook = .native) throws -> Live {
      let live = try loaded(hook)
      try live.ok(["set-default", "deny", "--replies"])
      return live
    }

    @Test(
      "a host reaches servers, 64 MB both ways", arguments: Hook.allCases, [false, true])
    func connects(hook: Hook, ipv6: Bool) throws {
      let live = try denying(hook)
      let bytes = 64 << 20
      let pair = try TCPPair(live.sandbox, accepting: .peer, Self.port, ipv6: ipv6)
      #expect(pair.carries(bytes, from: .peer))
      #expect(pair.carries(1_000_000, from: .host))
      let stats = try live.stats()
      #expect(stats.bytes("pass.reply") > bytes)
      // Multicast listener reports are none.
      #expect(stats["drop.default"] < 10)
    }

    @Test("a program that fetches pages needs no key", arguments: [false, true])
    func fetches(ipv6: Bool) throws {
      let live = try denying()
      let sandbox = live.sandbox
      let address = ipv6 ? sandbox.peer.v6 : sandbox.peer.v4
      let host = ipv6 ? "[\(address)]" : address
      let fetch = """
        import time, urllib.request
        for _ in range(100):
            try:
                print(len(urllib.request.urlopen("http://\(host):8080/page", timeout=3).read()))
                break
            except OSError:
                time.sleep(0.05)
        """
      try TemporaryDirectory.with { directory in
        try directory.file("page", [UInt8](repeating: 0x61, count: 300_000))
        let serve = """
          import http.server, os, socket, socketserver
          os.chdir("\(directory.path)")
          socketserver.TCPServer.address_family = socket.AF_INET\(ipv6 ? "6" : "")
          handler = http.server.SimpleHTTPRequestHandler
          socketserver.TCPServer(("\(address)", 8080), handler).serve_forever()
          """
        let server = try Command(["python3", "-c", serve], namespace: sandbox.peer.namespace)
          .start()
        defer { server.signal(SIGTERM) }
        let outcome = try sandbox.run(in: .host, ["python3", "-c", fetch])
        #expect(outcome.output == "300000\n", "\(outcome)")
      }
      #expect(try live.stats()["drop.default"] < 10)
    }

    @Test("a port that nobody listens on is refused at once", arguments: [false, true])
    func refused(ipv6: Bool) throws {
      let live = try denying()
      let start = Date()
      #expect(throws: SupportError.self) {
        try TCPPair(live.sandbox, accepting: .peer, Self.port, ipv6: ipv6, to: Self.port + 1)
      }
      #expect(Date().timeIntervalSince(start) < 0.5)
      #expect(try live.stats()["pass.reply"] == 1)
    }

    @Test("nobody else opens a connection, whatever the port", arguments: [false, true])
    func inbound(ipv6: Bool) throws {
      let live = try denying()
      for port in [Self.port, Self.given] {
        #expect(throws: SupportError.self) {
          try TCPPair(live.sandbox, accepting: .host, port, ipv6: ipv6)
        }
      }
      let stats = try live.stats()
      #expect(stats["pass.reply"] <= 0)
      #expect(stats["drop.default"] >= 2)
    }

    @Test("an accepted connection does not outlive its key", arguments: [false, true])
    func accepted(ipv6: Bool) throws {
      let live = try denying()
      try live.ok(["allow-key", "any:\(Self.port)/tcp"])
      let pair = try TCPPair(live.sandbox, accepting: .host, Self.port, ipv6: ipv6)
      #expect(pair.carries(1000, from: .peer))
      try live.ok(["allow-key", "any:\(Self.port)/tcp", "--remove"])
      #expect(!pair.carries(1000, from: .peer))
      #expect(try live.stats()["pass.reply"] <= 0)
    }

    @Test("a connection from before goes on, and one from a low port does not")
    func fromBefore() throws {
      let live = try loaded()
      let pair = try TCPPair(live.sandbox, accepting: .peer, Self.port, ipv6: false)
      let low = try TCPPair(live.sandbox, accepting: .peer, Self.port, ipv6: false, from: 700)
      let told = try live.run(["set-default", "deny", "--replies", "--dry-run"])
      let isListed = Self.listsSockets
      let key = "\(live.peer):700/tcp"
      let line =
        "tcp from \(live.peer):\(Self.port) to port 700 would get no packets; to let them in: "
      #expect(told.error.contains(line + "aegisctl allow-key \(key)") == isListed, "\(told)")
      #expect(told.error.components(separatedBy: "note: tcp").count == (isListed ? 2 : 1))
      try live.ok(["set-default", "deny", "--replies"])
      #expect(pair.carries(100_000, from: .peer))
      #expect(!low.carries(1000, from: .peer))
      try live.ok(["allow-key", key])
      #expect(low.carries(1000, from: .peer))
    }

    @Test(
      "a profile says which connections it would cut off, when it is stored and when it is switched to"
    )
    func profiles() throws {
      let live = try loaded()
      let pair = try TCPPair(
        live.sandbox, accepting: .peer, Self.port, ipv6: false, from: Self.given)
      let strict =
        "apiVersion: aegis/v1\nkind: Policy\nmetadata: {profile: strict}\nspec: {default: deny}\n"
      let names = "tcp from \(live.peer):\(Self.port) to port \(Self.given)"
      let remedy = "; to let them in: aegisctl set-default deny --replies --as strict"
      func says(_ text: String, _ outcome: Outcome) -> Bool {
        outcome.status == 0 && outcome.error.contains(names + text + remedy) == Self.listsSockets
      }
      let would = " would get no packets with profile strict"
      let stored = try live.run(["apply", "-f", "-", "--force"], input: strict)
      #expect(says(would, stored), "\(stored)")
      let tried = try live.run(["switch", "strict", "--dry-run", "--force"])
      #expect(says(" would get no packets", tried), "\(tried)")
      let armed = try live.run(
        ["switch", "strict", "--when", "received > 1M/s", "--for", "1m", "--force"])
      #expect(says(would, armed), "\(armed)")
      try live.ok(["switch", "strict", "--when", "off"])
      let done = try live.run(["switch", "strict", "--force"])
      #expect(says(" gets no packets any more", done), "\(done)")
      #expect(!pair.carries(1000, from: .peer))
      let replies = strict.replacing("default: deny", with: "default: deny, replies: true")
      let again = try live.run(["apply", "-f", "-", "--force"], input: replies)
      #expect(!again.error.contains(names), "\(again)")
      #expect(pair.carries(1000, from: .peer))
    }

    @Test("a resolver is answered, if its socket is connected", arguments: [false, true])
    func datagrams(ipv6: Bool) throws {
      let live = try denying()
      let sandbox = live.sandbox
      let server = try sandbox.datagrams(of: .peer, ipv6: ipv6, port: 53)
      let other = try sandbox.datagrams(of: .peer, ipv6: ipv6, port: 54)
      let address = ipv6 ? sandbox.peer.v6 : sandbox.peer.v4
      let own = ipv6 ? sandbox.host.v6 : sandbox.host.v4
      let client = try sandbox.datagrams(of: .host, ipv6: ipv6)
      try client.connect(to: address, port: 53)
      try client.send([1, 2, 3], to: address, port: 53)
      #expect(try server.receive()?.bytes == [1, 2, 3])
      try server.send([4, 5], to: own, port: client.port)
      #expect(try client.receive()?.bytes == [4, 5])
      // Another port of the same server is another peer.
      try other.send([6], to: own, port: client.port)
      #expect(try client.receive() == nil)
      // One that is not connected would take what anybody sends.
      let loose = try sandbox.datagrams(of: .host, ipv6: ipv6)
      try loose.send([1], to: address, port: 53)
      try server.send([7], to: own, port: loose.port)
      #expect(try loose.receive() == nil)
      let stats = try live.stats()
      #expect(stats["pass.reply"] == 1)
      #expect(stats["drop.default"] >= 2)
      // A connected one below the range is no client's.
      let low = try sandbox.datagrams(of: .host, ipv6: ipv6, port: 1000)
      try low.connect(to: address, port: 53)
      try server.send([8], to: own, port: 1000)
      #expect(try low.receive() == nil)
    }

    /// A socket of the peer has the same tuple.
    @Test func socketsOfOtherNamespacesDoNotCount() throws {
      let live = try denying()
      let sandbox = live.sandbox
      try sandbox.ip(in: .peer, ["addr add \(sandbox.host.v4)/32 dev lo"])
      let port = Self.given
      let socket = try sandbox.inside(.peer) {
        let socket = try DatagramSocket(bound: sandbox.host.v4, port: port)
        try socket.connect(to: sandbox.peer.v4, port: 53)
        return socket
      }
      let sender = try sandbox.frameSender(out: sandbox.peer.interface, of: .peer)
      try sender.send([Self.datagram(from: sandbox.peer.v4, 53, to: sandbox.host.v4, port)])
      usleep(100_000)
      #expect(try live.stats()["drop.default"] == 1)
      withExtendedLifetime(socket) {}
    }

    @Test("requests, fragments and foreign tuples are no replies")
    func foreign() throws {
      let live = try denying()
      let sandbox = live.sandbox
      let pair = try TCPPair(sandbox, accepting: .peer, Self.port, ipv6: false, from: Self.given)
      #expect(pair.carries(1000, from: .peer))
      let before = try live.stats()
      let (peer, host) = (sandbox.peer.v4, sandbox.host.v4)
      let sender = try sandbox.frameSender(out: sandbox.peer.interface, of: .peer)
      func segment(_ flags: UInt8, from: UInt16 = Self.port, more: Bool = false) -> [UInt8] {
        Self.frame(
          from: peer, to: host, 6, isFragment: more,
          Self.word(from) + Self.word(Self.given) + [0, 0, 0, 1, 0, 0, 0, 1, 0x50, flags, 4, 0]
            + [0, 0, 0, 0])
      }
      // A request, also with ECN; a segment of another port, and the first part of one.
      try sender.send([segment(0x02), segment(0xc2), segment(0x10, from: 7001)])
      try sender.send([segment(0x10, more: true)])
      usleep(100_000)
      let after = try live.stats()
      // Multicast listener reports may be among them.
      #expect(after["drop.default"] - max(0, before["drop.default"]) >= 4)
      #expect(after["pass.reply"] == before["pass.reply"])
      try sender.send([segment(0x10)])
      usleep(100_000)
      #expect(try live.stats()["pass.reply"] > before["pass.reply"])
    }

    @Test("replies are held to rates, dropped by lists and counted in monitor mode")
    func otherStages() throws {
      let live = try denying()
      let sandbox = live.sandbox
      let server = try sandbox.datagrams(of: .peer, port: 53)
      let client = try sandbox.datagrams(of: .host)
      try client.connect(to: live.peer, port: 53)
      func answers(_ count: Int) throws -> Int {
        for _ in 0..<count {
          try server.send([1], to: sandbox.host.v4, port: client.port)
        }
        return try client.count()
      }
      try live.ok(["set-rate", "1/h", "--burst", "5"])
      #expect(try answers(20) == 5)
      try live.ok(["set-rate", "off", "--all"])
      try live.ok(["set-rule", "none", "--source-port", "53/udp", "--then", "drop"])
      #expect(try answers(3) == 0)
      try live.ok(["set-rule", "none", "--remove"])
      try live.ok(["drop-ip", live.peer])
      #expect(try answers(3) == 0)
      try live.ok(["drop-ip", live.peer, "--remove"])
      #expect(try answers(3) == 3)
      try live.ok(["set-default", "deny", "--no-replies"])
      #expect(try answers(3) == 0)
      try live.ok(["set-mode", "monitor"])
      #expect(try answers(3) == 3)
    }

    @Test("the range of ports is that of the host, and doctor says when it has changed")
    func range() throws {
      let live = try denying()
      let sandbox = live.sandbox
      func doctor() throws -> String { try live.run(["doctor", "-o", "wide"]).output }
      #expect(try doctor().contains("to ports 32768-60999"))
      let other = ["sysctl", "-qw", "net.ipv4.ip_local_port_range=20000 30000"]
      #expect(try sandbox.run(in: .host, other).status == 0)
      #expect(throws: SupportError.self) {
        try TCPPair(sandbox, accepting: .peer, Self.port, ipv6: false)
      }
      #expect(try doctor().contains("connections get 20000-30000"))
      #expect(try live.ok(["set-default", "deny", "--replies"])["changed"].bool == true)
      #expect(try live.ok(["set-default", "deny", "--replies"])["changed"].bool == false)
      _ = try TCPPair(sandbox, accepting: .peer, Self.port, ipv6: false)
      let listener = try sandbox.listener(port: 25_000)
      #expect(
        try doctor().contains("accept connections on ports of that range: 25000")
          == Self.listsSockets)
      withExtendedLifetime(listener) {}
    }

    @Test("what would be cut is listed with what keeps it, and a router is warned")
    func listed() throws {
      let live = try loaded()
      let sandbox = live.sandbox
      let time = try sandbox.datagrams(of: .host, port: 123)
      let loose = try sandbox.datagrams(of: .host)
      let client = try sandbox.datagrams(of: .host)
      try client.connect(to: live.peer, port: 53)
      func told(_ words: [String]) throws -> String {
        try live.run(["set-default", "deny", "--dry-run"] + words).error
      }
      let all = try told([])
      #expect(
        all.contains(
          "udp to port 123 would get no packets; to let them in: aegisctl set-rule time --source-port 123/udp"
        ), "\(all)")
      #expect(all.contains("udp to port \(loose.port), not connected, would get"), "\(all)")
      #expect(all.contains("allow-key any:\(loose.port)/udp, or for answers of name servers"))
      #expect(all.contains("udp from \(live.peer):53 to port \(client.port) would"))
      #expect(all.contains("aegisctl set-default deny --replies"))
      let some = try told(["--replies"])
      #expect(!some.contains("port \(client.port)") && some.contains("port 123"))
      let answers = [
        "set-rule", "time", "--source-port", "123/udp", "--port", "123", "--then", "allow",
      ]
      try live.ok(answers)
      #expect(try !told(["--replies"]).contains("port 123"))
      #expect(!some.contains("forwards"))
      // What is cut already is named too, and what a call itself cuts.
      #expect(try live.run(["set-default", "deny"]).error.contains("gets no packets any more"))
      #expect(try told([]).contains("udp from \(live.peer):53 to port \(client.port) would"))
      #expect(try live.run(["set-default", "deny", "-q"]).error.isEmpty)
      try live.ok(["set-default", "allow"])
      #expect(
        try sandbox.run(in: .host, ["sysctl", "-qw", "net.ipv4.ip_forward=1"]).status == 0)
      #expect(try told(["--replies"]).contains("this host forwards packets"))
      withExtendedLifetime((time, loose)) {}
    }

    @Test("a file declares it, a dump says it, rollback undoes it")
    func declared() throws {
      let live = try loaded()
      let text = """
        apiVersion: aegis/v1
        kind: Policy
        spec: {default: deny, replies: true}
        """
      let applied = try live.ok(["apply", "-f", "-", "--force"], input: text)
      #expect(applied["items"].array.map { $0["part"].string } == ["default", "replies"])
      #expect(try live.run(["dump", "-o", "yaml"]).output.contains("replies: true"))
      #expect(try live.ok(["status"])["replies"].bool == true)
      #expect(try live.ok(["diff", "-f", "-"], input: text)["items"].array.isEmpty)
      try live.ok(["load", "--replace", "--max-sources", "12000"])
      #expect(try live.ok(["status"])["replies"].bool == true)
      _ = try TCPPair(live.sandbox, accepting: .peer, Self.port, ipv6: false)
      try live.ok(["set-default", "deny", "--no-replies", "--confirm-within", "60s"])
      #expect(try live.ok(["status"])["replies"].bool == false)
      try live.ok(["rollback"])
      #expect(try live.ok(["status"])["replies"].bool == true)
      _ = try TCPPair(live.sandbox, accepting: .peer, Self.port, ipv6: false)
    }

    @Test("rules ask for the socket of a packet", arguments: Hook.allCases)
    func rules(hook: Hook) throws {
      let live = try loaded(hook)
      let sandbox = live.sandbox
      let server = try sandbox.datagrams(of: .peer, port: 53)
      let (client, loose) = (
        try sandbox.datagrams(of: .host), try sandbox.datagrams(of: .host)
      )
      try client.connect(to: live.peer, port: 53)
      func answers(to socket: DatagramSocket) throws -> Bool {
        try server.send([1], to: sandbox.host.v4, port: socket.port)
        return try socket.receive() != nil
      }
      try live.ok([
        "set-rule", "reflected", "--source-port", "53/udp", "--not-socket", "established", "--then",
        "drop",
      ])
      #expect(try answers(to: client) && !answers(to: loose))
      try live.ok([
        "set-rule", "reflected", "--source-port", "53/udp", "--socket", "none", "--then", "drop",
      ])
      #expect(try answers(to: client) && answers(to: loose))
      try live.ok([
        "set-rule", "reflected", "--source-port", "53/udp", "--socket", "listen", "--then", "drop",
      ])
      #expect(try answers(to: client) && !answers(to: loose))
      // Nobody waits for these.
      try live.ok([
        "set-rule", "stray", "--protocol", "tcp", "--not-syn", "--socket", "none", "--then", "drop",
      ])
      let pair = try TCPPair(sandbox, accepting: .host, Self.port, ipv6: false)
      #expect(pair.carries(100_000, from: .peer) && pair.carries(100_000, from: .host))
      let before = try live.stats()["drop.rule"]
      let sender = try sandbox.frameSender(out: sandbox.peer.interface, of: .peer)
      let ack = Self.frame(
        from: live.peer, to: sandbox.host.v4, 6,
        Self.word(9) + Self.word(Self.port + 1) + [0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 4, 0]
          + [0, 0, 0, 0])
      try sender.send([ack])
      usleep(100_000)
      #expect(try live.stats()["drop.rule"] == before + 1)
      #expect(
        try live.fails(
          65, ["set-rule", "x", "--out", "--socket", "none", "--then", "drop"]
        ).contains("only packets that come in"))
    }

    private static func word(_ value: UInt16) -> [UInt8] {
      [UInt8(value >> 8), UInt8(value & 0xff)]
    }

    private static func datagram(
      from: String, _ port: UInt16, to: String, _ target: UInt16
    ) -> [UInt8] {
      frame(from: from, to: to, 17, word(port) + word(target) + [0, 8, 0, 0])
    }

    private static func frame(
      from: String, to: String, _ protocol: UInt8, isFragment: Bool = false, _ payload: [UInt8]
    ) -> [UInt8] {
      func octets(_ text: String) -> [UInt8] { text.split(separator: ".").compactMap { UInt8($0) } }
      var ip: [UInt8] =
        [0x45, 0] + word(UInt16(20 + payload.count)) + [0, 1, isFragment ? 0x20 : 0, 0, 64]
        + [`protocol`, 0, 0] + octets(from) + octets(to)
      let words = stride(from: 0, to: 20, by: 2).map { UInt32(ip[$0]) << 8 | UInt32(ip[$0 + 1]) }
      let sum = words.reduce(0, +)
      ip.replaceSubrange(
        10..<12, with: word(~UInt16(truncatingIfNeeded: (sum & 0xffff) + sum >> 16)))
      return [UInt8](repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 2, 8, 0] + ip + payload
    }
  }
}
