import CAegis
import Testing

@testable import Aegis

/// What lies where in the limiter's table.
@Suite("Lines of the limiter's table")
struct LineTableTests {
  private static let capacities = [6, 6144, 49_152, 1 << 20].map { Capacity(sources: $0) }

  private static func need(
    sources: UInt64 = .max, total: Bool = false, cpus: Int = 1, _ flag: aegis_rate_flag? = nil
  ) -> LineNeed {
    var rate = aegis_rate()
    rate.flags = flag?.rawValue ?? 0
    return LineNeed(rate, sources: sources, isTotal: total, cpus: cpus)
  }

  @Test(
    "no two rates have one in common, and none has one of the default rate", arguments: capacities)
  func disjoint(capacity: Capacity) throws {
    var random = SplitMix64(seed: 31)
    var table = LineTable(capacity)
    var owner = [Int?](repeating: nil, count: Int(capacity.cells))
    var held: [Int: Range<UInt32>] = [:]
    for round in 0..<3000 {
      if held.count > 40, let gone = held.keys.randomElement(using: &random),
        round.isMultiple(of: 2)
      {
        let lines = try #require(held[gone])
        held[gone] = nil
        for line in lines { owner[Int(line)] = nil }
        table.give(back: lines)
        continue
      }
      let isTotal = Bool.random(using: &random)
      let sources = UInt64(1) << UInt64.random(in: 0...40, using: &random)
      let taken = table.take(Self.need(sources: sources, total: isTotal))
      let lines = try #require(taken)
      #expect(lines.count.nonzeroBitCount == 1)
      #expect(lines.lowerBound >= 2 * capacity.lines)
      for line in lines {
        #expect(owner[Int(line)] == nil)
        owner[Int(line)] = round
      }
      held[round] = lines
    }
    // What is read from the rates that are stored is the same.
    let again = LineTable(capacity, taken: Array(held.values))
    #expect(again.spare == table.spare)
  }

  @Test("each rate that can be added finds one, after whatever others took", arguments: capacities)
  func enough(capacity: Capacity) throws {
    var table = LineTable(capacity)
    var last: UInt32 = .max
    for _ in 0..<Capacity.mostRates {
      let taken = table.take(Self.need())
      let lines = try #require(taken)
      // The later, the fewer.
      #expect(UInt32(lines.count) <= last)
      last = UInt32(lines.count)
    }
    #expect(last == 1)
    #expect(table.spare < 8)
  }

  /// How many lines each of these gets, in this order.
  private static func counts(_ sources: UInt32, _ needs: [LineNeed]) -> [Int?] {
    var table = LineTable(Capacity(sources: sources))
    return needs.map { table.take($0)?.count }
  }

  @Test("a rate gets no more than its sources can use, and at most a quarter of what is left")
  func shares() {
    let needs = [
      Self.need(), Self.need(), Self.need(sources: 1), Self.need(sources: 200),
      Self.need(total: true),
    ]
    #expect(Self.counts(49_152, needs) == [2048, 1024, 1, 256, 1])
  }

  @Test("a rate on each CPU has a way for each of them, or is refused")
  func perCPU() {
    let perCPU = AEGIS_RATE_PER_CPU
    let needs = [
      Self.need(total: true, cpus: 4, perCPU), Self.need(sources: 1, cpus: 4, perCPU),
      Self.need(total: true, cpus: 100, perCPU),
    ]
    #expect(Self.counts(6144, needs) == [4, 4, 128])
    let many = Self.need(total: true, cpus: 200, perCPU)
    #expect((many.least, many.most) == (64, 256))
    let few = Self.need(total: true, cpus: 6, perCPU)
    #expect(Self.counts(6, [many, few]) == [nil, 2])
  }

  @Test("the figures of a table are read back from its size", arguments: capacities)
  func figures(capacity: Capacity) {
    #expect(Capacity.lines(ofCells: capacity.cells) == capacity.lines)
    #expect(capacity.packetLines.upperBound == capacity.byteLines.lowerBound)
    #expect(capacity.cells > 3 * capacity.lines)
  }
}
