import Aegis
import CBench

/// A flow, and who stands up to it.
struct LiveCase {
  let name: String
  let sources: UInt32
  /// One in this many packets is from one more source, that sends far too many; 0 is none. It starts
  /// when a table of 64k entries has long been full.
  let heavyShare: UInt32
  /// nil where sources are listed, not limited.
  let limit: Limit?
  /// The first is the empty program.
  let contestants: [any Contestant]

  static let source: UInt32 = 0x0a00_0001
  private static let heavyStart: UInt32 = 100_000

  func flow(_ seconds: Double) -> Generator.Flow {
    var workload = bench_workload()
    workload.first = Self.source
    workload.sources = sources
    workload.heavy_mask = heavyShare == 0 ? .max : heavyShare - 1
    workload.heavy_after = Self.heavyStart
    return Generator.Flow(workload: workload, processors: [0], seconds: seconds, frame: [])
  }

  /// The share of the packets it should have dropped that it did; nil if it does not count.
  func limited(_ trial: Trial, _ contestant: any Contestant) -> Double? {
    guard let dropped = trial.dropped else { return nil }
    let total = Double(trial.received)
    guard let limit, let limiter = contestant as? any LimitingContestant else {
      return dropped / total
    }
    let allowance = limiter.allowance(limit, seconds: trial.seconds)
    let due =
      heavyShare > 0
      ? (total - Double(Self.heavyStart)) / Double(heavyShare) - allowance
      : total - allowance * Double(sources)
    return due < 1 ? nil : min(1, dropped / due)
  }

  /// Where sources are listed.
  static func listing(_ field: Field) throws -> [LiveCase] {
    let empty = try field.empty()
    let aegis = try field.aegis { try $0.drop((0..<100_000).map { .init(.v4(source + $0)) }) }
    let peers = try field.droppingPeers(of: source, count: 100_000)
    return [
      LiveCase(
        name: "a listed host, of 100k", sources: 1, heavyShare: 0, limit: nil,
        contestants: [empty, aegis] + peers)
    ]
  }

  /// Where they are limited.
  static func limiting(_ field: Field) throws -> [LiveCase] {
    let limiters: [any Contestant] =
      try [field.empty(), field.aegis(), field.reference(.token)]
      + field.limitingPeers(isObserved: false)
    return [
      LiveCase(
        name: "1 source over 1000/s", sources: 1, heavyShare: 0, limit: Limit(rate: 1000),
        contestants: limiters),
      LiveCase(
        name: "8,192 sources over 10/s", sources: 8192, heavyShare: 0,
        limit: Limit(rate: 10), contestants: limiters),
      LiveCase(
        name: "16M spoofed, 1 in 16 from one over 1000/s", sources: 1 << 24, heavyShare: 16,
        limit: Limit(rate: 1000), contestants: limiters),
    ]
  }
}
