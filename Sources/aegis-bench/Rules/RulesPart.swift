import Aegis
import BPF
import CBench

/// What rules cost: random packets by test runs, and live frames beside nftables.
enum RulesPart {
  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    var part = Report.Part("rules")
    let (costs, baseline) = try costs(Driver(), in: lab, effort)
    // Its generator takes the idle interface.
    let field = try Field(in: lab)
    part.tables = [costs, try live(field, effort)]
    part.notes = field.missing + Machine.disturbance(since: start, baseline: baseline)
    return part
  }

  /// Ports, addresses, TTL, TOS and length at random.
  private static var workload: bench_workload {
    var work = bench_workload()
    work.first = 0x0100_0000
    work.sources = 0xdf00_0000
    work.heavy_mask = .max
    work.is_varied = 1
    return work
  }

  static let sizes = [(1, 1), (1, 8), (64, 1), (64, 3), (64, 8), (256, 3), (256, 8)]

  // MARK: - Test runs

  private struct Case {
    let name: String
    let rules: Int
    let dimensions: Int
    let isLoop: Bool
    let subject: ProgramUnderTest
    var samples: [Double] = []
  }

  private static func costs(
    _ driver: Driver, in lab: Lab, _ effort: Effort
  ) throws -> (Table, baseline: [Double]) {
    let stopwatch = Stopwatch(lab: lab, duration: effort.choose(quick: 25e6, full: 200e6))
    let bare = try AegisUnderTest("Aegis", in: lab)
    try bare.claimSlot(for: Lab.idleName)
    let pass = try RuleLoop([])
    var cases = [
      Case(name: "Aegis", rules: 0, dimensions: 0, isLoop: false, subject: bare.subject),
      Case(name: "rule loop", rules: 0, dimensions: 0, isLoop: true, subject: pass.subject),
    ]
    var held: [Any] = [bare, pass]
    for (count, dimensions) in sizes {
      let rules = BenchRules(count, dimensions: dimensions)
      let aegis = try AegisUnderTest("Aegis", in: lab)
      try aegis.set(rules.rules())
      try aegis.claimSlot(for: Lab.idleName)
      let loop = try RuleLoop(rules.loop)
      cases.append(
        Case(
          name: "Aegis", rules: count, dimensions: dimensions, isLoop: false,
          subject: aegis.subject))
      cases.append(
        Case(
          name: "rule loop", rules: count, dimensions: dimensions, isLoop: true,
          subject: loop.subject))
      held += [aegis, loop] as [Any]
    }
    defer { extendLifetime(held) }
    let frame = Frame.udp(from: 0, size: 1514)
    for _ in 0..<effort.rounds {
      for index in cases.indices {
        try driver.aim(at: cases[index].subject, workload)
        cases[index].samples.append(try stopwatch.time(driver.drive, on: frame))
      }
    }
    var table = Table(
      "Cost of rules, random packets, BPF_PROG_TEST_RUN",
      [
        .init("rules", "RULES"), .init("dimensions", "DIMENSIONS"), .init("program", "PROGRAM"),
        .init("ns", "NS"), .init("more", "MORE"), .init("best", "BEST MORE"),
        .init("ratio", "X ONE RULE"),
      ])
    for one in cases {
      let base = cases.first { $0.rules == 0 && $0.isLoop == one.isLoop }!
      let single = cases.first {
        $0.rules == 1 && $0.isLoop == one.isLoop && $0.dimensions == (one.dimensions == 1 ? 1 : 8)
      }!
      let net = zip(one.samples, base.samples).map { $0 - $1 }
      table.add([
        .count(UInt64(one.rules)), .count(UInt64(one.dimensions)), .text(one.name),
        .number(one.samples.median, decimals: 1),
        one.rules == 0 ? .none : .number(net.median, decimals: 1),
        one.rules == 0
          ? .none : .number((one.samples.min() ?? 0) - (base.samples.min() ?? 0), decimals: 1),
        one.rules == 0
          ? .none
          : .number(zip(one.samples, single.samples).map { $0 / $1 }.median, decimals: 2),
      ])
    }
    return (table, cases[0].samples)
  }

  // MARK: - Live frames

  private static func live(_ field: Field, _ effort: Effort) throws -> Table {
    var table = Table(
      "Packets a second with rules, random packets, live frames over veth, sent by the same processor",
      [
        .init("rules", "RULES"), .init("dimensions", "DIMENSIONS"),
        .init("competitor", "COMPETITOR"), .init("rate", "PACKETS/S"),
        .init("share", "OF EMPTY DROP"), .init("bare", "OF AEGIS WITHOUT"),
      ])
    let empty = try field.empty()
    let bare = try field.aegis { try $0.denyAll() }
    for (count, dimensions) in [(64, 3), (64, 8), (256, 3), (256, 8)] {
      let rules = BenchRules(count, dimensions: dimensions)
      let own = try field.aegis("Aegis") { aegis in
        try aegis.set(rules.rules())
        try aegis.denyAll()
      }
      let peers = try field.matchingPeers(of: rules)
      try measure([empty, bare, own] + peers, (count, dimensions), field, effort, into: &table)
    }
    return table
  }

  private static func measure(
    _ competitors: [any Competitor], _ size: (Int, Int), _ field: Field, _ effort: Effort,
    into table: inout Table
  ) throws {
    let flow = Generator.Flow(
      workload: workload, processors: [0], seconds: effort.choose(quick: 0.15, full: 0.6),
      frame: Frame.udp(from: 0, size: 128))
    var rates = [[Double]](repeating: [], count: competitors.count)
    for _ in 0..<effort.rounds {
      for (index, competitor) in competitors.enumerated() {
        rates[index].append(try Measurement(of: competitor, flow, by: field.generator).rate)
      }
    }
    for (index, competitor) in competitors.enumerated() {
      let hasRules = index > 1
      table.add([
        .count(hasRules ? UInt64(size.0) : 0), .count(hasRules ? UInt64(size.1) : 0),
        .text(competitor.name), .count(UInt64(rates[index].median)),
        .number(zip(rates[index], rates[0]).map { $0 / $1 }.median, decimals: 3),
        index == 0
          ? .none : .number(zip(rates[index], rates[1]).map { $0 / $1 }.median, decimals: 3),
      ])
    }
  }
}

/// The program that asks rules one after the other.
final class RuleLoop {
  let subject: ProgramUnderTest

  init(_ rules: [bench_rule]) throws {
    var object = try BenchObjects.open(BenchObjects.loop, name: "loop")
    try object.load()
    let map = try BPFMap<UInt32, bench_rule>(object.mapDescriptor("rules"), name: "rules")
    for (number, rule) in rules.enumerated() { try map.update(rule, forKey: UInt32(number)) }
    subject = try ProgramUnderTest("rule loop", object.programDescriptor("loop"))
  }
}

extension Field {
  /// nftables with the same rules one after the other, and with one map of all their fields.
  fileprivate func matchingPeers(of rules: BenchRules) throws -> [any Competitor] {
    var peers: [any Competitor] = []
    let make = { (name: String) in
      try self.find("nft") {
        try NFTables(named: name, on: self.lab.veth(), behind: self.driver.pass)
      }
    }
    if let linear = try make("nftables, a rule each"),
      works(linear.name, { try linear.match(rules.linear) })
    {
      peers.append(linear)
    }
    let (fields, types, elements) = rules.concatenated
    if rules.dimensions == 3, let map = try make("nftables, one map (\(elements.count))"),
      works(map.name, { try map.look(up: fields, types, elements) })
    {
      peers.append(map)
    }
    return peers
  }
}
