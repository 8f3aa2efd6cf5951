import BPF
import CAegis

@testable import Aegis
@testable import TestModel

/// Rates beside the default one, as the datapath has them.
struct Rules {
  /// Of each rule by itself.
  static let lines: UInt32 = 8
  static let most = 6

  private(set) var ports: [(key: aegis_port, value: aegis_rates)] = []
  private(set) var prefixes: [(key: aegis_key_prefix, value: aegis_rates)] = []
  private(set) var totals: [(key: aegis_key_prefix, value: aegis_rates)] = []
  /// Of keys, by the number that these have.
  private(set) var own: [(key: UInt32, value: aegis_rates)] = []
  private var shapes: UInt32 = 0

  init() {}

  /// - Parameter firstLine: Of those that are no other rate's.
  init(using generator: inout SeededGenerator, firstLine: UInt32) {
    for number in 0..<UInt32(generator.pick(1...Self.most)) {
      let (id, first) = (100 + number, firstLine + number * Self.lines)
      switch generator.pick(0...6) {
      case 0...1:
        let rates = generator.rates([.source, .total], id: id, firstLine: first)
        ports.append((key: generator.port(), value: rates))
        shapes |= AEGIS_RATE_BY_PORT.rawValue
      case 2...3: addPrefix(generator.rates([.source], id: id, firstLine: first), &generator)
      case 4: addPrefix(generator.rates([.total], id: id, firstLine: first), &generator)
      default:
        let rates = generator.rates([.source, .total], id: id, firstLine: first)
        own.append((key: id, value: rates))
      }
    }
  }

  private mutating func addPrefix(_ rates: aegis_rates, _ generator: inout SeededGenerator) {
    let prefix = generator.limited()
    let hasPort = prefix.key.protocol != 0
    var rates = rates
    rates.length = prefix.length
    if rates.total.packets.interval != 0 || rates.total.bytes.interval != 0 {
      totals.append((key: prefix, value: rates))
      shapes |= (hasPort ? AEGIS_TOTAL_BY_PORT_AND_PREFIX : AEGIS_TOTAL_BY_PREFIX).rawValue
    } else {
      prefixes.append((key: prefix, value: rates))
      shapes |= (hasPort ? AEGIS_RATE_BY_PORT_AND_PREFIX : AEGIS_RATE_BY_PREFIX).rawValue
    }
  }

  /// The number of a key's own rate, by the key's place among the policy's; 0 is none.
  func rate(ofKey place: Int) -> UInt32 { place < own.count ? own[place].key : 0 }

  /// Has the datapath look for them.
  func announce(in config: inout aegis_config) {
    config.tellSourcesApart()
    guard shapes != 0 else { return }
    config.rate_shapes = shapes
    config.stages |= AEGIS_STAGE_RATE.rawValue
    config.stages &= ~AEGIS_STAGE_RATE_SIMPLE.rawValue
  }
}

/// The maps of rates beside the default one.
struct RuleMaps: ~Copyable, Sendable {
  private let ports: BPFMap<aegis_port, aegis_rates>
  private let prefixes: BPFMap<aegis_key_prefix, aegis_rates>
  private let totals: BPFMap<aegis_key_prefix, aegis_rates>
  private let own: BPFMap<UInt32, aegis_rates>

  init(of maps: borrowing some Maps & ~Copyable) throws {
    let ports: BPFMap<aegis_port, aegis_rates> = try maps.map(AEGIS_MAP_rate_port.name)
    let prefixes: BPFMap<aegis_key_prefix, aegis_rates> = try maps.map(AEGIS_MAP_rate_prefix.name)
    let totals: BPFMap<aegis_key_prefix, aegis_rates> = try maps.map(AEGIS_MAP_total_prefix.name)
    let own: BPFMap<UInt32, aegis_rates> = try maps.map(AEGIS_MAP_key_rate.name)
    self.ports = ports
    self.prefixes = prefixes
    self.totals = totals
    self.own = own
  }

  func put(_ rules: Rules) throws {
    try ports.clear()
    try prefixes.clear()
    try totals.clear()
    try own.clear()
    try ports.update(rules.ports)
    try prefixes.update(rules.prefixes)
    try totals.update(rules.totals)
    try own.update(rules.own)
  }
}

/// Whom the buckets of a rate are for.
private enum Bucket { case source, total }

extension SeededGenerator {
  fileprivate mutating func port() -> aegis_port {
    aegis_port(protocol: pick([6, 17, 132]), pad: 0, port: pick(Self.ports).bigEndian)
  }

  /// A source, a prefix of it, or any; with a port or without.
  fileprivate mutating func limited() -> aegis_key_prefix {
    let host = chance(2) ? host4() : host6()
    let length = host.width - pick([0, 1, 8, 16, host.width])
    let source = Prefix(address: host, length: length)!
    var head = aegis_key()
    head.source = aegis_address(source.address)
    head.family = UInt8((host.width == 32 ? AEGIS_FAMILY_V4 : AEGIS_FAMILY_V6).rawValue)
    if chance(2) {
      let port = port()
      head.protocol = port.protocol
      head.port = port.port
    }
    return aegis_key_prefix(length: AEGIS_KEY_HEAD_BITS + UInt32(length), key: head)
  }

  /// Rates of packets, of bytes or of both, for one or more of these.
  fileprivate mutating func rates(
    _ buckets: [Bucket], id: UInt32, firstLine: UInt32
  ) -> aegis_rates {
    var rates = aegis_rates()
    rates.id = id
    switch buckets.count == 1 ? buckets[0] : pick([.source, .total, nil]) {
    case .source: rates.source = rule(firstLine)
    case .total: rates.total = rule(firstLine)
    case nil: (rates.source, rates.total) = (rule(firstLine), rule(firstLine + Rules.lines / 2))
    }
    return rates
  }

  private mutating func rule(_ firstLine: UInt32) -> aegis_rule {
    let kind = pick(0...2)
    var rule = aegis_rule()
    if kind != 1 {
      let rate = try! Rate(packets: 1, period: .hour, burst: UInt32(pick(1...5)))
      rule.packets = placed(aegis_rate(rate), firstLine)
    }
    if kind != 0 { rule.bytes = placed(.bytes(burst: UInt64(pick(60...400))), firstLine + 2) }
    return rule
  }

  private mutating func placed(_ rate: aegis_rate, _ firstLine: UInt32) -> aegis_rate {
    var rate = rate
    rate.first_line = firstLine
    rate.line_mask = 1
    if chance(4) { rate.flags |= AEGIS_RATE_MONITOR.rawValue }
    return rate
  }
}

extension aegis_rate {
  /// One in 100 seconds.
  fileprivate static func bytes(burst: UInt64) -> aegis_rate {
    let cost: UInt64 = 100_000_000_000
    var rate = aegis_rate()
    rate.interval = cost << UInt64(AEGIS_INTERVAL_SHIFT)
    rate.depth = burst * cost
    (rate.amount, rate.period, rate.burst) = (36, Rate.Period.hour.rawValue, burst)
    return rate
  }
}
