import Aegis
import Glibc
import Linux

/// Buffers of many datagrams that are offered as fast as possible, and how much of them a rate should let leave.
struct EgressCase {
  let unit: AegisUnderTest.Unit
  /// Packets a second, or their bytes.
  let rate: UInt64
  let burst: UInt64
  let processors: [Int]
  /// Datagrams in a buffer, and bytes in the payload of each.
  let segments: Int
  let payload: Int

  static let all: [EgressCase] = [[0], Machine.processors > 1 ? [0, 1] : []]
    .filter { !$0.isEmpty }.flatMap { processors in
      [
        // Less than a buffer: it has to wait until nothing is owed.
        EgressCase(.packets, 20_000, burst: 10, processors),
        EgressCase(.packets, 20_000, burst: 2000, processors),
        EgressCase(.packets, 200_000, burst: 20_000, processors),
        EgressCase(.bytes, 20_000_000, burst: 10_000, processors, segments: 16, payload: 1000),
        EgressCase(.bytes, 200_000_000, burst: 5_000_000, processors),
      ]
    }

  private init(
    _ unit: AegisUnderTest.Unit, _ rate: UInt64, burst: UInt64, _ processors: [Int],
    segments: Int = 40, payload: Int = 200
  ) {
    self.unit = unit
    self.rate = rate
    self.burst = burst
    self.processors = processors
    self.segments = segments
    self.payload = payload
  }

  var limit: Rate {
    get throws {
      try Rate(
        rate, unit == .packets ? .packets : .bytes, period: .second, burst: UInt32(clamping: burst))
    }
  }

  /// What a datagram is charged for.
  var charge: Double { unit == .packets ? 1 : Double(payload + Self.headers) }

  /// Of Ethernet, IPv4 and UDP.
  private static let headers = 42

  /// The datagrams that an exact token bucket lets leave in so many seconds: whole buffers, each as soon as there is room
  /// for it, or nothing is owed.
  func allowed(in seconds: Double) -> Double {
    let buffer = Double(segments) * charge
    let held = max(Double(burst), buffer)
    return ((held + Double(rate) * seconds) / buffer).rounded(.down) * Double(segments)
  }
}

extension EgressCase {
  static func table(in lab: Lab, _ effort: Effort) throws -> Table {
    let veth = try lab.veth()
    let traffic = try EgressTraffic(over: veth, in: lab)
    var table = Table(
      "What leaves under a flood of buffers that are cut later, UDP",
      [
        .init("rate", "RATE"), .init("unit", "UNIT"), .init("burst", "BURST"),
        .init("segments", "SEGMENTS"), .init("processors", "CPUS"),
        .init("ratio", "ARRIVED ÷ ALLOWED"), .init("counted", "COUNTED ÷ ARRIVED"),
        .init("offered", "OFFERED ÷ RATE"),
      ])
    for one in all {
      var (ratios, counted, offered): ([Double], [Double], [Double]) = ([], [], [])
      // A rate of packets and one of bytes would both hold.
      let aegis = try AegisUnderTest("Aegis", at: .out, in: lab)
      try aegis.set(RateRule(one.limit))
      try aegis.attach(to: veth.interface)
      defer { try? aegis.detach(from: veth.interface) }
      for _ in 0..<effort.choose(quick: 1, full: min(5, effort.rounds)) {
        try aegis.reset()
        let (arrived, verdicts) = (try traffic.arrived(), try aegis.verdicts())
        let seconds = try traffic.flood(one, seconds: effort.choose(quick: 0.5, full: 3))
        usleep(20_000)
        let came = Double(try traffic.arrived() - arrived)
        let counts = try aegis.verdicts() - verdicts
        ratios.append(came / one.allowed(in: seconds))
        counted.append(Double(counts.passed) / came)
        offered.append(Double(counts.total) * one.charge / seconds / Double(one.rate))
      }
      table.add([
        .count(one.rate), .text(one.unit == .packets ? "packets" : "bytes"), .count(one.burst),
        .count(UInt64(one.segments)), .count(UInt64(one.processors.count)),
        .number(ratios.median, decimals: 4), .number(counted.median, decimals: 4),
        .number(offered.median, decimals: 2),
      ])
    }
    return table
  }
}
