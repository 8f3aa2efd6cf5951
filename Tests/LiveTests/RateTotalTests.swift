import TestSupport
import Testing

extension Kernel {
  struct RateTotalTests {
    private let first = "192.0.2.1"
    private let second = "198.51.100.2"

    @Test func whatOneRefusesUsesUpNoOther() throws {
      let live = try Live.attached()
      try live.limit(6)
      try live.limit(8, "--total")
      #expect(try live.rates() == ["10/h 6 source", "10/h 8 total"])
      #expect(try live.passes(20, from: first) == 6)
      // Fourteen of the first were refused by its own rate, and left the total alone.
      #expect(try live.passes(20, from: second) == 2)
      #expect(try live.passes(20, from: "203.0.113.3") == 0)
      // Eighteen of the second were refused by the total, and left its own burst alone.
      try live.limit(20, "--total")
      #expect(try live.passes(20, from: second) == 4)
      #expect(try live.passes(20, from: "203.0.113.3") == 6)
      #expect(try live.passes(20, from: "203.0.113.4") == 2)
      try live.ok(["set-rate", "off", "--total"])
      #expect(try live.rates() == ["10/h 6 source"])
      #expect(try live.passes(20, from: "203.0.113.4") == 4)
      #expect(try live.passes(20, from: "203.0.113.5") == 6)
      let stats = try live.stats()
      #expect(stats["pass.default"] == 6 + 2 + 4 + 6 + 2 + 4 + 6)
      #expect(stats["drop.rate"] == 8 * 20 - 30)
    }

    @Test func theTotalOfAPortIsOnTopOfTheDefault() throws {
      let live = try Live.attached()
      try live.limit(6)
      try live.limit(8, "--port", "7000/udp", "--total")
      #expect(try live.passes(20, from: first) == 6)
      #expect(try live.passes(20, from: second) == 2)
      #expect(try live.passes(20, from: second, port: 7001) == 4)
      #expect(try live.passes(20, from: "203.0.113.3") == 0)
      #expect(try live.passes(20, from: "203.0.113.3", port: 7001) == 6)
    }

    @Test func bothFamiliesShareATotal() throws {
      let live = try Live.attached(ipv6: true)
      try live.limit(10, "--port", "7000/udp", "--total")
      #expect(try live.passes(7, from: first) == 7)
      #expect(try live.passes(20, from: "2001:db8::1") == 3)
      #expect(try live.passes(20, from: second) == 0)
      #expect(try live.passes(20, from: second, port: 7001) == 20)
    }

    @Test func aTotalOfBytesAndARateOfPackets() throws {
      let live = try Live.attached()
      try live.limit(5)
      try live.limitBytes("1kB/h", 8 * 106, isTotal: true)
      #expect(try live.passes(20, from: first) == 5)
      // 318 bytes are left: none of 500, three of 106.
      #expect(try live.passes(20, from: second, size: 458) == 0)
      #expect(try live.passes(20, from: second) == 3)
      try live.ok(["set-rate", "off", "--total"])
      #expect(try live.passes(20, from: second) == 2)
    }
  }
}
