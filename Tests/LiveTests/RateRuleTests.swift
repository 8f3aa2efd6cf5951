import TestSupport
import Testing

extension Kernel {
  struct RateRuleTests {
    @Test(arguments: [false, true])
    func theMostSpecificDecides(isIPv6: Bool) throws {
      let live = try Live.attached(ipv6: isIPv6)
      let prefix = isIPv6 ? "2001:db8:1::/48" : "192.0.2.0/24"
      func inside(_ host: Int) -> String { isIPv6 ? "2001:db8:1:\(host)::1" : "192.0.2.\(host)" }
      func outside(_ host: Int) -> String {
        isIPv6 ? "2001:db8:2:\(host)::1" : "198.51.100.\(host)"
      }
      try live.limit(3)
      try live.limit(5, "--from", prefix)
      try live.limit(7, "--port", "7000/udp")
      try live.limit(11, "--port", "7000/udp", "--from", prefix)
      #expect(
        try live.rates() == [
          "10/h 3 source", "10/h 5 source \(prefix)", "10/h 7 source 7000/udp",
          "10/h 11 source 7000/udp \(prefix)",
        ])
      let before = try live.stats()
      #expect(try live.passes(20, from: outside(1), port: 7001) == 3)
      #expect(try live.passes(20, from: inside(1), port: 7001) == 5)
      #expect(try live.passes(20, from: outside(2)) == 7)
      #expect(try live.passes(20, from: inside(2)) == 11)
      let dropped = try live.stats()["drop.rate"] - before["drop.rate"]
      // With IPv6, the kernel's own packets are limited too.
      #expect(isIPv6 ? dropped >= 80 - 26 : dropped == 80 - 26)
      // What it used up by one rule, a source has not used up by another.
      #expect(try live.passes(20, from: inside(2), port: 7001) == 5)
      #expect(try live.passes(20, from: inside(1)) == 11)
      #expect(try live.passes(20, from: outside(1)) == 7)

      let removed = ["set-rate", "off", "--port", "7000/udp", "--from", prefix]
      #expect(try live.ok(removed)["changed"].bool == true)
      #expect(try live.ok(removed)["changed"].bool == false)
      #expect(try live.passes(20, from: inside(3)) == 7)
      try live.ok(["set-rate", "off", "--port", "7000/udp"])
      #expect(try live.passes(20, from: inside(4)) == 5)
      #expect(try live.passes(20, from: outside(4)) == 3)
      try live.ok(["set-rate", "off", "--from", prefix])
      #expect(try live.passes(20, from: inside(5)) == 3)
      try live.ok(["set-rate", "off"])
      #expect(try live.passes(20, from: inside(5)) == 20)
      #expect(try live.rates().isEmpty)
    }

    @Test func theLongestPrefixWins() throws {
      let live = try Live.attached()
      try live.limit(2, "--from", "0.0.0.0/0")
      try live.limit(5, "--from", "100.64.0.0/10")
      try live.limit(7, "--from", "100.64.1.0/24")
      try live.limit(11, "--from", "100.64.1.1")
      #expect(try live.passes(20, from: "192.0.2.1") == 2)
      #expect(try live.passes(20, from: "100.65.0.1") == 5)
      #expect(try live.passes(20, from: "100.64.1.2") == 7)
      #expect(try live.passes(20, from: "100.64.1.1") == 11)
      // A port makes a rule more specific than any prefix, and a prefix with it more than that.
      try live.limit(3, "--port", "7000/udp", "--from", "100.64.0.0/10")
      #expect(try live.passes(20, from: "100.64.1.1") == 3)
      try live.limit(13, "--port", "7000/udp", "--from", "100.64.1.0/24")
      #expect(try live.passes(20, from: "100.64.1.1") == 13)
      try live.ok(["set-rate", "off", "--from", "100.64.1.1"])
      try live.ok(["set-rate", "off", "--from", "100.64.1.0/24"])
      #expect(try live.passes(20, from: "100.64.1.1", port: 7001) == 5)
    }

    /// A rule that has no rate for each source does not hide one, less specific, that has.
    @Test(arguments: [false, true])
    func aTotalDoesNotHideAShorterPrefix(isFirst: Bool) throws {
      let live = try Live.attached()
      let total = ["--from", "100.64.1.0/24", "--total"]
      if isFirst { try live.ok(["set-rate", "10/h", "--burst", "12"] + total) }
      try live.limit(5, "--from", "100.64.0.0/10")
      if !isFirst { try live.ok(["set-rate", "10/h", "--burst", "12"] + total) }
      #expect(
        try live.rates() == ["10/h 5 source 100.64.0.0/10", "10/h 12 total 100.64.1.0/24"])
      #expect(try live.passes(20, from: "100.64.1.1") == 5)
      #expect(try live.passes(20, from: "100.64.1.2") == 5)
      #expect(try live.passes(20, from: "100.64.1.3") == 2)
      #expect(try live.passes(20, from: "100.64.2.3") == 5)
    }

    @Test func aRuleWithinAnotherPrefixIsItsOwn() throws {
      let live = try Live.attached()
      try live.limit(5, "--from", "100.64.0.0/10")
      let off = try live.ok(["set-rate", "off", "--from", "100.64.1.0/24"])
      #expect(off["changed"].bool == false)
      #expect(try live.passes(20, from: "100.64.1.1") == 5)
      let same = ["set-rate", "10/h", "--burst", "5", "--from", "100.64.1.0/24"]
      #expect(try live.ok(same)["changed"].bool == true)
      let both = ["10/h 5 source 100.64.0.0/10", "10/h 5 source 100.64.1.0/24"]
      #expect(try live.rates() == both)
      // With buckets of its own.
      #expect(try live.passes(20, from: "100.64.1.1") == 5)
      try live.ok(["set-rate", "off", "--from", "100.64.0.0/10"])
      #expect(try live.rates() == [both[1]])
      #expect(try live.passes(20, from: "100.64.2.1") == 20)
    }

    @Test func aRuleForAPortIsOnlyForItsPackets() throws {
      let live = try Live.attached()
      let listener = try live.sandbox.listener(port: 7000)
      try live.limit(1, "--port", "7000/udp")
      // Three frames each, of which the first has the ports.
      #expect(try live.passes(4, size: 3000) == 1)
      var stats = try live.stats()
      #expect(stats["drop.rate"] == 3)
      #expect(stats["pass.fragment"] == 8)
      #expect(try live.passes(20, port: 7001) == 20)
      #expect(try live.sandbox.ping(count: 5) == 5)
      #expect(try live.sandbox.connects(to: 7000))
      #expect(try live.stats()["drop.rate"] == 3)
      // The default rate is for those too.
      try live.limit(6)
      #expect(try live.passes(1, from: "192.0.2.9", size: 3000) == 1)
      #expect(try live.passes(20, from: "192.0.2.9", size: 3000) == 0)
      stats = try live.stats()
      // The first fragment by the port's rule; of the later ones six, two of which with the first.
      #expect(stats["pass.fragment"] == 8 + 6)
      #expect(stats["drop.rate"] == 3 + 20 + 40 - 4)
      #expect(stats.isConsistent)
      withExtendedLifetime(listener) {}
    }
  }
}
