import TestSupport
import Testing

extension Kernel {
  /// A frame of 64 bytes of payload has 106, Ethernet header included.
  struct RateBytesTests {
    @Test func packetsAndBytesSideBySide() throws {
      let live = try Live.attached()
      try live.limit(10)
      try live.limitBytes("1kB/h", 530)
      #expect(try live.rates() == ["10/h 10 source", "1kB/h 530 source"])
      // By their bytes.
      #expect(try live.passes(20, from: "192.0.2.1") == 5)
      // By their number.
      #expect(try live.passes(20, from: "192.0.2.2", size: 1) == 10)
      // What bytes refuse is not counted as packets, nor the other way round: 530 - 424 - 2 * 53.
      #expect(try live.passes(3, from: "192.0.2.3") == 3)
      #expect(try live.passes(20, from: "192.0.2.3", size: 1000) == 0)
      #expect(try live.passes(20, from: "192.0.2.3", size: 11) == 4)
      #expect(try live.passes(20, from: "192.0.2.3", size: 1) == 0)
      // In bits it takes the place of that in bytes; 'off' removes both.
      try live.limitBytes("8kbit/h", 212)
      #expect(try live.rates() == ["10/h 10 source", "8kbit/h 212 source"])
      #expect(try live.passes(20, from: "192.0.2.4") == 2)
      let stats = try live.stats()
      #expect(stats["pass.default"] == 5 + 10 + 3 + 4 + 2)
      #expect(stats.bytes("pass.default") == 5 * 106 + 10 * 43 + 3 * 106 + 4 * 53 + 2 * 106)
      try live.ok(["set-rate", "off"])
      #expect(try live.rates().isEmpty)
      #expect(try live.passes(20, from: "192.0.2.4") == 20)
    }

    /// Also where a byte takes no whole number of ticks.
    @Test(arguments: ["1kB/h", "700B/h", "5601bit/h"])
    func aBurstOfWholeFramesIsExact(rate: String) throws {
      let live = try Live.attached()
      for frames in 1...3 {
        try live.limitBytes(rate, frames * 106)
        #expect(try live.passes(10, from: "192.0.2.\(frames)") == frames)
        try live.limitBytes(rate, frames * 106 - 1)
        // One that is larger than the burst passes while nothing is owed.
        #expect(try live.passes(10, from: "198.51.100.\(frames)") == max(1, frames - 1))
      }
    }

    @Test func aFrameLargerThanTheBurstPassesWhileNothingIsOwed() throws {
      let live = try Live.attached()
      try live.limitBytes("1kB/h", 500)
      #expect(try live.passes(50, size: 959) == 1)
      #expect(try live.passes(1, size: 1) == 0)
      let stats = try live.stats()
      #expect(stats["drop.rate"] == 50)
      #expect(stats.bytes("drop.rate") == 49 * 1001 + 43)
      #expect(stats.bytes("pass.default") == 1001)
    }

    @Test func aTagCounts() throws {
      let live = try Live.attached()
      try live.limitBytes("1kB/h", 192)
      let host = live.sandbox.host.v4.split(separator: ".").compactMap { UInt8($0) }
      // 60 bytes, or 64 with a tag: three of either, but no fourth.
      for (last, tags) in [(1, []), (2, [5])] as [(UInt8, [UInt16])] {
        let frame = FrameTests.frame(from: [192, 0, 2, last], to: host, tags: tags)
        let before = try live.stats()
        try live.sandbox.send(frames: Array(repeating: frame, count: 5))
        let after = try live.stats()
        #expect(after["pass.default"] - before["pass.default"] == 3)
        #expect(after["drop.rate"] - before["drop.rate"] == 2)
      }
    }
  }
}
