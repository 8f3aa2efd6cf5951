import CBench

/// How many frames a second cross a wire, all sent, forwarded and received by one processor.
enum WirePart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    let field = try Field(in: lab)
    let competitors = [try field.empty()] + (try field.wires())
    var table = Table(
      "Frames a second that arrive behind a wire of two ports, live frames over veth, 8,192 sources",
      [
        .init("bytes", "BYTES"), .init("wire", "WIRE"), .init("rate", "FRAMES/S"),
        .init("share", "OF EMPTY DROP"), .init("spread", "SPREAD"),
        .init("redirect", "OF REDIRECT"), .init("bridge", "X BRIDGE"),
        .init("nanoseconds", "SENDER'S NS A FRAME"), .init("lost", "LOST %"),
      ])
    var baseline: [[Double]] = []
    for size in [64, 1514] {
      baseline.append(try run(size, competitors, field.generator, effort, into: &table))
    }
    var part = Report.Part("wire")
    part.tables = [table]
    // Longer frames make another figure, and no disturbance.
    part.notes =
      field.missing
      + Machine.disturbance(since: start, baseline: baseline.max { $0.spread < $1.spread } ?? [])
    return part
  }

  /// - Parameter competitors: The empty program, then the wires.
  /// - Returns: The packets per second of the empty program.
  private static func run(
    _ size: Int, _ competitors: [any Competitor], _ generator: Generator, _ effort: Effort,
    into table: inout Table
  ) throws -> [Double] {
    var traffic = LiveFlow.workload.traffic(effort.choose(quick: 0.15, full: 0.25))
    traffic.frame = Frame.udp(from: 0, size: size)
    var measurements = [[Measurement]](repeating: [], count: competitors.count)
    for _ in 0..<effort.rounds {
      for (index, competitor) in competitors.enumerated() {
        measurements[index].append(try Measurement(of: competitor, traffic, by: generator))
      }
    }
    let redirect = competitors.firstIndex { $0 is BareWire }.map { measurements[$0] }
    let bridge = competitors.firstIndex { $0 is BridgeWire }.map { measurements[$0] }
    for (competitor, own) in zip(competitors, measurements) {
      let shares = ratios(own, measurements[0])
      table.add([
        .count(UInt64(size)), .text(competitor.name), .count(UInt64(own.map(\.crossed).median)),
        .number(shares.median, decimals: 3), .number(shares.spread, decimals: 2),
        redirect.map { .number(ratios(own, $0).median, decimals: 3) } ?? .none,
        bridge.map { .number(ratios(own, $0).median, decimals: 2) } ?? .none,
        .number(
          own.map { $0.sent.processorSeconds * 1e9 / ($0.crossed * $0.seconds) }.median,
          decimals: 0),
        .number(own.map { 100 - 100 * $0.crossed / $0.rate }.median, decimals: 2),
      ])
    }
    return measurements[0].map(\.rate)
  }

  private static func ratios(_ own: [Measurement], _ others: [Measurement]) -> [Double] {
    zip(own, others).map { $0.crossed / $1.crossed }
  }
}

extension Measurement {
  /// Frames per second that got to their end: that of the wire, or the empty program.
  var crossed: Double {
    verdicts.map { Double($0.passed) / seconds } ?? rate
  }
}
