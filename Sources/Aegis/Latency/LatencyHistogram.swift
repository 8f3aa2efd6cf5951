internal import CAegis

/// Packet latencies in ns, counted in buckets of 1 ns below 128 ns, and in 64 buckets per octave above.
public struct LatencyHistogram: Sendable, Equatable {
  /// The number of packets whose time is in a range.
  public struct Bucket: Sendable, Equatable {
    /// ns, both ends included.
    public let range: ClosedRange<UInt64>
    public let packets: UInt64
  }

  /// The sum of the buckets.
  public private(set) var packets: UInt64 = 0
  /// The sum of all packets' times in ns.
  public private(set) var sum: UInt64 = 0
  /// The time of the fastest and the slowest packet in ns; nil without a packet.
  public private(set) var least: UInt64?
  public private(set) var most: UInt64?
  private var counts = [UInt64](repeating: 0, count: Self.size)

  /// AEGIS_LATENCY_BUCKETS
  private static let size = Int(AEGIS_LATENCY_OCTAVES + 2) << Int(AEGIS_LATENCY_SHIFT)

  public init() {}

  /// ns; nil without a packet.
  public var mean: Double? { packets == 0 ? nil : Double(sum) / Double(packets) }

  /// The difference between the slowest and the fastest packet, in ns; nil without a packet.
  public var jitter: UInt64? {
    guard let least, let most else { return nil }
    return most - least
  }

  /// The time that this share of the packets, 0 to 1, do not exceed: the upper end of its bucket, which is too high by
  /// less than a sixty-fourth, and never above `most`. nil without a packet.
  public func percentile(_ share: Double) -> UInt64? {
    guard let most else { return nil }
    let wanted = max(1, (Double(packets) * share).rounded(.up))
    var seen: UInt64 = 0
    for (bucket, count) in counts.enumerated() where count > 0 {
      seen += count
      if Double(seen) >= wanted { return min(most, Self.range(of: bucket).upperBound) }
    }
    return most
  }

  /// The buckets that contain packets, the fastest first.
  public var buckets: [Bucket] {
    counts.enumerated().filter { $0.element > 0 }.map {
      Bucket(range: Self.range(of: $0.offset), packets: $0.element)
    }
  }

  /// The number of packets that took less than this many ns; the bound must be the start of a bucket.
  public func packets(below bound: UInt64) -> UInt64 {
    counts.enumerated().lazy.prefix { Self.range(of: $0.offset).lowerBound < bound }
      .reduce(0) { $0 + $1.element }
  }

  public static func += (left: inout LatencyHistogram, right: LatencyHistogram) {
    left.packets += right.packets
    left.sum += right.sum
    left.least = [left.least, right.least].compactMap(\.self).min()
    left.most = [left.most, right.most].compactMap(\.self).max()
    for (bucket, count) in right.counts.enumerated() where count > 0 {
      left.counts[bucket] += count
    }
  }

  /// The range of times of a bucket of abi/latency.h; the last one is unbounded.
  static func range(of bucket: Int) -> ClosedRange<UInt64> {
    let log = max(0, bucket >> Int(AEGIS_LATENCY_SHIFT) - 1)
    let first = UInt64(bucket - log << Int(AEGIS_LATENCY_SHIFT)) << UInt64(log)
    let isLast = bucket + 1 == size
    return first...(isLast ? .max : first + (1 << UInt64(log)) - 1)
  }

  /// The boundaries between octaves: the powers of two, in ns, up to the last bucket.
  public static let octaves: [UInt64] =
    (5..<UInt64(AEGIS_LATENCY_SHIFT + AEGIS_LATENCY_OCTAVES + 1)).map { 1 << $0 }
}

extension LatencyHistogram {
  /// The sum of the counts of several CPUs or measurements.
  init(_ parts: [aegis_latency]) {
    self.init()
    for part in parts { self += LatencyHistogram(part) }
  }

  private init(_ latency: aegis_latency) {
    self.init()
    counts = withUnsafeBytes(of: latency.bucket) { Array($0.bindMemory(to: UInt64.self)) }
    packets = counts.reduce(0, +)
    sum = latency.ns
    if packets > 0 { (least, most) = (latency.least, latency.most) }
  }
}

extension aegis_latency {
  /// Adds the results of a measurement.
  mutating func add(_ histogram: LatencyHistogram) {
    guard let least = histogram.least, let most = histogram.most else { return }
    self.least = packets == 0 ? least : min(self.least, least)
    self.most = max(self.most, most)
    packets += histogram.packets
    ns += histogram.sum
    histogram.add(to: &bucket)
  }
}

extension LatencyHistogram {
  /// `buckets`: a C array.
  fileprivate func add<Buckets>(to buckets: inout Buckets) {
    withUnsafeMutableBytes(of: &buckets) { bytes in
      let sums = bytes.bindMemory(to: UInt64.self)
      for (bucket, count) in counts.enumerated() { sums[bucket] += count }
    }
  }
}
