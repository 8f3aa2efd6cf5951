import TestSupport
import Testing

extension Kernel {
  struct KeyTests {
    @Test func onlyKeysLetIn() throws {
      let live = try Live.attached()
      #expect(try live.ok(["set-default", "deny"])["changed"].bool == true)
      #expect(try live.ok(["set-default", "deny"])["changed"].bool == false)
      let keys = ["any:7000/udp", "192.0.2.9", "198.51.100.0/24:7001/udp"]
      #expect(try live.ok(["allow-key"] + keys)["counts"]["added"].int == 3)
      #expect(try live.ok(["allow-key"] + keys)["changed"].bool == false)
      let open = try live.sandbox.receiver(port: 7000)
      let narrow = try live.sandbox.receiver(port: 7001)
      try live.sandbox.send(port: 7000, count: 6)
      try live.sandbox.send(port: 7001, count: 5)
      try live.sandbox.send(from: "192.0.2.9", port: 7001, count: 4)
      try live.sandbox.send(from: "198.51.100.7", port: 7001, count: 3)
      try live.sandbox.send(from: "198.51.101.7", port: 7001, count: 2)
      #expect(open.count() == 6)
      #expect(narrow.count() == 7)
      let stats = try live.stats()
      #expect(stats["pass.key"] == 13)
      #expect(stats["drop.default"] == 7)
      #expect(stats.isConsistent)
      let dump = try live.ok(["dump", "keys"])["keys"]
      #expect(keys.map { dump.first("name", $0)["hits"].int } == [6, 4, 3])

      #expect(try live.ok(["allow-key", "--remove", keys[0]])["counts"]["removed"].int == 1)
      try live.sandbox.send(port: 7000, count: 6)
      #expect(open.count() == 0)
      try live.ok(["set-default", "allow"])
      try live.sandbox.send(port: 7000, count: 6)
      #expect(open.count() == 6)
    }

    @Test func aDropBeatsAKeyAndAProtectedKeyBeatsADrop() throws {
      let live = try Live.attached()
      let key = "\(live.peer):7000/udp"
      try live.ok(["set-default", "deny"])
      try live.ok(["allow-key", key])
      let receiver = try live.sandbox.receiver(port: 7000)
      try live.sandbox.send(port: 7000, count: 3)
      #expect(receiver.count() == 3)
      try live.ok(["drop-ip", live.peer])
      try live.sandbox.send(port: 7000, count: 4)
      #expect(receiver.count() == 0)
      #expect(try live.ok(["allow-key", key, "--protect"])["counts"]["updated"].int == 1)
      try live.sandbox.send(port: 7000, count: 5)
      #expect(receiver.count() == 5)
      var stats = try live.stats()
      #expect(stats["pass.key"] == 3)
      #expect(stats["drop.host"] == 4)
      #expect(stats["pass.protected"] == 5)
      #expect(try live.ok(["dump", "keys"])["keys"][0]["protected"].bool == true)
      #expect(try live.ok(["dump", "drops"])["drops"][0]["hits"].int == 4)

      #expect(try live.ok(["allow-key", key])["counts"]["updated"].int == 1)
      try live.sandbox.send(port: 7000, count: 6)
      #expect(receiver.count() == 0)
      #expect(try live.ok(["allow-key", "--remove", key])["counts"]["removed"].int == 1)
      try live.ok(["drop-ip", "--remove", live.peer])
      try live.sandbox.send(port: 7000, count: 2)
      #expect(receiver.count() == 0)
      stats = try live.stats()
      #expect(stats["drop.host"] == 10)
      #expect(stats["drop.default"] == 2)
    }

    @Test func aKeyExpiresByItself() throws {
      let live = try Live.attached()
      try live.ok(["set-default", "deny"])
      try live.ok(["allow-key", "any:7000/udp", "--ttl", "800ms"])
      let receiver = try live.sandbox.receiver(port: 7000)
      try live.sandbox.send(port: 7000, count: 100, pause: 0.015)
      let arrived = receiver.count()
      #expect((5..<70).contains(arrived))
      #expect(try live.ok(["dump", "keys"])["keys"].array.isEmpty)
      #expect(try live.stats()["pass.key"] == arrived)
    }

    @Test func connectionsNeedAKey() throws {
      let live = try Live.attached(ipv6: true)
      let listener = try live.sandbox.listener(port: 80)
      #expect(try live.sandbox.connects(to: 80))
      try live.ok(["set-default", "deny"])
      #expect(try !live.sandbox.connects(to: 80, timeout: 0.3))
      try live.ok(["allow-key", "\(live.peer):80/tcp", "[\(live.sandbox.peer.v6)]:80/tcp"])
      #expect(try live.sandbox.connects(to: 80))
      #expect(try live.sandbox.connects(to: 80, ipv6: true))
      #expect(try !live.sandbox.connects(from: "192.0.2.9", to: 80, timeout: 0.3))
      #expect(try !live.sandbox.connects(to: 81, timeout: 0.3))
      withExtendedLifetime(listener) {}
    }

    @Test func neighboursStillResolveWhenTheDefaultIsDeny() throws {
      let live = try Live.attached(ipv6: true)
      try live.ok(["set-default", "deny"])
      #expect(try live.sandbox.ping(count: 1) == 0)
      #expect(try live.sandbox.ping(count: 1, ipv6: true) == 0)
      try live.ok(["allow-key", live.peer, live.sandbox.peer.v6])
      for round in 0..<4 {
        for side in [Sandbox.Side.host, .peer] {
          try live.sandbox.run(in: side, ["ip", "neigh", "flush", "all"])
          try live.sandbox.run(in: side, ["ip", "-6", "neigh", "flush", "all"])
        }
        // The host asks first in every other round.
        if round % 2 == 1 {
          for target in [live.peer, live.sandbox.peer.v6] {
            let ping = ["ping", "-n", "-c", "1", "-W", "1", target]
            #expect(try live.sandbox.run(in: .host, ping).status == 0, "\(target)")
          }
        }
        #expect(try live.sandbox.ping(count: 2) == 2)
        #expect(try live.sandbox.ping(count: 2, ipv6: true) == 2)
      }
      let stats = try live.stats()
      #expect(stats["pass.arp"] >= 4)
      #expect(stats["pass.neighbour"] >= 4)
      #expect(stats["pass.key"] >= 16)
    }
  }
}
