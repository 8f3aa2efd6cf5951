import BPF
import CBench

/// Times in buckets that are at most one sixteenth wide.
final class Histogram {
  private let map: PerCPUMap<UInt64>

  init(_ map: consuming PerCPUMap<UInt64>) {
    self.map = map
  }

  func clear() throws {
    for bucket in 0..<BENCH_BUCKETS { try map.set(0, at: bucket) }
  }

  /// Counts summed over all processors.
  func counts() throws -> [UInt64] {
    try (0..<BENCH_BUCKETS).map { try map.values(at: $0).reduce(0, +) }
  }

  /// The lower bound of a bucket, in ns.
  static func time(of bucket: Int) -> UInt64 {
    let width = 1 << Int(BENCH_BUCKETS_SHIFT)
    if bucket < 2 * width { return UInt64(bucket) }
    let log = bucket / width - 1
    return UInt64(bucket - log * width) << UInt64(log)
  }
}
