import Aegis

/// Whether a flood under one rate leaves alone the sources under other rates.
enum IsolationPart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let driver = try Driver()
    let flood: UInt32 = effort.choose(quick: 1 << 20, full: 1 << 24)
    var table = Table(
      "1,000 sources beside a flood of \(flood >> 20) Mi never-seen ones under a slow rate: "
        + "packets admitted, with ÷ without it",
      [
        .init("sources", "TABLE"), .init("flooded", "FLOODED RATE"), .init("unit", "UNIT"),
        .init("algorithm", "ALGORITHM"), .init("alone", "WITHOUT"), .init("beside", "WITH"),
        .init("ratio", "RATIO"),
      ])
    for one in IsolationCase.all(effort) {
      let (alone, beside) = try onOneProcessor { try measure(one, driver, flood, in: lab) }
      table.add([
        .count(UInt64(one.sources)), .text(one.kind.name), .text("\(one.unit)"),
        .text(one.algorithm.rawValue), .count(alone), .count(beside),
        .number(Double(beside) / Double(alone), decimals: 4),
      ])
    }
    var part = Report.Part("isolation")
    part.tables = [table]
    part.notes = [
      "each source may send 5 packets and sends 8; some share a bucket with others of their rate"
    ]
    return part
  }

  /// A per-processor rate equals the share of one processor only while the packets stay on it.
  private static func onOneProcessor<Value>(_ body: @escaping () throws -> Value) throws -> Value {
    var result: Result<Value, any Error>?
    try PinnedThread(on: 0) { result = Result(catching: body) }.join()
    return try result!.get()
  }

  private static func measure(
    _ one: IsolationCase, _ driver: Driver, _ flood: UInt32, in lab: Lab
  ) throws -> (alone: UInt64, beside: UInt64) {
    let aegis = try one.prepare(in: lab)
    let alone = try one.passed(aegis, driver, flood: 0, in: lab)
    try aegis.reset()
    return (alone, try one.passed(aegis, driver, flood: flood, in: lab))
  }
}
