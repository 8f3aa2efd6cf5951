import TestSupport
import Testing

extension Kernel {
  struct ClassRateTests {
    @Test(
      "a key decides, then a port with a prefix, a port, a prefix, a class, all",
      arguments: [false, true])
    func theMostSpecificDecides(isIPv6: Bool) throws {
      let live = try Live.attached(ipv6: isIPv6)
      try live.nameClasses()
      // Domestic, in the prefix and outside of it; suspicious; and foreign.
      let prefix = isIPv6 ? "2001:db8:1:8000::/49" : "192.0.2.128/25"
      func inside(_ host: Int) -> String {
        isIPv6 ? "2001:db8:1:800\(host)::1" : "192.0.2.20\(host)"
      }
      func outside(_ host: Int) -> String { isIPv6 ? "2001:db8:1:\(host)::1" : "192.0.2.\(host)" }
      func suspicious(_ host: Int) -> String {
        isIPv6 ? "2001:db8:2:\(host)::1" : "198.51.100.\(host)"
      }
      func foreign(_ host: Int) -> String { isIPv6 ? "2001:db8:9:\(host)::1" : "100.64.0.\(host)" }
      try live.limit(3)
      try live.limit(4, "--class", "domestic")
      try live.limit(2, "--class", "suspicious")
      try live.limit(5, "--from", prefix)
      try live.limit(7, "--port", "7000/udp")
      try live.limit(11, "--port", "7000/udp", "--from", prefix)
      try live.ok(["allow-key", "any:7002/udp", "--rate", "10/h", "--burst", "13"])
      #expect(try live.passes(20, from: foreign(1), port: 7001) == 3)
      #expect(try live.passes(20, from: outside(1), port: 7001) == 4)
      #expect(try live.passes(20, from: suspicious(1), port: 7001) == 2)
      #expect(try live.passes(20, from: inside(1), port: 7001) == 5)
      #expect(try live.passes(20, from: outside(1)) == 7)
      #expect(try live.passes(20, from: suspicious(1)) == 7)
      #expect(try live.passes(20, from: inside(1)) == 11)
      #expect(try live.passes(20, from: inside(1), port: 7002) == 13)
      #expect(try live.passes(20, from: suspicious(2), port: 7002) == 13)

      try live.limit(1, "--class", "foreign")
      #expect(try live.passes(20, from: foreign(2), port: 7001) == 1)
      try live.ok(["set-rate", "off", "--class", "foreign"])
      #expect(try live.passes(20, from: foreign(3), port: 7001) == 3)
      // What is taken away uncovers the next.
      try live.ok(["set-rate", "off", "--port", "7000/udp", "--from", prefix])
      #expect(try live.passes(20, from: inside(2)) == 7)
      try live.ok(["set-rate", "off", "--port", "7000/udp"])
      #expect(try live.passes(20, from: inside(3)) == 5)
      try live.ok(["set-rate", "off", "--from", prefix])
      #expect(try live.passes(20, from: inside(4)) == 4)
      try live.ok(["set-rate", "off", "--class", "domestic"])
      #expect(try live.passes(20, from: inside(5)) == 3)
      try live.ok(["set-rate", "off"])
      #expect(try live.passes(20, from: inside(5)) == 20)
      #expect(try live.passes(20, from: suspicious(5)) == 2)
    }

    @Test("sources of a class share its total, and nobody else does")
    func total() throws {
      let live = try Live.attached(ipv6: true)
      try live.nameClasses()
      try live.limit(10, "--class", "suspicious", "--total")
      #expect(try live.passes(6, from: "198.51.100.1") == 6)
      #expect(try live.passes(20, from: "2001:db8:2::1") == 4)
      #expect(try live.passes(20, from: "198.51.100.2") == 0)
      #expect(try live.passes(20, from: "192.0.2.1") == 20)
      // The default for each source applies on top of it, and what it refuses uses up no total.
      try live.limit(10, "--class", "domestic", "--total")
      try live.limit(4)
      #expect(try live.passes(20, from: "192.0.2.1") == 4)
      #expect(try live.passes(20, from: "192.0.2.2") == 4)
      #expect(try live.passes(20, from: "192.0.2.3") == 2)
      #expect(try live.passes(20, from: "203.0.113.3") == 4)
    }

    @Test("a rate of bytes for a class, beside one of packets")
    func bytes() throws {
      let live = try Live.attached()
      try live.nameClasses()
      // 30 frames of 106 bytes.
      try live.ok(["set-rate", "1kB/h", "--burst", "\(30 * 106)", "--class", "domestic"])
      #expect(try live.passes(50, from: "192.0.2.1") == 30)
      try live.limit(5, "--class", "domestic")
      #expect(try live.passes(50, from: "192.0.2.2") == 5)
      #expect(try live.passes(50, from: "192.0.2.2", size: 1) == 0)
      #expect(try live.passes(50, from: "198.51.100.1") == 50)
      let stats = try live.classStats()
      #expect(
        stats["domestic"]
          == ClassStats(
            passed: 35, dropped: 115, passedBytes: 35 * 106, droppedBytes: 65 * 106 + 50 * 43))
      #expect(
        stats["suspicious"] == ClassStats(passed: 50, passedBytes: 50 * 106))
    }

    @Test("all are foreign where no class is defined")
    func onlyForeign() throws {
      let live = try Live.attached()
      #expect(try live.classStats().isEmpty)
      try live.limit(3, "--class", "foreign")
      #expect(try live.passes(20, from: "192.0.2.1") == 3)
      #expect(try live.classStats()["foreign"]?.dropped == 17)
      try live.ok(["set-rate", "off", "--class", "foreign"])
      #expect(try live.passes(20, from: "192.0.2.1") == 20)
      #expect(try live.classStats().isEmpty)
    }

    @Test(
      "an address that moves to another class has the rate of that class, and a new name no old debts"
    )
    func moving() throws {
      let live = try Live.attached()
      try live.nameClasses()
      try live.limit(2, "--class", "suspicious")
      try live.limit(5, "--class", "domestic")
      #expect(try live.passes(20, from: "192.0.2.1") == 5)
      try live.ok(["set-class", "suspicious", "--country", "KP", "--prefix", "192.0.2.0/24"])
      #expect(try live.passes(20, from: "192.0.2.1") == 2)
      #expect(try live.passes(20, from: "192.0.2.2") == 2)
      try live.ok(["set-class", "suspicious", "--country", "KP"])
      #expect(try live.passes(20, from: "192.0.2.1") == 0)
      #expect(try live.passes(20, from: "192.0.2.2") == 5)

      let refused = try live.fails(65, ["set-class", "suspicious", "--remove"])
      #expect(refused.contains("class suspicious has a rate"), "\(refused)")
      try live.ok(["set-rate", "off", "--class", "suspicious"])
      try live.ok(["set-class", "suspicious", "--remove"])
      #expect(try live.passes(20, from: "198.51.100.1") == 20)
      #expect(try live.classStats()["foreign"]?.packets ?? 0 >= 20)
      // Another class gets its number, and neither its rate nor its counters.
      try live.ok(["set-class", "other", "--country", "KP"])
      #expect(try live.classStats()["other"] == ClassStats())
      #expect(try live.passes(20, from: "198.51.100.1") == 20)
      #expect(try live.classStats()["other"]?.passed == 20)
    }

    @Test("monitoring counts what it would drop of each class, and events can be of one class")
    func monitored() throws {
      let live = try Live.attached()
      try live.nameClasses()
      try live.limit(2, "--class", "suspicious")
      try live.ok(["set-mode", "monitor"])
      let reading = try EventReading(live, ["--class", "suspicious"])
      #expect(try live.passes(10, from: "198.51.100.1") == 10)
      #expect(try live.passes(10, from: "192.0.2.1") == 10)
      let events = try reading.end()
      #expect(events.all.count == 10)
      #expect(Set(events.all.map { $0["class"].string }) == ["suspicious"])
      let stats = try live.classStats()
      #expect(stats["suspicious"]?.passed == 10)
      #expect(stats["suspicious"]?.wouldDrop == 8)
      #expect(stats["domestic"]?.passed == 10)
      #expect(stats["domestic"]?.wouldDrop == 0)
    }
  }
}
