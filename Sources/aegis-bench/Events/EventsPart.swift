import Aegis
import FoundationEssentials

/// The throughput that the datapath loses while its decisions are read, and after the reader is gone.
enum EventsPart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    let field = try Field(in: lab)
    var table = Table(
      "Packets a second while events are read, live frames over veth",
      [
        .init("flow", "FLOW"), .init("reader", "READER"), .init("rate", "PACKETS/S"),
        .init("share", "OF UNREAD"), .init("nanoseconds", "SENDER'S NS A PACKET"),
        .init("factor", "X UNREAD"),
      ])
    var baseline: [Double] = []
    for flow in [LiveFlow.listed, .single] {
      baseline += try run(flow, field, effort, into: &table)
    }
    var part = Report.Part("events")
    part.tables = [table]
    part.notes =
      try [agreement(field, effort)]
      + Machine.disturbance(since: start, baseline: baseline)
    return part
  }

  /// Whether events during the flood say the same as `why` about such a packet. The source is a listed host: for a
  /// limited host, `why` cannot ask at the same instant.
  private static func agreement(_ field: Field, _ effort: Effort) throws -> String {
    let listed = try instance(.listed, field)
    let files = FileManager.default
    let path = files.temporaryDirectory.appending(
      path: "aegis-bench-events-\(UInt64.random(in: 0...(.max)))"
    ).path
    defer { try? files.removeItem(atPath: path) }
    let competitor = ObservedCompetitor("", listed, options: "-o json", output: path)
    let traffic = LiveFlow.listed.traffic(effort.choose(quick: 0.3, full: 2))
    let measurement = try Measurement(of: competitor, traffic, by: field.generator)
    let query = try PacketQuery(source: "\(IPAddress.v4(LiveFlow.source))", to: "9/udp")
    let reason = try Aegis.PolicyProbe(listed.aegis.datapath).judge(query.frame).reason.name
    let lines = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      .split(separator: "\n").filter { $0.contains(#""kind":"Event""# + ",") }
    let alike = lines.count { $0.contains(#""reason":"\#(reason)""#) }
    return """
      at \(UInt64(measurement.rate)) packets a second \(alike) of \(lines.count) events had the reason that why \
      tells, \(reason)
      """
  }

  private static func instance(_ flow: LiveFlow, _ field: Field) throws -> AegisCompetitor {
    let made = try field.aegis { subject in
      if flow.limit == nil { try subject.drop([Prefix(.v4(LiveFlow.source))]) }
    }
    if let limit = flow.limit { try made.limit(to: limit) }
    return made
  }

  /// One of two instances is never read: changes over time affect both. Two instances with the same sources may still
  /// differ by a few per cent because of their place in memory, so each is compared with itself before the first
  /// read.
  ///
  /// - Returns: The packets per second of the instance that is never read.
  private static func run(
    _ flow: LiveFlow, _ field: Field, _ effort: Effort, into table: inout Table
  ) throws -> [Double] {
    let traffic = flow.traffic(effort.choose(quick: 0.3, full: 1))
    let (unread, read) = (try instance(flow, field), try instance(flow, field))
    let control = ObservedCompetitor("nobody, another instance", unread, options: nil)
    func measurements(_ competitors: [ObservedCompetitor]) throws -> [[Measurement]] {
      var measurements = [[Measurement]](repeating: [], count: competitors.count)
      for _ in 0..<effort.rounds {
        for (index, competitor) in competitors.enumerated() {
          measurements[index].append(try Measurement(of: competitor, traffic, by: field.generator))
        }
      }
      return measurements
    }

    let before = try measurements([control, ObservedCompetitor("nobody yet", read, options: nil)])
    let competitors = [
      control,
      ObservedCompetitor("nobody any more", read, options: nil),
      ObservedCompetitor("events", read, options: ""),
      ObservedCompetitor("events -o json", read, options: "-o json"),
      ObservedCompetitor("of another source", read, options: "--source 192.0.2.1"),
    ]
    let after = try measurements(competitors)
    add(flow, "nobody yet", before[1], of: before[1], before[0], before[0], to: &table)
    for (competitor, own) in zip(competitors, after) {
      let base = competitor === control ? before[0] : before[1]
      add(flow, competitor.name, own, of: base, after[0], before[0], to: &table)
    }
    return after[0].map(\.rate)
  }

  /// - Parameters:
  ///   - base: The same instance before the first read.
  ///   - control: The instance that is never read, measured together with `own`; `earlier`, together with `base`.
  private static func add(
    _ flow: LiveFlow, _ name: String, _ own: [Measurement], of base: [Measurement],
    _ control: [Measurement],
    _ earlier: [Measurement], to table: inout Table
  ) {
    func change(_ value: (Measurement) -> Double) -> Double {
      let now = zip(own, control).map { value($0) / value($1) }.median
      return now / zip(base, earlier).map { value($0) / value($1) }.median
    }
    table.add([
      .text(flow.name), .text(name), .count(UInt64(own.map(\.rate).median)),
      .number(change(\.rate), decimals: 3),
      .number(own.map(\.nanoseconds).median, decimals: 1),
      .number(change(\.nanoseconds), decimals: 3),
    ])
  }
}

extension Measurement {
  /// The sender's processor time per packet, which other processes on a busy machine do not affect.
  fileprivate var nanoseconds: Double { sent.processorSeconds * 1e9 / Double(max(1, received)) }
}
