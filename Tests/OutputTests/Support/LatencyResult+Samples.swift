import CAegis

@testable import Aegis

extension LatencyHistogram {
  /// Packets by the ns that they took.
  static func of(_ packets: [UInt64: UInt64]) -> LatencyHistogram {
    var latency = aegis_latency()
    withUnsafeMutableBytes(of: &latency.bucket) { bytes in
      let buckets = bytes.bindMemory(to: UInt64.self)
      for (time, count) in packets { buckets[bucket(of: time)] += count }
    }
    latency.ns = packets.reduce(0) { $0 + $1.key * $1.value }
    latency.least = packets.keys.min() ?? 0
    latency.most = packets.keys.max() ?? 0
    return LatencyHistogram([latency])
  }

  private static func bucket(of time: UInt64) -> Int {
    (0..<1280).first { range(of: $0).contains(time) } ?? 1279
  }
}

extension LatencyResult {
  static func of(
    pass: [UInt64: UInt64] = [:], drop: [UInt64: UInt64] = [:],
    hook: [UInt64: UInt64]? = nil, counted: [Verdict: ClosedRange<UInt64>]? = nil,
    on name: String = "eth0",
    ending: Ending = .completed
  ) -> LatencyResult {
    LatencyResult(
      interfaces: [Interface(name: name, mode: .native, ending: ending)], seconds: 2.04,
      histograms: [.pass: .of(pass), .drop: .of(drop)],
      hook: hook.map { .of($0) }, clock: .of([27: 900, 30: 100]),
      counted: counted)
  }

  /// A hump of each verdict, and a long tail.
  static let usual = of(
    pass: [100: 10, 110: 400, 112: 800, 118: 300, 126: 20, 1000: 1, 30_000: 1],
    drop: [60: 50, 62: 200, 66: 30], counted: [.pass: 1532...1532, .drop: 280...280])
}
