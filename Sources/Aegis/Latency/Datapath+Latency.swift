internal import BPF
internal import CAegis
internal import Linux

extension Datapath {
  /// All latencies that were ever measured. Each measurement adds its results at its end.
  public func latency() throws(AegisError) -> [Verdict: LatencyHistogram] {
    let map: BPFMap<UInt32, aegis_latency> = try self.map(AEGIS_MAP_latency)
    var histograms: [Verdict: LatencyHistogram] = [:]
    for verdict in Verdict.allCases {
      let value = try kernel { () throws(SystemError) in
        try map.value(forKey: verdict.action)
      }
      histograms[verdict] = LatencyHistogram(value.map { [$0] } ?? [])
    }
    return histograms
  }

  /// Adds the results of a measurement; the caller holds the session.
  func add(_ histograms: [Verdict: LatencyHistogram]) throws(AegisError) {
    let map: BPFMap<UInt32, aegis_latency> = try self.map(AEGIS_MAP_latency)
    try kernel { () throws(SystemError) in
      for (verdict, histogram) in histograms where histogram.packets > 0 {
        var sum = try map.value(forKey: verdict.action) ?? aegis_latency()
        sum.add(histogram)
        try map.update(sum, forKey: verdict.action)
      }
    }
  }
}
