import CBench

/// Packets from a number of sources, for a table with a number of entries.
struct Workload {
  let name: String
  let sources: UInt32
  let entries: UInt32
  let limit: Limit
  /// Packets until a table is as full as it gets.
  let warmUp: Int

  static let all = [
    Workload(
      "1 source, conforming", 1, entries: 65_536, Limit(rate: 100_000_000, burst: 1_000_000)),
    Workload("1 source, over its rate", 1, entries: 65_536, Limit(rate: 1000)),
    Workload("100k random", 100_000, entries: 1 << 20, Limit(rate: 1000)),
    Workload("1M random", 1_000_000, entries: 1 << 20, Limit(rate: 1000)),
    Workload("16M spoofed", 1 << 24, entries: 65_536, Limit(rate: 1000)),
    Workload("16M spoofed", 1 << 24, entries: 1 << 20, Limit(rate: 1000)),
  ]

  private init(_ name: String, _ sources: UInt32, entries: UInt32, _ limit: Limit) {
    self.name = name
    self.sources = sources
    self.entries = entries
    self.limit = limit
    warmUp = Int(min(sources, entries)) * 2
  }

  var workload: bench_workload {
    var work = bench_workload()
    work.first = 0x0a00_0000
    work.sources = sources
    work.heavy_mask = .max
    return work
  }
}
