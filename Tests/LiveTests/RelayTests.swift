import Foundation
import TestSupport
import Testing

extension Kernel {
  /// The relay under traffic.
  struct RelayTests {
    @Test(
      "packets of every size go both ways, and their checksums are right", arguments: ["v4", "v6"])
    func bothWays(_ user: String) throws {
      let live = try RelayLive()
      let path = try live.path(user)
      let counted = try live.counting {
        for size in [5, 0, 1, 64, 1400] {
          let payload = (0..<size).map { _ in UInt8.random(in: 0...255) }
          try path.send(path.token.packet(payload))
          let came = try #require(try path.destination.receive(), "\(size) bytes")
          #expect(came == .init(payload, from: path.relay, port: path.ownPort))
          try path.destination.send([1, 2, 3] + payload, to: came.source, port: came.port)
          let answer = try #require(try path.client.receive(), "\(size) bytes")
          #expect(answer == .init([1, 2, 3] + payload, from: path.relay, port: RelayLive.port))
        }
      }
      #expect(counted == ["pass.relay": 10])
    }

    @Test("what is not valid is dropped, with its reason")
    func invalid() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      let token = path.token
      let now = UInt32(Date().timeIntervalSince1970)
      let micros = UInt64(now) * 1_000_000
      let valid = token.packet([1])
      #expect(try path.arrives(valid))
      let cases: [(String, [UInt8], String)] = [
        ("replayed", valid, "drop.relay-replay"),
        ("bad tag", token.packet([1], .init(tag: [1, 2, 3, 4, 5, 6, 7, 8])), "drop.relay-token"),
        ("other length", token.packet([1]) + [2], "drop.relay-token"),
        ("truncated", Array(token.packet([]).dropLast()), "drop.relay-token"),
        ("empty", [], "drop.relay-token"),
        ("version", token.packet([1], .init(version: 2)), "drop.relay-token"),
        ("flags", token.packet([1], .init(flags: 1)), "drop.relay-token"),
        ("another user", token.packet([1], .init(user: 1)), "drop.relay-unknown"),
        (
          "ahead of the clock", token.packet([1], .init(counter: micros + 70_000_000)),
          "drop.relay-replay"
        ),
        (
          "before the relay", token.packet([1], .init(counter: micros - 3_600_000_000)),
          "drop.relay-replay"
        ),
        (
          "unknown key", RelayToken(like: token, key: 2, expires: now + 60).packet([1]),
          "drop.relay-token"
        ),
        (
          "expired", RelayToken(like: token, expires: now - 1).packet([1]),
          "drop.relay-expired"
        ),
        (
          "unknown user",
          RelayToken(like: token, session: token.session ^ 64, expires: now + 60).packet([1]),
          "drop.relay-unknown"
        ),
        (
          "beyond the table",
          RelayToken(like: token, session: token.session ^ 0x80000, expires: now + 60).packet([1]),
          "drop.relay-unknown"
        ),
        (
          "a user of another name",
          RelayToken(like: token, expires: now + 60, user: 1).packet([1]), "drop.relay-unknown"
        ),
        (
          "other generation",
          RelayToken(like: token, session: token.session ^ 1 << 20, expires: now + 60).packet([1]),
          "drop.relay-unknown"
        ),
      ]
      for (name, packet, reason) in cases {
        let counted = try live.refusal(of: packet, by: path)
        #expect(counted == [reason: 1], "\(name)")
      }
      #expect(try path.arrives(token.packet([1])))
    }

    @Test("what comes late is taken once within the window, and not beyond it")
    func late() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      let base = path.token.counter.next() + 1000
      func packet(_ counter: UInt64) -> [UInt8] { path.token.packet([1], .init(counter: counter)) }
      #expect(try path.arrives(packet(base)))
      #expect(try path.arrives(packet(base - 100)))
      #expect(try !path.arrives(packet(base - 100)))
      #expect(try path.arrives(packet(base - 112)), "the window has at least 113 counters")
      #expect(try path.arrives(packet(base + 128)))
      #expect(try !path.arrives(packet(base)))
      #expect(try !path.arrives(packet(base - 1_100_000)), "more than a second")
    }

    @Test("answers go to where the newest packet came from")
    func roaming() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      let elsewhere = try live.network.socket(
        in: live.network.left.namespace, bound: path.clientAddress, port: 40_001)
      let older = path.token.packet([1])
      #expect(try path.arrives(path.token.packet([1]), from: elsewhere))
      try path.destination.send([7], to: path.relay, port: path.ownPort)
      #expect(try elsewhere.receive()?.bytes == [7])
      // What comes late does not move the client back.
      #expect(try path.arrives(older))
      try path.destination.send([8], to: path.relay, port: path.ownPort)
      #expect(try elsewhere.receive()?.bytes == [8])
      // A replayed packet moves nobody.
      let seen = path.token.packet([1])
      #expect(try path.arrives(seen, from: elsewhere))
      #expect(try !path.arrives(seen))
      try path.destination.send([9], to: path.relay, port: path.ownPort)
      #expect(try elsewhere.receive()?.bytes == [9])
      #expect(try path.client.receive(within: 0.05) == nil)
    }

    @Test("a user gets its rate and burst, to the packet, each way")
    func rate() throws {
      let live = try RelayLive()
      try live.ok([
        "relay-user", "limited", "--to", "\(live.network.right.v4):9000", "--rate", "1/s",
        "--burst", "225",
      ])
      let path = try live.path("limited", port: 9000)
      let packets = (0..<3000).map { _ in path.token.packet([1]) }
      let counted = try live.counting { for packet in packets { try path.send(packet) } }
      let arrived = try path.destination.count()
      #expect((225...226).contains(arrived))
      #expect(counted["pass.relay"] == arrived && counted["drop.relay-rate"] == 3000 - arrived)
      for _ in 0..<500 { try path.destination.send([1], to: path.relay, port: path.ownPort) }
      #expect((225...226).contains(try path.client.count()))
    }

    @Test("a packet that ends here is dropped, and so is one that was cut")
    func endsHere() throws {
      let live = try RelayLive()
      for user in ["v4", "v6"] {
        let path = try live.path(user)
        #expect(try path.arrives(path.token.packet([1])))
        try path.client.setHops(1)
        try path.destination.setHops(1)
        let counted = try live.counting {
          try path.send(path.token.packet([1]))
          try path.destination.send([1], to: path.relay, port: path.ownPort)
          let came = [try path.client.receive(within: 0.1), try path.destination.receive()]
          #expect(came == [nil, nil])
        }
        #expect(counted == ["drop.relay-ttl": 2])
        try path.client.setHops(64)
        let long = path.token.packet([UInt8](repeating: 1, count: 3000))
        let cut = try live.refusal(of: long, by: path)
        #expect(cut == ["drop.relay-fragment": 1])
      }
    }

    @Test("strangers are not let through to a client")
    func strangers() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      #expect(try path.arrives(path.token.packet([1])))
      let stranger = try live.network.socket(
        in: live.network.right.namespace, bound: path.destinationAddress, port: 7778)
      try stranger.send([1], to: path.relay, port: path.ownPort)
      try path.destination.send([1], to: path.relay, port: path.ownPort + 1)
      #expect(try path.client.receive(within: 0.1) == nil)
    }

    @Test("a relay does not relay while the policy waits too long for its confirmation")
    func unconfirmed() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      try live.ok(["set-default", "deny", "--confirm-within", "1s"])
      #expect(try path.arrives(path.token.packet([1])), "deny is no matter for the relay")
      Thread.sleep(forTimeInterval: 1.3)
      #expect(try !path.arrives(path.token.packet([1])))
    }

    @Test("monitoring lifts no drop of the relay, and the drop list comes first")
    func monitored() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      try live.ok(["set-mode", "monitor"])
      #expect(try path.arrives(path.token.packet([1])))
      #expect(try !path.arrives(path.token.packet([1], .init(tag: [0, 0, 0, 0, 0, 0, 0, 0]))))
      try live.ok(["set-mode", "enforce"])
      try live.ok(["drop-ip", path.clientAddress])
      #expect(try !path.arrives(path.token.packet([1])))
    }
  }
}
