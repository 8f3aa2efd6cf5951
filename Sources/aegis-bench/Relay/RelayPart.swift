import Aegis
import CBench

/// How many packets a second are relayed, all sent, relayed and received by one processor, and what a table of users
/// takes to load.
enum RelayPart {
  private static let users = 100_000

  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    let field = try Field(in: lab)
    let clients = try Clients(in: lab)
    let entries = try field.relays(of: clients, users: users)
    var table = Table(
      "Packets a second with a token that arrive behind a relay, live frames over veth",
      [
        .init("payload", "PAYLOAD"), .init("relay", "RELAY"), .init("rate", "PACKETS/S"),
        .init("share", "OF EMPTY DROP"), .init("spread", "SPREAD"),
        .init("redirect", "OF REDIRECT"), .init("nftables", "X NFTABLES"),
        .init("userSpace", "X USER SPACE"), .init("nanoseconds", "SENDER'S NS A PACKET"),
        .init("lost", "LOST %"),
      ])
    var baseline: [[Double]] = []
    for payload in [64, 1200] {
      baseline.append(try run(payload, entries, clients, effort, into: &table))
    }
    var part = Report.Part("relay")
    part.tables = [table]
    part.notes = field.missing
    if let tool = Shell.aegisctl {
      let list = try RelayUserFile(count: users)
      part.tables.append(
        try list.load(with: tool, in: lab, rounds: effort.choose(quick: 3, full: 9)))
    } else {
      part.notes.append("aegisctl is not beside this program: build it too")
    }
    part.notes += Machine.disturbance(
      since: start, baseline: baseline.max { $0.spread < $1.spread } ?? [])
    return part
  }

  /// One row of the table.
  struct Entry {
    let competitor: any Competitor
    let users: [bench_user]
    var isFalse = false
    /// Its name, if that is not the competitor's.
    var name: String?
  }

  /// - Parameter entries: The empty program, then the relays.
  /// - Returns: The packets per second of the empty program.
  private static func run(
    _ payload: Int, _ entries: [Entry], _ clients: Clients, _ effort: Effort,
    into table: inout Table
  ) throws -> [Double] {
    let seconds = effort.choose(quick: 0.15, full: 0.25)
    var measurements = [[Measurement]](repeating: [], count: entries.count)
    for _ in 0..<effort.rounds {
      for (index, entry) in entries.enumerated() {
        let traffic = Clients.Traffic(
          payload: payload, seconds: seconds, users: entry.users, isFalse: entry.isFalse)
        measurements[index].append(
          try Measurement(of: entry.competitor) {
            try clients.run(traffic, down: entry.competitor.veth)
          })
      }
    }
    let rates = zip(entries, measurements).map { entry, own in
      own.map { entry.isFalse ? $0.dropRate : $0.crossed }
    }
    func ratios(_ own: [Double], to matches: (any Competitor) -> Bool) -> [Double]? {
      entries.firstIndex { matches($0.competitor) }.map { zip(own, rates[$0]).map { $0 / $1 } }
    }
    for (index, entry) in entries.enumerated() {
      let (own, measured) = (rates[index], measurements[index])
      let shares = zip(own, rates[0]).map { $0 / $1 }
      func ratio(_ decimals: Int, to matches: (any Competitor) -> Bool) -> Cell {
        ratios(own, to: matches).map { .number($0.median, decimals: decimals) } ?? .none
      }
      table.add([
        .count(UInt64(payload)), .text(entry.name ?? entry.competitor.name),
        .count(UInt64(own.median)), .number(shares.median, decimals: 3),
        .number(shares.spread, decimals: 2), ratio(2) { $0 is BareWire },
        ratio(2) { $0 is NFTRelay }, ratio(1) { $0 is UserSpaceRelay },
        .number(
          zip(own, measured).map { $1.sent.processorSeconds * 1e9 / ($0 * $1.seconds) }.median,
          decimals: 0),
        entry.isFalse
          ? .none : .number(measured.map { 100 - 100 * $0.crossed / $0.rate }.median, decimals: 2),
      ])
    }
    return rates[0]
  }
}

extension Measurement {
  /// Packets per second that did not get through.
  fileprivate var dropRate: Double {
    verdicts.map { (Double(received) - Double($0.passed)) / seconds } ?? rate
  }
}

extension Field {
  /// The empty program, the bare redirect, this datapath, and others.
  func relays(of clients: Clients, users: Int) throws -> [RelayPart.Entry] {
    guard let crossing = try find("ethtool", make: Crossing.init) else { return [] }
    let anybody = [bench_user(session: 1, hash: 1)]
    var entries = [
      RelayPart.Entry(competitor: try empty(), users: anybody),
      RelayPart.Entry(competitor: try BareWire(crossing, in: lab), users: anybody),
    ]
    let relays = try [1, users].map {
      try AegisRelay(
        $0 == 1 ? "Aegis, 1 user" : "Aegis, \($0) users", users: $0, of: clients, crossing, in: lab)
    }
    entries += relays.map { RelayPart.Entry(competitor: $0, users: $0.users) }
    // Somebody who has seen a token, and somebody who has not.
    entries += [("wrong tags", relays[0].users), ("unknown users", anybody)].map { name, users in
      RelayPart.Entry(
        competitor: relays[0], users: users, isFalse: true, name: "Aegis, \(name), dropped")
    }
    var others: [RelayCompetitor] = []
    if let nft = try find("nft", make: { try NFTRelay(crossing, in: lab) }) { others.append(nft) }
    others.append(
      try UserSpaceRelay(
        "user space, the same processor", on: Clients.processor, of: clients, crossing, in: lab))
    if Machine.processors > 1 {
      others.append(
        try UserSpaceRelay(
          "user space, a second processor", on: Clients.processor + 1, of: clients, crossing,
          in: lab))
    }
    let usable = others.filter { other in
      works(other.name) {
        try other.attach()
        try other.detach()
      }
    }
    return entries + usable.map { RelayPart.Entry(competitor: $0, users: $0.users) }
  }
}
