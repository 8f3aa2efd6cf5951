import Aegis

/// What the datapath loses while somebody reads what it decides, and once nobody does any more.
enum EventsPart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    let field = try Field(in: lab)
    var table = Table(
      "Packets a second while events are read, live frames over veth",
      [
        .init("flow", "FLOW"), .init("reader", "READER"), .init("rate", "PACKETS/S"),
        .init("share", "OF UNREAD"), .init("nanoseconds", "SENDER'S NS A PACKET"),
        .init("more", "MORE THAN UNREAD"),
      ])
    var baseline: [Double] = []
    for flow in [LiveFlow.listed, .single] {
      baseline += try run(flow, field, effort, into: &table)
    }
    var part = Report.Part("events")
    part.tables = [table]
    part.notes = Machine.disturbance(since: start, baseline: baseline)
    return part
  }

  /// Two instances, of which the first is never read.
  private static func contestants(
    _ flow: LiveFlow, _ field: Field
  ) throws -> [WatchedContestant] {
    func instance() throws -> AegisContestant {
      let made = try field.aegis { subject in
        if flow.limit == nil { try subject.drop([Prefix(.v4(LiveFlow.source))]) }
      }
      if let limit = flow.limit { try made.limit(to: limit) }
      return made
    }
    let (unread, read) = (try instance(), try instance())
    return [
      WatchedContestant("nobody", unread, options: nil),
      WatchedContestant("the same again", unread, options: nil),
      WatchedContestant("events", read, options: ""),
      WatchedContestant("events -o json", read, options: "-o json"),
      WatchedContestant("of another source", read, options: "--source 192.0.2.1"),
      WatchedContestant("nobody any more", read, options: nil),
    ]
  }

  /// Returns the packets a second of those that nobody reads.
  private static func run(
    _ flow: LiveFlow, _ field: Field, _ effort: Effort, into table: inout Table
  ) throws -> [Double] {
    let traffic = flow.traffic(effort.choose(quick: 0.3, full: 1))
    let contestants = try contestants(flow, field)
    var trials = [[Trial]](repeating: [], count: contestants.count)
    for _ in 0..<effort.rounds {
      for (index, contestant) in contestants.enumerated() {
        trials[index].append(try Trial(of: contestant, traffic, by: field.generator))
      }
    }
    for (contestant, own) in zip(contestants, trials) {
      let more = zip(own, trials[0]).map { $0.nanoseconds - $1.nanoseconds }
      table.add([
        .text(flow.name), .text(contestant.name), .count(UInt64(own.map(\.rate).median)),
        .number(zip(own, trials[0]).map { $0.rate / $1.rate }.median, decimals: 3),
        .number(own.map(\.nanoseconds).median, decimals: 1), .number(more.median, decimals: 1),
      ])
    }
    return trials[0].map(\.rate)
  }
}

extension Trial {
  /// Of the sender's time, a packet: of which other processes on a busy machine take nothing.
  fileprivate var nanoseconds: Double { sent.processorSeconds * 1e9 / Double(max(1, received)) }
}
