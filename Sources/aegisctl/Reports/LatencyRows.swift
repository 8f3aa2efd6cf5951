import Aegis

/// Histograms of both verdicts in rows of equal width on a logarithmic scale; each row is a whole number of buckets.
struct LatencyRows {
  struct Row: Equatable {
    /// ns, both ends included.
    let range: ClosedRange<UInt64>
    let passed: UInt64
    let dropped: UInt64
  }

  /// From the fastest packet to a limit, including rows without packets.
  let rows: [Row]
  /// Packets slower than the last row.
  let longer: Row?

  /// - Parameters:
  ///   - limit: The ns up to which the rows should reach.
  ///   - most: The number of rows that fit; a row per octave may exceed it.
  init(_ result: LatencyResult, upTo limit: UInt64, most: Int) {
    let all = result.all
    guard let first = all.least, let last = all.most, let usual = all.percentile(0.99) else {
      (rows, longer) = ([], nil)
      return
    }
    let limit = min(last, max(first, limit))
    var rows: [Row] = []
    for steps: UInt64 in [64, 32, 16, 8, 4, 2, 1] {
      let indices = Self.row(of: first, steps)...Self.row(of: limit, steps)
      if steps > 1, indices.upperBound - indices.lowerBound >= UInt64(most) { continue }
      rows = Self.rows(indices, steps, of: result)
      if !Self.isComb(rows.filter { $0.range.lowerBound <= usual }) { break }
    }
    self.rows = rows
    longer = Self.row(after: rows.last?.range.upperBound ?? last, of: result, upTo: last)
  }

  private static func rows(
    _ indices: ClosedRange<UInt64>, _ steps: UInt64, of result: LatencyResult
  ) -> [Row] {
    var counts: [UInt64: (passed: UInt64, dropped: UInt64)] = [:]
    for (verdict, histogram) in result.histograms {
      for bucket in histogram.buckets {
        let index = row(of: bucket.range.lowerBound, steps)
        if verdict == .pass {
          counts[index, default: (0, 0)].passed += bucket.packets
        } else {
          counts[index, default: (0, 0)].dropped += bucket.packets
        }
      }
    }
    return indices.compactMap { index in
      guard let range = range(of: index, steps) else { return nil }
      let (passed, dropped) = counts[index] ?? (0, 0)
      return Row(range: range, passed: passed, dropped: dropped)
    }
  }

  private static func row(
    after end: UInt64, of result: LatencyResult, upTo last: UInt64
  ) -> Row? {
    func packets(_ verdict: Verdict) -> UInt64 {
      let buckets = result.histograms[verdict]?.buckets ?? []
      return buckets.filter { $0.range.lowerBound > end }.reduce(0) { $0 + $1.packets }
    }
    let (passed, dropped) = (packets(.pass), packets(.drop))
    return passed + dropped == 0
      ? nil : Row(range: end + 1...max(end + 1, last), passed: passed, dropped: dropped)
  }

  /// Whether rows are finer than the clock, which then hits only some of them: many are empty, and few are
  /// consecutive.
  private static func isComb(_ rows: [Row]) -> Bool {
    let gaps = rows.split(omittingEmptySubsequences: true) { $0.passed + $0.dropped > 0 }
    return gaps.filter { $0.count <= 2 }.reduce(0) { $0 + $1.count } * 5 > rows.count
  }

  /// The number of the row that contains a time, with `steps` rows per octave.
  private static func row(of time: UInt64, _ steps: UInt64) -> UInt64 {
    let time = max(1, time)
    let octave = UInt64(UInt64.bitWidth - 1 - time.leadingZeroBitCount)
    return octave * steps + ((time - 1 << octave) * steps) >> octave
  }

  /// nil for a row that contains no whole ns.
  private static func range(of row: UInt64, _ steps: UInt64) -> ClosedRange<UInt64>? {
    func bound(_ row: UInt64) -> UInt64 {
      let octave = row / steps
      return 1 << octave + ((row % steps) << octave + steps - 1) / steps
    }
    let (first, next) = (bound(row), bound(row + 1))
    return first < next ? first...(next - 1) : nil
  }
}
