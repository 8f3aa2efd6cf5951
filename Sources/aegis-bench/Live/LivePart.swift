/// How many packets per second one processor survives while it also sends them.
enum LivePart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    let field = try Field(in: lab)
    var part = Report.Part("live")
    var tables = [
      table(
        "Packets a second that get processed, live frames over veth, sent by the same processor"),
      table("The same by the size of the limiter's table"),
    ]
    var baseline: [Double] = []
    // One after the other: a large nftables set makes every read of its counters slow.
    for (index, make) in [(0, LiveCase.listing), (0, LiveCase.limiting), (1, LiveCase.sizes)] {
      for one in try make(field) {
        baseline += try run(one, field.generator, effort, into: &tables[index])
      }
    }
    part.tables = tables + [try StreamCase.table(in: lab, effort)]
    part.notes = field.missing + Machine.disturbance(since: start, baseline: baseline)
    return part
  }

  private static func table(_ title: String) -> Table {
    Table(
      title,
      [
        .init("flow", "FLOW"), .init("competitor", "COMPETITOR"), .init("rate", "PACKETS/S"),
        .init("share", "OF EMPTY DROP"), .init("processors", "CPUS BUSY"),
        .init("nanoseconds", "CPU NS A PACKET"), .init("passed", "PASSED %"),
        .init("limited", "LIMITED % OF DUE"),
      ])
  }

  /// Returns the packets per second of the empty program.
  private static func run(
    _ one: LiveCase, _ generator: Generator, _ effort: Effort, into table: inout Table
  ) throws -> [Double] {
    if let limit = one.flow.limit {
      for case let limiter as any LimitingCompetitor in one.competitors {
        try limiter.limit(to: limit)
      }
    }
    let traffic = one.flow.traffic(effort.choose(quick: 0.15, full: 1))
    var measurements = [[Measurement]](repeating: [], count: one.competitors.count)
    for _ in 0..<effort.rounds {
      for (index, competitor) in one.competitors.enumerated() {
        measurements[index].append(try Measurement(of: competitor, traffic, by: generator))
      }
    }
    for (competitor, own) in zip(one.competitors, measurements) {
      let limited = own.compactMap { one.flow.limited($0, competitor) }
      table.add([
        .text(one.flow.name), .text(competitor.name), .count(UInt64(own.map(\.rate).median)),
        .number(zip(own, measurements[0]).map { $0.rate / $1.rate }.median, decimals: 3),
        .number(own.map { $0.busy / $0.seconds }.median, decimals: 2),
        .number(own.map { $0.busy * 1e9 / Double($0.received) }.median, decimals: 0),
        passedShare(own).map { .number($0 * 100, decimals: 1) } ?? .none,
        limited.isEmpty ? .none : .number(limited.median * 100, decimals: 1),
      ])
    }
    return measurements[0].map(\.rate)
  }

  private static func passedShare(_ measurements: [Measurement]) -> Double? {
    let shares = measurements.compactMap { measurement in
      measurement.dropped.map { 1 - $0 / Double(max(measurement.received, 1)) }
    }
    return shares.isEmpty ? nil : shares.median
  }
}
