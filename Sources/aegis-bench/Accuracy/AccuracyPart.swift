/// Whether limiters admit the configured rate.
enum AccuracyPart {
  private struct Sample {
    let ratio: Double
    let peak: Double
    let offered: Double
  }

  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    let field = try Field(in: lab)
    let limiters: [any LimitingCompetitor] =
      try [
        field.aegis(), field.aegis("Aegis, bytes", unit: .bytes), field.reference(.token),
        field.reference(.window), field.reference(.percpu),
      ] + field.limitingPeers(isObserved: true)
    let observer = try Observer()
    for limiter in limiters { try observer.watch(limiter) }

    var tables = [
      "Admitted ÷ allowed", "Peak over 100 ms ÷ (burst + rate × 100 ms)", "Offered ÷ rate",
    ].map { title in
      Table(
        title,
        [.init("rate", "RATE"), .init("sources", "SOURCES"), .init("offer", "OFFERED")]
          + limiters.map { Table.Column($0.name, $0.name) })
    }
    var baseline: [Double] = []
    for one in AccuracyCase.all(effort) {
      let samples = try measure(one, limiters, observer, field.generator, effort)
      baseline += samples[0].map(\.ratio)
      let head: [Cell] = [
        .count(one.limit.rate), .count(UInt64(one.sources)), .text(one.offer.name),
      ]
      tables[0].add(head + samples.map { cell($0.map(\.ratio), decimals: 4) })
      tables[1].add(head + samples.map { cell($0.map(\.peak), decimals: 3) })
      tables[2].add(head + samples.map { cell($0.map(\.offered), decimals: 2) })
    }
    var part = Report.Part("accuracy")
    part.tables = tables + [try EgressCase.table(in: lab, effort)]
    part.notes =
      field.missing + Machine.disturbance(since: start, baseline: [])
      + [
        "allowed is what an exact token bucket, or a fixed window, lets pass of what was sent in each ms; "
          + "a packet is \(effort.choose(quick: 0.4, full: 0.1)) % at 1000/s"
      ]
    return part
  }

  /// Measurements of each limiter, by round.
  private static func measure(
    _ one: AccuracyCase, _ limiters: [any LimitingCompetitor], _ observer: Observer,
    _ generator: Generator, _ effort: Effort
  ) throws -> [[Sample]] {
    let flow = one.flow(effort.choose(quick: 0.2, full: 0.95))
    for limiter in limiters { try limiter.limit(to: one.limit) }
    var samples = [[Sample]](repeating: [], count: limiters.count)
    for _ in 0..<effort.choose(quick: 1, full: min(3, effort.rounds)) {
      for (index, limiter) in limiters.enumerated() {
        try observer.reset()
        let measurement = try Measurement(of: limiter, flow, by: generator)
        let passed = Double(measurement.verdicts?.passed ?? 0)
        let rate = Double(one.limit.rate) * Double(one.sources)
        samples[index].append(
          Sample(
            ratio: passed / one.allowed(measurement, limiter),
            peak: Double(try observer.peak(over: 100)) / one.peak,
            offered: Double(measurement.received) / measurement.sent.seconds / rate))
      }
    }
    return samples
  }

  private static func cell(_ values: [Double], decimals: Int) -> Cell {
    values.isEmpty ? .none : .number(values.median, decimals: decimals)
  }
}
