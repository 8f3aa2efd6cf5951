import CAegis
import HostLimiter
import Testing

@testable import Aegis

/// A table of another size owes what the one before did.
@Suite("Debts in a table of another size")
struct BucketResizeTests {
  private static let now: UInt64 = 3 << 48

  /// A table that a seeded crowd has used, and who of it is over the rate by line and tag.
  private static func used(
    _ lines: Int, _ crowd: Int, _ rate: inout aegis_rate
  ) -> (table: [aegis_line], over: [(hash: UInt64, tag: UInt64)]) {
    var table = [aegis_line](repeating: aegis_line(), count: lines)
    for index in table.indices { table[index].epoch = now >> 38 }
    var random = SplitMix64(seed: 21)
    var over: [(hash: UInt64, tag: UInt64)] = []
    for _ in 0..<crowd {
      let hash = UInt64.random(in: 0...UInt64.max, using: &random)
      let tag = hash >> 49
      let line = Int(hash & UInt64(lines - 1))
      // One that shares a word says so beside the outcome.
      while host_limit(&table[line], &rate, tag, now, 1) & AEGIS_OUTCOME_MASK.rawValue
        == AEGIS_CONFORMS.rawValue
      {}
      over.append((hash, tag))
    }
    return (table, over)
  }

  @Test(
    "nobody who is over the rate is under it",
    arguments: [(64, 256), (64, 64), (256, 64), (1024, 1), (1, 1024)])
  func kept(before: Int, after: Int) throws {
    var rate = try Rate("10/s", burst: 3).abi()
    let (table, over) = Self.used(before, 300, &rate)
    var resized = BucketResize(at: Self.now).resized(table, to: after)
    try #require(resized.count == after)
    for (hash, tag) in over {
      let line = Int(hash & UInt64(after - 1))
      #expect(host_would_exceed(&resized[line], &rate, tag, Self.now, 1) != 0)
    }
    // They are debts of one instant: later all are paid.
    for (hash, tag) in over {
      let line = Int(hash & UInt64(after - 1))
      #expect(host_would_exceed(&resized[line], &rate, tag, Self.now + 1_000_000_000, 1) == 0)
    }
  }

  @Test("what was charged in a larger table counts in a smaller one, where copies of it were left")
  func grownAndShrunk() throws {
    var rate = try Rate("10/s", burst: 3).abi()
    var table = [aegis_line](repeating: aegis_line(), count: 64)
    for index in table.indices { table[index].epoch = Self.now >> 38 }
    var random = SplitMix64(seed: 22)
    let hashes = (0..<64).map { line in
      UInt64.random(in: 0...UInt64.max, using: &random) & ~63 | UInt64(line)
    }
    func charge(_ count: Int) {
      for hash in hashes {
        let line = Int(hash & UInt64(table.count - 1))
        for _ in 0..<count { _ = host_limit(&table[line], &rate, hash >> 49, Self.now, 1) }
      }
    }
    charge(2)
    table = BucketResize(at: Self.now).resized(table, to: 1024)
    charge(1)
    table = BucketResize(at: Self.now).resized(table, to: 64)
    for hash in hashes {
      let line = Int(hash & 63)
      #expect(host_would_exceed(&table[line], &rate, hash >> 49, Self.now, 1) != 0)
    }
  }

  @Test("who owes nothing owes nothing in a larger table")
  func absent() throws {
    var rate = try Rate("10/s", burst: 3).abi()
    let (table, _) = Self.used(64, 20, &rate)
    var resized = BucketResize(at: Self.now).resized(table, to: 512)
    let owing = (0..<512).filter { line in
      host_would_exceed(&resized[line], &rate, 0x7fff, Self.now, 3) != 0
    }
    #expect(owing.isEmpty)
  }
}
