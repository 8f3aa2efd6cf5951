import Aegis
import CAegis
import Glibc
import Testing

@testable import TestModel

extension DatapathTests {
  /// Telling is not to become the attack.
  @Suite struct EventBudgetTests {
    private static let frame = Frame(IPv4(.udp(), from: "192.0.2.1"))

    @Test(
      "tells no more than the budget, counts all, and looks again with every turn of the reader")
    func budget() throws {
      let datapath = try EventDatapath.under(.allow)
      let start = ContinuousClock.now
      try datapath.read(EventFilter(rate: 100))
      for turn: UInt32 in 1...50 {
        try datapath.run(Self.frame, count: 20_000)
        datapath.turn(turn)
      }
      let tally = try datapath.tally()
      let seconds = start.duration(to: .now) / .seconds(1)
      #expect(tally.matched == 1_000_000)
      #expect((tally.skipped, tally.lost) == (0, 0))
      #expect(tally.told <= 10 + UInt64(100 * seconds))
      #expect(tally.told >= 10)
      #expect(try datapath.take().count == Int(tally.told))
      // A reader's look ends a pause, however long; then only the budget counts.
      usleep(50_000)
      datapath.turn(99)
      try datapath.run(Self.frame)
      #expect(try datapath.take().count == 1)
    }

    @Test(
      "one in so many is told, by chance, and the others are counted", arguments: [2, 10, 1000])
    func sample(_ sample: UInt32) throws {
      let datapath = try EventDatapath.under(.allow)
      try datapath.read(EventFilter(sample: sample), isLimited: false)
      var told = 0
      for _ in 0..<20 {
        try datapath.run(Self.frame, count: 5000)
        told += try datapath.take().count
      }
      let tally = try datapath.tally()
      #expect(tally.matched == 100_000 && tally.told == told)
      // Of gaps that are evenly spread; six standard deviations, and the first packet.
      let due = 100_000 / Double(sample)
      let deviation = (due / 3).squareRoot()
      #expect(abs(Double(told) - due) < 6 * deviation + 2)
      #expect(tally.skipped + tally.told == 100_000)
    }

    @Test("what does not fit into the ring is lost, and counted; what is in it stays")
    func full() throws {
      let datapath = try EventDatapath.under(.allow)
      try datapath.read(EventFilter(), isLimited: false)
      for turn: UInt32 in 1...40 {
        try datapath.run(Self.frame, count: 250)
        datapath.turn(turn)
      }
      let tally = try datapath.tally()
      #expect(tally.matched == 10_000)
      #expect(tally.told == EventDatapath.room && tally.lost > 0)
      let first = try datapath.take(atMost: 1000)
      #expect(first.count == 1000)
      #expect(try datapath.take().count == EventDatapath.room - 1000)
      try datapath.run(Self.frame)
      #expect(try datapath.take().count == 1)
    }

    @Test("a reader that is gone is told nothing more, whatever comes")
    func gone() throws {
      let datapath = try EventDatapath.under(.allow)
      var other = EventFilter()
      other.source = "198.51.100.7"
      for filter in [EventFilter(), other, EventFilter(sample: 1_000_000)] {
        try datapath.tellAgain()
        try datapath.read(filter)
        try datapath.run(Self.frame)
        #expect(try datapath.isTelling)
        datapath.end()
        // The clock is looked at once a tick, of 10 ms at the most.
        usleep(15_000)
        let before = try datapath.tally()
        try datapath.run(Self.frame)
        #expect(try !datapath.isTelling)
        #expect(try datapath.tally() == before)
      }
    }
  }
}
