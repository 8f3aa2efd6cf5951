import Aegis
import CBench

/// Which rate decides about a packet: each kind has its own sources and port.
enum RateKind: UInt32, CaseIterable {
  case rest, port, prefix, portAndPrefix, key, total

  var name: String {
    switch self {
    case .rest: "default"
    case .port: "port"
    case .prefix: "prefix"
    case .portAndPrefix: "port and prefix"
    case .key: "key"
    case .total: "total"
    }
  }

  /// A kind that does not depend on the port sends to a port without a rule.
  var port: UInt16 { self == .rest || self == .prefix ? 8000 : 8000 + UInt16(rawValue) }

  /// The first of the 16 million sources that a flood comes from.
  var first: UInt32 { (20 + rawValue) << 24 }

  private func prefix() throws -> Prefix { try Prefix("\(20 + rawValue).0.0.0/8") }

  /// The selector of its rule; nil for the rate of a key.
  func selector() throws -> RateSelector? {
    let port = try RateSelector.Port("\(port)/udp")
    switch self {
    case .rest: return .rest
    case .port, .total: return RateSelector(port: port)
    case .prefix: return RateSelector(prefix: try prefix())
    case .portAndPrefix: return RateSelector(port: port, prefix: try prefix())
    case .key: return nil
    }
  }
}

/// A datapath with a slow rate of every kind, one of which is flooded.
struct IsolationCase {
  let sources: UInt32
  let unit: AegisUnderTest.Unit
  let algorithm: Rate.Algorithm
  let kind: RateKind

  static let honest: UInt32 = 1000
  static let packets = 8

  static func all(_ effort: Effort) -> [IsolationCase] {
    var cases: [IsolationCase] = []
    for sources in [6144, 49_152] as [UInt32] {
      for unit in [AegisUnderTest.Unit.packets, .bytes] {
        for algorithm in Rate.Algorithm.allCases {
          for kind in RateKind.allCases {
            cases.append(
              IsolationCase(sources: sources, unit: unit, algorithm: algorithm, kind: kind))
          }
        }
      }
    }
    return effort.isQuick ? cases.filter { $0.algorithm == .tokenBucket } : cases
  }

  /// The rate is so slow that nothing is refilled during the run: exactly this many packets of each source pass.
  private func rate(_ packets: UInt32) throws -> Rate {
    let size = unit == .packets ? 1 : UInt32(Frame.length)
    let shares = algorithm == .perCPU ? UInt32(Machine.processors) : 1
    let written: Rate.Unit = unit == .packets ? .packets : .bytes
    let amount = packets * size * shares
    var rate = try Rate(
      UInt64(amount), written, period: .hour, burst: algorithm == .fixedWindow ? nil : amount)
    rate.algorithm = algorithm
    return rate
  }

  func prepare(in lab: Lab) throws -> AegisUnderTest {
    let aegis = try AegisUnderTest("Aegis", sources: sources, in: lab)
    for kind in RateKind.allCases {
      if let selector = try kind.selector() {
        try aegis.set(RateRule(rate(5), for: selector))
        if kind == .total {
          try aegis.set(RateRule(rate(5 * Self.honest), for: selector, isTotal: true))
        }
      } else {
        try aegis.allow(AllowKey("any:\(kind.port)/udp"), rate: rate(5))
      }
    }
    return aegis
  }

  /// The number of packets that pass, out of 8 from each of 1,000 sources under other rates, while `flood` new
  /// sources send too.
  func passed(_ aegis: AegisUnderTest, _ driver: Driver, flood: UInt32, in lab: Lab) throws
    -> UInt64
  {
    let others = RateKind.allCases.filter { $0 != kind }
    let share = Self.honest / UInt32(others.count)
    var passed: UInt64 = 0
    for round in 0..<UInt32(Self.packets) {
      if flood > 0 {
        let part = flood / UInt32(Self.packets)
        try run(aegis, driver, from: kind.first + round * part, part, to: kind.port, in: lab)
      }
      let before = try aegis.verdicts().passed
      for other in others {
        // Other sources than those of its flood.
        try run(aegis, driver, from: other.first + 0xff_0000, share, to: other.port, in: lab)
      }
      passed += try aegis.verdicts().passed - before
    }
    return passed
  }

  private func run(
    _ aegis: AegisUnderTest, _ driver: Driver, from first: UInt32, _ count: UInt32, to port: UInt16,
    in lab: Lab
  ) throws {
    var work = bench_workload()
    work.first = first
    work.sources = count
    work.in_turn = 1
    work.heavy_mask = .max
    try driver.aim(at: aegis.subject, work)
    _ = try driver.drive.time(Int(count), on: Frame.udp(from: 0, port: port), interface: lab.idle)
  }
}
