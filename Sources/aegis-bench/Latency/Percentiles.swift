/// Percentiles of a histogram; times are the lower bounds of buckets.
struct Percentiles {
  let total: UInt64
  private let counts: [UInt64]

  init(_ counts: [UInt64]) {
    self.counts = counts
    total = counts.reduce(0, +)
  }

  /// The time that this share of the packets do not exceed.
  func time(at share: Double) -> UInt64 {
    let wanted = (Double(total) * share).rounded(.up)
    var sum: UInt64 = 0
    for (bucket, count) in counts.enumerated() {
      sum += count
      if count > 0, Double(sum) >= wanted { return Histogram.time(of: bucket) }
    }
    return 0
  }

  var least: UInt64 { counts.firstIndex { $0 > 0 }.map(Histogram.time(of:)) ?? 0 }
  var most: UInt64 { counts.lastIndex { $0 > 0 }.map(Histogram.time(of:)) ?? 0 }
}
