import Aegis

/// The cost of a packet, measured with test runs of the kernel.
enum CostPart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    let driver = try Driver()
    let stopwatch = Stopwatch(lab: lab, duration: effort.choose(quick: 25e6, full: 300e6))
    var part = Report.Part("cost")
    let (stages, baseline) = try stages(driver, stopwatch, effort)
    part.tables.append(stages)
    part.tables.append(try programs(stopwatch, effort))
    part.tables.append(try HookCase.table(driver, stopwatch, effort))
    part.tables.append(try workloads(driver, stopwatch, effort))
    if let classes = try ClassCase.table(driver, stopwatch, effort) { part.tables.append(classes) }
    if let countries = try CountryCase.table(in: lab, effort) { part.tables.append(countries) }
    part.notes = Machine.disturbance(since: start, baseline: baseline)
    return part
  }

  private static func stages(
    _ driver: Driver, _ stopwatch: Stopwatch, _ effort: Effort
  ) throws -> (Table, baseline: [Double]) {
    let sockets = try ReplySockets()
    defer { withExtendedLifetime(sockets) {} }
    let cases =
      try StageCase.all(driver, in: stopwatch.lab)
      + StageCase.replies(sockets, in: stopwatch.lab)
    var samples = [[Double]](repeating: [], count: cases.count)
    for _ in 0..<effort.rounds {
      for (index, stage) in cases.enumerated() {
        samples[index].append(try stopwatch.time(stage.subject, on: stage.frame))
      }
    }
    var table = Table(
      "Cost of a packet by what happens, one source, BPF_PROG_TEST_RUN",
      [
        .init("case", "CASE"), .init("reason", "REASON"), .init("ns", "NS"),
        .init("ratio", "X EMPTY DROP"), .init("spread", "SPREAD"),
      ])
    for (index, stage) in cases.enumerated() {
      table.add([
        .text(stage.name), .text(try checkedReason(of: stage)),
        .number(samples[index].median, decimals: 1),
        .number(zip(samples[index], samples[0]).map { $0 / $1 }.median, decimals: 2),
        .number(samples[index].spread, decimals: 2),
      ])
    }
    return (table, samples[0])
  }

  /// What an operator's program adds to a packet.
  private static func programs(_ stopwatch: Stopwatch, _ effort: Effort) throws -> Table {
    let cases = try StageCase.programs(in: stopwatch.lab)
    var samples = [[Double]](repeating: [], count: cases.count)
    for _ in 0..<effort.rounds * 5 {
      for (index, stage) in cases.enumerated() {
        samples[index].append(try stopwatch.time(stage.subject, on: stage.frame))
      }
    }
    var table = Table(
      "Cost of a program of set-hook, BPF_PROG_TEST_RUN",
      [
        .init("program", "PROGRAM"), .init("reason", "REASON"), .init("ns", "NS"),
        .init("more", "MORE"), .init("best", "BEST MORE"),
      ])
    for (index, stage) in cases.enumerated() {
      let (own, base) = (samples[index], samples[0])
      table.add([
        .text(stage.name), .text(try checkedReason(of: stage)),
        .number(own.median, decimals: 1),
        index == 0 ? .none : .number(zip(own, base).map { $0 - $1 }.median, decimals: 1),
        index == 0 ? .none : .number((own.min() ?? 0) - (base.min() ?? 0), decimals: 1),
      ])
    }
    return table
  }

  /// The reason of nearly all its packets.
  private static func checkedReason(of stage: StageCase) throws -> String {
    try stage.aegis?.reason(expecting: stage.reason) ?? stage.reason
  }

  private static func workloads(
    _ driver: Driver, _ stopwatch: Stopwatch, _ effort: Effort
  ) throws -> Table {
    var table = Table(
      "Cost of a packet by limiter and sources, BPF_PROG_TEST_RUN",
      [
        .init("sources", "SOURCES"), .init("entries", "TABLE"), .init("limiter", "LIMITER"),
        .init("ns", "NS"), .init("net", "LESS DRIVER"), .init("ratio", "X TOKEN BUCKET"),
        .init("emptyRatio", "X EMPTY DROP"), .init("dropped", "DROPPED %"),
        .init("bytes", "BYTES A SOURCE"),
      ])
    // One workload at a time: all their tables together take more than a gigabyte.
    for workload in Workload.all {
      let cases = try WorkloadCase.all(before: workload, driver, stopwatch)
      var empty: [Double] = []
      for _ in 0..<effort.rounds {
        empty.append(
          try stopwatch.time(driver.drop, on: Frame.udp(from: StageCase.source)))
        for one in cases { try one.sample() }
      }
      for one in cases { table.add(try row(one, among: cases, empty)) }
    }
    return table
  }

  /// `cases`: the driver alone, the token bucket and others.
  private static func row(
    _ one: WorkloadCase, among cases: [WorkloadCase], _ empty: [Double]
  ) throws -> [Cell] {
    let bytes = one.bytesPerSource
    let dropped = try one.droppedShare() * 100
    return [
      .text(one.workload.name), .count(UInt64(one.workload.entries)),
      .text(bytes == nil ? "none: the driver alone" : one.name),
      .number(one.samples.median, decimals: 1),
      .number(zip(one.samples, cases[0].samples).map { $0 - $1 }.median, decimals: 1),
      .number(zip(one.samples, cases[1].samples).map { $0 / $1 }.median, decimals: 2),
      .number(zip(one.samples, empty).map { $0 / $1 }.median, decimals: 2),
      bytes == nil ? .none : .number(dropped, decimals: 1),
      bytes.map { .number($0, decimals: 1) } ?? .none,
    ]
  }
}
