import Foundation
import TestSupport
import Testing

extension Kernel {
  struct RateSourceTests {
    @Test func neighboursShareAPrefix() throws {
      let live = try Live.attached(ipv6: true)
      try live.limit(12, "--port", "7000/udp")
      let wide = ["set-rate", "--source-prefix", "24,56"]
      #expect(try live.ok(wide)["changed"].bool == true)
      #expect(try live.ok(wide)["changed"].bool == false)
      #expect(try live.passes(8, from: "192.0.2.1") == 8)
      #expect(try live.passes(8, from: "192.0.2.254") == 4)
      #expect(try live.passes(20, from: "192.0.3.1") == 12)
      #expect(try live.passes(8, from: "2001:db8:0:100::1") == 8)
      #expect(try live.passes(8, from: "2001:db8:0:1ff::2") == 4)
      #expect(try live.passes(20, from: "2001:db8:0:200::1") == 12)
      try live.ok(["set-rate", "--source-prefix", "32,64"])
      #expect(try live.passes(20, from: "192.0.2.1") == 12)
      #expect(try live.passes(20, from: "192.0.2.254") == 12)
      // The first /64 of a /56 has the same bits as that.
      #expect(try live.passes(20, from: "2001:db8:0:100::1") == 0)
      #expect(try live.passes(20, from: "2001:db8:0:101::1") == 12)
      #expect(try live.passes(20, from: "2001:db8:0:1ff::2") == 12)
      #expect(try live.passes(20, from: "2001:db8:0:1ff::3") == 0)
      try live.ok(["set-rate", "--source-prefix", "32,128"])
      #expect(try live.passes(20, from: "2001:db8:0:1ff::4") == 12)
      #expect(try live.passes(20, from: "2001:db8:0:1ff::5") == 12)
      #expect(try live.rates() == ["10/h 12 source 7000/udp"])
    }

    @Test func aResetForgetsAllDebt() throws {
      let live = try Live.attached()
      try live.limit(6)
      try live.limit(9, "--port", "7001/udp", "--total")
      #expect(try live.passes(20) == 6)
      #expect(try live.passes(20) == 0)
      #expect(try live.passes(20, from: "192.0.2.1", port: 7001) == 6)
      #expect(try live.passes(20, from: "192.0.2.2", port: 7001) == 3)
      let rates = try live.rates()
      #expect(try live.ok(["set-rate", "--reset", "--dry-run"])["dryRun"].bool == true)
      #expect(try live.passes(20) == 0)
      try live.ok(["set-rate", "--reset"])
      #expect(try live.passes(20) == 6)
      #expect(try live.passes(20, from: "192.0.2.1", port: 7001) == 6)
      #expect(try live.passes(20, from: "192.0.2.2", port: 7001) == 3)
      #expect(try live.rates() == rates)
      // With a rate in the same call.
      try live.ok(["set-rate", "10/h", "--burst", "4", "--reset"])
      #expect(try live.passes(20) == 4)
    }

    @Test(arguments: [[], ["--port", "7000/udp"]])
    func aChangeHoldsFromTheNextPacketOn(selector: [String]) throws {
      let live = try Live.attached()
      func set(_ rate: String, _ burst: Int) throws {
        try live.ok(["set-rate", rate, "--burst", "\(burst)"] + selector)
      }
      try set("10/h", 5)
      #expect(try live.passes(20) == 5)
      // What is used up stays used.
      try set("10/h", 9)
      #expect(try live.passes(20) == 4)
      try set("10/h", 3)
      #expect(try live.passes(20) == 0)
      // A debt from a slower rate is no larger than this one allows.
      try set("1000/s", 9)
      #expect(try live.passes(1) <= 1)
      Thread.sleep(forTimeInterval: 0.05)
      #expect(try live.passes(9) == 9)
      Thread.sleep(forTimeInterval: 0.05)
      try set("10/h", 1)
      #expect(try live.passes(20) == 1)
      try live.ok(["set-rate", "off"] + selector)
      #expect(try live.passes(20) == 20)
    }
  }
}
