import CBench

/// The load offered to limiters, and how much of it they should pass.
struct AccuracyCase {
  enum Offer: CaseIterable {
    case flood, floodFromTwo, more, less

    var name: String {
      switch self {
      case .flood: "flood"
      case .floodFromTwo: "flood from 2 CPUs"
      case .more: "1.5 times"
      case .less: "0.95 times"
      }
    }

    /// Multiple of the rate; nil sends as fast as possible.
    var factor: Double? {
      switch self {
      case .flood, .floodFromTwo: nil
      case .more: 1.5
      case .less: 0.95
      }
    }
  }

  let limit: Limit
  let sources: UInt32
  let offer: Offer
  let number: UInt32

  /// Each case has its own sources, which no table has seen before.
  static func all(_ effort: Effort) -> [AccuracyCase] {
    let flows: [(rate: UInt64, sources: UInt32)] =
      [(1000, 1), (100_000, 1), (1_000_000, 1), (1000, 1000)]
    let offers = Machine.processors > 1 ? Offer.allCases : [.flood, .more, .less]
    let cases = flows.flatMap { flow in
      offers.filter { !effort.isQuick || flow.sources == 1 || $0 == .floodFromTwo }.map {
        (flow, $0)
      }
    }
    return cases.enumerated().map { index, one in
      AccuracyCase(
        limit: Limit(rate: one.0.rate, burst: max(10, one.0.rate / 20)), sources: one.0.sources,
        offer: one.1,
        number: UInt32(index))
    }
  }

  func flow(_ seconds: Double) -> Generator.Flow {
    let processors = offer == .floodFromTwo ? [0, 1] : [0]
    var workload = bench_workload()
    workload.first = 0x0a00_0001 + number << 16
    workload.sources = sources
    workload.in_turn = 1
    workload.heavy_mask = .max
    workload.is_stamped = 1
    if let factor = offer.factor {
      let rate = Double(limit.rate) * Double(sources) * factor / Double(processors.count)
      workload.interval = UInt64(1e9 * Double(1 << BENCH_INTERVAL_SHIFT) / rate)
    }
    return Generator.Flow(
      workload: workload, processors: processors, seconds: seconds, frame: [])
  }

  /// The number of packets that reached the limiter and that it should pass: some of those sent may have been lost on
  /// the way.
  func allowed(_ measurement: Measurement, _ limiter: any LimitingCompetitor) -> Double {
    var sent = measurement.sent.stretches
    let total = sent.reduce(0) { $0 + $1.packets }
    let share = Double(measurement.received) / max(total, 1) / Double(sources)
    for index in sent.indices { sent[index].packets *= share }
    let each = limiter.model(limit, sent)
    // If the limiter cuts traffic off, only whole packets pass.
    return (each < total * share - 1 ? each.rounded(.down) : each) * Double(sources)
  }

  /// The most packets that may pass in 100 ms with this rate and burst.
  var peak: Double { (Double(limit.burst) + Double(limit.rate) / 10) * Double(sources) }
}
