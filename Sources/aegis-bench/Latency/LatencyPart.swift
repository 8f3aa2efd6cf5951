import CBench

/// The running time of the program itself with live packets, by its own clock.
enum LatencyPart {
  private struct Case {
    let flow: String
    let sources: UInt32
    let competitor: TimedCompetitor
  }

  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    let field = try Field(in: lab)
    var table = Table(
      "Time in the program with live packets, ns, the clock's own included",
      [
        .init("flow", "FLOW"), .init("program", "PROGRAM"), .init("packets", "PACKETS"),
        .init("p50", "P50"), .init("p90", "P90"), .init("p99", "P99"), .init("p999", "P99.9"),
        .init("max", "MAX"), .init("jitter", "MAX - MIN"),
      ])
    let cases = try cases(field)
    var counts = [[UInt64]](repeating: [], count: cases.count)
    for one in cases { try one.competitor.histogram.clear() }
    for _ in 0..<effort.rounds {
      for (index, one) in cases.enumerated() {
        var workload = bench_workload()
        workload.first = LiveFlow.source
        workload.sources = one.sources
        workload.heavy_mask = .max
        let flow = Generator.Flow(
          workload: workload, processors: [0], seconds: effort.choose(quick: 0.1, full: 1),
          frame: [])
        _ = try Measurement(of: one.competitor, flow, by: field.generator)
        counts[index] = try one.competitor.histogram.counts()
      }
    }
    for (one, counts) in zip(cases, counts) {
      let times = Percentiles(counts)
      table.add(
        [.text(one.flow), .text(one.competitor.name), .count(times.total)]
          + [0.5, 0.9, 0.99, 0.999].map { .count(times.time(at: $0)) }
          + [.count(times.most), .count(times.most - times.least)])
    }
    var part = Report.Part("latency")
    part.tables = [table]
    part.notes =
      Machine.disturbance(since: start, baseline: []) + [
        "buckets are a sixteenth wide; the longest times are interrupts and the hypervisor"
      ]
    return part
  }

  private static func cases(_ field: Field) throws -> [Case] {
    let slow = Limit(rate: 10)
    let usual = Limit(rate: 1000)
    let flows: [(String, UInt32, [TimedCompetitor.Kind])] = [
      ("1 source", 1, [.empty, .aegis(listing: 0, limit: nil)]),
      ("a listed host, of 100k", 1, [.aegis(listing: 100_000, limit: nil)]),
      ("1 source over 1000/s", 1, [.aegis(listing: 0, limit: usual), .reference(.token, usual)]),
      (
        "8,192 sources over 10/s", 8192,
        [.aegis(listing: 0, limit: slow), .reference(.token, slow)]
      ),
      (
        "16M spoofed", 1 << 24,
        [.aegis(listing: 0, limit: usual), .reference(.token, usual)]
      ),
    ]
    return try flows.flatMap { name, sources, kinds in
      try kinds.map { Case(flow: name, sources: sources, competitor: try field.timed($0)) }
    }
  }
}
