import Aegis
import CBench

/// The traffic that is sent, and how much of it should pass.
struct LiveFlow {
  let name: String
  let sources: UInt32
  /// One in this many packets is from an additional source that sends far too much; 0 is none. It starts long after a
  /// table of 64k entries is full.
  let heavyShare: UInt32
  /// nil if sources are listed, not limited.
  let limit: Limit?

  static let listed = LiveFlow(
    name: "a listed host, of 100k", sources: 1, heavyShare: 0, limit: nil)
  static let listedMany = LiveFlow(
    name: "131,072 listed hosts", sources: 1 << 17, heavyShare: 0, limit: nil)
  static let listedMixed = LiveFlow(
    name: "2M sources in 1M hosts and prefixes", sources: 1 << 21, heavyShare: 0, limit: nil)
  static let single = LiveFlow(
    name: "1 source over 1000/s", sources: 1, heavyShare: 0, limit: Limit(rate: 1000))
  static let workload = LiveFlow(
    name: "8,192 sources over 1/s", sources: 8192, heavyShare: 0, limit: Limit(rate: 1))
  static let spoofed = LiveFlow(
    name: "16M spoofed, 1 in 16 from one over 1000/s", sources: 1 << 24, heavyShare: 16,
    limit: Limit(rate: 1000))

  static let source: UInt32 = 0x0a00_0001
  private static let heavyStart: UInt32 = 100_000

  func traffic(_ seconds: Double) -> Generator.Flow {
    var workload = bench_workload()
    workload.first = Self.source
    workload.sources = sources
    workload.heavy_mask = heavyShare == 0 ? .max : heavyShare - 1
    workload.heavy_after = Self.heavyStart
    return Generator.Flow(workload: workload, processors: [0], seconds: seconds, frame: [])
  }

  /// The share of the packets due to be dropped that it dropped; nil if it has no counters or none were due.
  func limited(_ measurement: Measurement, _ competitor: any Competitor) -> Double? {
    guard let dropped = measurement.dropped else { return nil }
    let total = Double(measurement.received)
    guard let limit, let limiter = competitor as? any LimitingCompetitor else {
      return dropped / total
    }
    let allowance = limiter.allowance(limit, seconds: measurement.seconds)
    let due =
      heavyShare > 0
      ? (total - Double(Self.heavyStart)) / Double(heavyShare) - allowance
      : total - allowance * Double(sources)
    return due < 1 ? nil : min(1, dropped / due)
  }
}
