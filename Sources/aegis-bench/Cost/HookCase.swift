import Aegis

/// One path of a packet through the datapath at each hook, beside an empty program there that does the same with it.
struct HookCase {
  private struct Side {
    let hook: Hook
    let aegis: AegisUnderTest
    let empty: ProgramUnderTest
    var own: [Double] = []
    var net: [Double] = []
  }

  private let name: String
  private let reason: String
  private var sides: [Side]

  private static let source: UInt32 = 0x0a00_0001

  private init(
    _ name: String, expecting reason: String, _ driver: Driver, in lab: Lab,
    prepare: (AegisUnderTest, Prefix) throws -> Void = { _, _ in }
  ) throws {
    self.name = name
    self.reason = reason
    let isDropped = reason.hasPrefix("drop")
    sides = try Hook.allCases.map { hook in
      let aegis = try AegisUnderTest(name, at: hook, in: lab)
      // Of the two ends, the other one.
      try prepare(aegis, Prefix(.v4(hook == .out ? Frame.destination : Self.source)))
      let empty =
        switch (hook.isXDP, isDropped) {
        case (true, true): driver.drop
        case (true, false): driver.pass
        case (false, true): driver.shot
        case (false, false): driver.next
        }
      return Side(hook: hook, aegis: aegis, empty: empty)
    }
  }

  private static func all(_ driver: Driver, in lab: Lab) throws -> [HookCase] {
    [
      try HookCase("nothing configured", expecting: "pass.default", driver, in: lab),
      try HookCase("listed host", expecting: "drop.host", driver, in: lab) {
        try $0.drop([$1])
      },
      try HookCase("allow key under deny", expecting: "pass.key", driver, in: lab) {
        try $0.allowOnly(AllowKey(source: $1, port: Frame.port, protocol: .udp))
      },
      try HookCase("rate, conforming", expecting: "pass.default", driver, in: lab) { aegis, _ in
        try aegis.limit(to: Limit(rate: 100_000_000, burst: 1_000_000))
      },
      try HookCase("rate, over it", expecting: "drop.rate", driver, in: lab) { aegis, _ in
        try aegis.limit(to: Limit(rate: 1, burst: 1))
      },
    ]
  }

  private mutating func sample(_ stopwatch: Stopwatch) throws {
    let frame = Frame.udp(from: Self.source)
    for index in sides.indices {
      let empty = try stopwatch.time(sides[index].empty, on: frame)
      let own = try stopwatch.time(sides[index].aegis.subject, on: frame)
      sides[index].own.append(own)
      sides[index].net.append(own - empty)
    }
  }

  static func table(
    _ driver: Driver, _ stopwatch: Stopwatch, _ effort: Effort
  ) throws -> Table {
    var cases = try all(driver, in: stopwatch.lab)
    for _ in 0..<effort.rounds * 2 {
      for index in cases.indices { try cases[index].sample(stopwatch) }
    }
    var table = Table(
      "Cost of a packet by hook, above the empty program of its kind, BPF_PROG_TEST_RUN",
      [
        .init("case", "CASE"), .init("hook", "HOOK"), .init("reason", "REASON"),
        .init("ns", "NS"), .init("net", "LESS EMPTY"), .init("best", "BEST LESS EMPTY"),
        .init("ratio", "X XDP"),
      ])
    for one in cases {
      let base = one.sides[0].net
      for side in one.sides {
        table.add([
          .text(one.name), .text(side.hook.rawValue),
          .text(try side.aegis.reason(expecting: one.reason)),
          .number(side.own.median, decimals: 1), .number(side.net.median, decimals: 1),
          .number(side.net.min() ?? 0, decimals: 1),
          .number(zip(side.net, base).map { $0 / $1 }.median, decimals: 2),
        ])
      }
    }
    return table
  }
}
