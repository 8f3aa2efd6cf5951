import Aegis
import CBench

/// Random rules of some dimensions, for every tool in its own form. They match few of the packets of the driver.
struct BenchRules {
  /// What one rule asks for, in the order in which dimensions are added.
  struct One {
    var sourcePort: ClosedRange<UInt16>?
    var port: ClosedRange<UInt16>?
    var length: ClosedRange<UInt16>?
    var isUDP = false
    var hopLimit: ClosedRange<UInt16>?
    var dscp: UInt8?
    var from: Prefix?
    var to: Prefix?
  }

  let all: [One]
  let dimensions: Int

  /// The same for the same numbers.
  init(_ count: Int, dimensions: Int) {
    var random = SeededGenerator(UInt64(count * 16 + dimensions))
    self.dimensions = dimensions
    all = (0..<count).map { _ in Self.one(dimensions, &random) }
  }

  private static func one(_ dimensions: Int, _ random: inout SeededGenerator) -> One {
    func range(_ width: Int, in whole: ClosedRange<Int>) -> ClosedRange<UInt16> {
      let first = Int.random(in: whole.lowerBound...(whole.upperBound - width), using: &random)
      return UInt16(first)...UInt16(first + Int.random(in: 0...width, using: &random))
    }
    var rule = One()
    rule.sourcePort = range(200, in: 0...65_535)
    if dimensions > 1 { rule.port = range(2000, in: 0...65_535) }
    if dimensions > 2 { rule.length = range(400, in: 28...1500) }
    if dimensions > 3 { rule.isUDP = true }
    if dimensions > 4 { rule.hopLimit = range(60, in: 0...255) }
    if dimensions > 5 { rule.dscp = UInt8.random(in: 0...63, using: &random) }
    if dimensions > 6 {
      let address = UInt32.random(in: 0x0100_0000...0xdfff_ffff, using: &random)
      rule.from = prefix(address, Int.random(in: 8...24, using: &random))
    }
    if dimensions > 7 {
      let address = 0xc612_0000 | UInt32.random(in: 0...0x1_ffff, using: &random)
      rule.to = prefix(address, Int.random(in: 16...32, using: &random))
    }
    return rule
  }

  private static func prefix(_ address: UInt32, _ length: Int) -> Prefix? {
    Prefix(address: .v4(address & mask(length)), length: length)
  }
}

/// xorshift64* (Vigna 2016).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_f491_4f6c_dd1d
  }
}

extension BenchRules {
  /// For `set-rule`.
  func rules() throws -> [Rule] {
    try all.enumerated().map { number, one in
      var rule = Rule(try RuleName("rule-\(number)"), .drop)
      var notes: [InputNote] = []
      func set(_ selector: RuleSelector, _ value: String?) throws {
        if let value { try rule.match.set(selector, to: value, noting: &notes) }
      }
      try set(.sourcePort, one.sourcePort.map(text))
      try set(.port, one.port.map(text))
      try set(.length, one.length.map(text))
      if one.isUDP { try set(.protocol, "udp") }
      try set(.hopLimit, one.hopLimit.map(text))
      try set(.dscp, one.dscp.map { "\($0)" })
      try set(.from, one.from.map { "\($0)" })
      try set(.to, one.to.map { "\($0)" })
      return rule
    }
  }

  private func text(_ range: ClosedRange<UInt16>) -> String {
    "\(range.lowerBound)-\(range.upperBound)"
  }

  /// For the program that asks them one after the other.
  var loop: [bench_rule] {
    all.map { one in
      var rule = bench_rule()
      func set(
        _ range: ClosedRange<UInt16>?, _ field: WritableKeyPath<bench_rule, bench_range>,
        _ asks: bench_asks
      ) {
        guard let range else { return }
        rule[keyPath: field] = bench_range(first: range.lowerBound, last: range.upperBound)
        rule.asks |= asks.rawValue
      }
      set(one.sourcePort, \.source_port, BENCH_SOURCE_PORT)
      set(one.port, \.port, BENCH_PORT)
      set(one.length, \.length, BENCH_LENGTH)
      set(one.hopLimit, \.hop_limit, BENCH_HOP_LIMIT)
      if one.isUDP {
        rule.protocol = 17
        rule.asks |= BENCH_PROTOCOL.rawValue
      }
      if let dscp = one.dscp {
        rule.dscp = dscp
        rule.asks |= BENCH_DSCP.rawValue
      }
      if let from = one.from, case .v4(let address) = from.address {
        (rule.from, rule.from_mask) = (address, Self.mask(from.length))
        rule.asks |= BENCH_FROM.rawValue
      }
      if let to = one.to, case .v4(let address) = to.address {
        (rule.to, rule.to_mask) = (address, Self.mask(to.length))
        rule.asks |= BENCH_TO.rawValue
      }
      return rule
    }
  }

  private static func mask(_ length: Int) -> UInt32 {
    length == 0 ? 0 : .max << UInt32(32 - length)
  }

  /// For nftables, a rule each.
  var linear: [String] {
    all.map { one in
      let parts: [String?] = [
        one.sourcePort.map { "udp sport \(text($0))" }, one.port.map { "udp dport \(text($0))" },
        one.length.map { "ip length \(text($0))" }, one.isUDP ? "ip protocol udp" : nil,
        one.hopLimit.map { "ip ttl \(text($0))" }, one.dscp.map { "ip dscp \($0)" },
        one.from.map { "ip saddr \($0)" }, one.to.map { "ip daddr \($0)" },
      ]
      return parts.compactMap(\.self).joined(separator: " ") + " counter name dropped drop"
    }
  }

  /// For nftables, one map of all fields together: the names of the fields, and a line for each rule.
  ///
  /// Such a map cannot have two rules that overlap, so it gets only those that overlap none before them.
  var concatenated: (fields: String, types: String, elements: [String]) {
    var kept: [One] = []
    for one in all where !kept.contains(where: { Self.overlap($0, one) }) { kept.append(one) }
    let elements = kept.map { one in
      [one.sourcePort, one.port, one.length].compactMap { $0.map(text) }.joined(separator: " . ")
        + " : drop"
    }
    let fields = ["udp sport", "udp dport", "ip length"].prefix(min(3, dimensions))
    return (
      fields.joined(separator: " . "), "typeof \(fields.joined(separator: " . ")) : verdict",
      elements
    )
  }

  private static func overlap(_ one: One, _ other: One) -> Bool {
    func meets(_ field: KeyPath<One, ClosedRange<UInt16>?>) -> Bool {
      guard let left = one[keyPath: field], let right = other[keyPath: field] else { return true }
      return left.overlaps(right)
    }
    return meets(\.sourcePort) && meets(\.port) && meets(\.length)
  }
}
