import Aegis

extension Metrics {
  /// Grows with each measurement; all zero before the first one.
  var processing: MetricFamily {
    var family = MetricFamily(
      name: "aegis_packet_processing_seconds", kind: .histogram,
      help: "Time in the program a packet, of those that aegisctl latency measured, by verdict.")
    for verdict in Verdict.allCases {
      guard let histogram = latency[verdict] else { continue }
      family.add(histogram, [("verdict", verdict.rawValue)])
    }
    return family
  }
}

extension MetricFamily {
  /// Adds a bucket for each octave. A clock that shows 127 ns means that less than 128 have passed, so counts below a
  /// bound equal those of a bucket that includes its bound.
  fileprivate mutating func add(
    _ histogram: LatencyHistogram, _ labels: [(name: String, value: String)]
  ) {
    func add(_ suffix: String, _ value: Double, le bound: String? = nil) {
      samples.append(
        Sample(suffix: suffix, labels: labels + (bound.map { [("le", $0)] } ?? []), value: value))
    }
    for octave in LatencyHistogram.octaves {
      add("_bucket", Double(histogram.packets(below: octave)), le: "\(Double(octave) / 1e9)")
    }
    add("_bucket", Double(histogram.packets), le: "+Inf")
    add("_sum", Double(histogram.sum) / 1e9)
    add("_count", Double(histogram.packets))
  }
}
