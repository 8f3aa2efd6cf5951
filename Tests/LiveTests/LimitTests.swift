import Foundation
import TestSupport
import Testing

extension Kernel {
  struct LimitTests {
    @Test func aBurstPassesAndTheRestIsDropped() throws {
      let live = try Live.attached()
      // So slow that nothing is earned while the test runs.
      #expect(try live.ok(["set-rate", "10/h", "--burst", "20"])["changed"].bool == true)
      #expect(try live.ok(["set-rate", "10/h", "--burst", "20"])["changed"].bool == false)
      let receiver = try live.sandbox.receiver(port: 7000)
      try live.sandbox.send(port: 7000, count: 200)
      #expect(receiver.count() == 20)
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 50)
      #expect(receiver.count() == 20)
      let stats = try live.stats()
      #expect(stats["pass.default"] == 40)
      #expect(stats["drop.rate"] == 180 + 30)
      #expect(stats.bytes("drop.rate") == 210 * (64 + 42))
      #expect(stats.isConsistent)
      #expect(try live.ok(["dump", "rates"])["rates"][0]["burst"].int == 20)
      #expect(try live.ok(["set-rate", "off"])["changed"].bool == true)
      #expect(try live.ok(["set-rate", "off"])["changed"].bool == false)
      try live.sandbox.send(port: 7000, count: 200)
      #expect(receiver.count() == 200)
      #expect(try live.ok(["dump", "rates"])["rates"].array.isEmpty)
    }

    @Test func aSourceRecovers() throws {
      let live = try Live.attached()
      let rate = 200.0
      try live.ok(["set-rate", "200/s", "--burst", "20"])
      let receiver = try live.sandbox.receiver(port: 7000)
      for _ in 0..<3 {
        let start = Date()
        try live.sandbox.send(port: 7000, count: 300)
        let earned = Int(Date().timeIntervalSince(start) * rate) + 1
        #expect((20...20 + earned).contains(receiver.count()))
        // 20 packets at 200 a second.
        Thread.sleep(forTimeInterval: 0.15)
      }
      // Half the rate for half a second is never limited.
      let dropped = try live.stats()["drop.rate"]
      try live.sandbox.send(port: 7000, count: 50, pause: 0.01)
      #expect(receiver.count() == 50)
      #expect(try live.stats()["drop.rate"] == dropped)
    }

    @Test func overItsRateASourceGetsTheRate() throws {
      let live = try Live.attached()
      try live.ok(["set-rate", "500/s", "--burst", "10"])
      let receiver = try live.sandbox.receiver(port: 7000)
      let start = Date()
      try live.sandbox.send(port: 7000, count: 2000, pause: 0.000_3)
      let seconds = Date().timeIntervalSince(start)
      let allowed = 10 + 500 * seconds
      let arrived = receiver.count()
      #expect(Double(arrived) <= allowed + 1)
      // A sender that is scheduled away for longer than the burst lasts loses what it did not use.
      #expect(Double(arrived) >= min(2000, allowed) * 0.7)
      let stats = try live.stats()
      #expect(stats["pass.default"] == arrived)
      #expect(stats["drop.rate"] == 2000 - arrived)
    }

    @Test func anIPv6NetworkIsOneSource() throws {
      let live = try Live.attached(ipv6: true)
      try live.ok(["set-rate", "10/h", "--burst", "12"])
      let receiver = try live.sandbox.receiver(port: 7000)
      for network in ["2001:db8:1:1", "2001:db8:1:2"] {
        for host in 1...20 {
          try live.sandbox.send(from: "\(network)::\(host)", port: 7000)
        }
      }
      let sources = receiver.take().map(\.source)
      #expect(sources.filter { $0.hasPrefix("2001:db8:1:1:") }.count == 12)
      #expect(sources.filter { $0.hasPrefix("2001:db8:1:2:") }.count == 12)
      #expect(try live.stats()["drop.rate"] >= 16)
    }

    @Test func aProtectedKeyIsNeverLimitedAndNeighboursNeither() throws {
      let live = try Live.attached()
      try live.ok(["set-rate", "10/h", "--burst", "5"])
      try live.ok(["allow-key", "\(live.peer):7000/udp", "--protect"])
      let receiver = try live.sandbox.receiver(port: 7000)
      try live.sandbox.send(port: 7001, count: 20)
      try live.sandbox.send(port: 7000, count: 100)
      #expect(receiver.count() == 100)
      let stats = try live.stats()
      #expect(stats["pass.protected"] == 100)
      #expect(stats["drop.rate"] == 15)
      try live.sandbox.run(in: .peer, ["ip", "neigh", "flush", "all"])
      try live.sandbox.send(port: 7000, count: 1)
      #expect(receiver.count() == 1)
    }
  }
}
