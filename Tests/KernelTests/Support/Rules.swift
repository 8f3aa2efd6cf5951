import BPF
import CAegis

@testable import Aegis
@testable import TestModel

/// Rates beside the default one, as the datapath has them.
struct Rules {
  static let most = 6

  private(set) var ports: [(key: aegis_port, value: aegis_rates)] = []
  private(set) var prefixes: [(key: aegis_key_prefix, value: aegis_rates)] = []
  private(set) var totals: [(key: aegis_key_prefix, value: aegis_rates)] = []
  /// Of classes, by their numbers.
  private(set) var classes: [(key: UInt32, value: aegis_rates)] = []
  /// Of keys, by the number that these have.
  private(set) var own: [(key: UInt32, value: aegis_rates)] = []
  private var shapes: UInt32 = 0
  /// By the place of a key among the policy's.
  private var numbers: [Int: UInt32] = [:]

  init() {}

  /// - Parameter lines: Where their buckets are to lie; those that are left over afterwards.
  init(_ policy: Policy, _ lines: inout RuleLines) {
    for rule in policy.rules { add(rule, lines.rates(rule.limits)) }
    for (place, key) in policy.keys.enumerated() {
      guard let limits = key.limits else { continue }
      let rates = lines.rates(limits)
      own.append((key: rates.id, value: rates))
      numbers[place] = rates.id
    }
  }

  private mutating func add(_ rule: Policy.Rule, _ rates: aegis_rates) {
    if let number = rule.classNumber {
      classes.append((key: UInt32(number), value: rates))
      shapes |= AEGIS_RATE_BY_CLASS.rawValue
      return
    }
    guard let prefix = rule.prefix else {
      if let port = rule.port { ports.append((key: aegis_port(port), value: rates)) }
      shapes |= AEGIS_RATE_BY_PORT.rawValue
      return
    }
    let key = aegis_key_prefix(prefix, port: rule.port)
    var rates = rates
    rates.length = key.length
    let hasPort = rule.port != nil
    if rule.limits.total != nil {
      totals.append((key: key, value: rates))
      shapes |= (hasPort ? AEGIS_TOTAL_BY_PORT_AND_PREFIX : AEGIS_TOTAL_BY_PREFIX).rawValue
    } else {
      prefixes.append((key: key, value: rates))
      shapes |= (hasPort ? AEGIS_RATE_BY_PORT_AND_PREFIX : AEGIS_RATE_BY_PREFIX).rawValue
    }
  }

  /// The number of a key's own rate, by the key's place among the policy's; 0 is none.
  func rate(ofKey place: Int) -> UInt32 { numbers[place, default: 0] }

  /// Has the datapath look for them.
  func announce(in config: inout aegis_config) {
    config.tellSourcesApart()
    guard shapes != 0 else { return }
    config.rate_shapes = shapes
    config.stages |= AEGIS_STAGE_RATE.rawValue
    config.stages &= ~AEGIS_STAGE_RATE_SIMPLE.rawValue
  }
}

/// Lines of the limiter's table, given to one rule after the other.
struct RuleLines {
  /// The first that is no rate's yet.
  private(set) var first: UInt32
  /// Of each bucket of a rule; a power of two.
  let count: UInt32
  private var id: UInt32 = 100

  init(first: UInt32, count: UInt32) {
    self.first = first
    self.count = count
  }

  /// What the most rules take.
  static func most(count: UInt32) -> UInt32 { UInt32(Rules.most) * 4 * count }

  mutating func rates(_ limits: Policy.Limits) -> aegis_rates {
    var rates = aegis_rates()
    rates.id = id
    rates.source = rule(limits.source)
    rates.total = rule(limits.total)
    id += 1
    return rates
  }

  private mutating func rule(_ buckets: Policy.Limits.Buckets?) -> aegis_rule {
    aegis_rule(
      packets: placed(buckets?.packets, aegis_rate.packets),
      bytes: placed(buckets?.bytes, aegis_rate.bytes))
  }

  private mutating func placed(
    _ bucket: Policy.Limits.Bucket?, _ rate: (Int) -> aegis_rate
  ) -> aegis_rate {
    guard let bucket else { return aegis_rate() }
    defer { first += count }
    var rate = rate(bucket.size)
    rate.first_line = first
    rate.line_mask = count - 1
    if bucket.isMonitored { rate.flags |= AEGIS_RATE_MONITOR.rawValue }
    return rate
  }
}

extension aegis_port {
  fileprivate init(_ port: Policy.Rule.Port) {
    self.init(protocol: port.protocolNumber, profile: 0, port: port.number.bigEndian)
  }
}

extension aegis_key_prefix {
  init(_ prefix: Prefix, port: Policy.Rule.Port? = nil) {
    var head = aegis_key()
    head.source = aegis_address(prefix.address)
    head.family = UInt8(
      (prefix.address.width == 32 ? AEGIS_FAMILY_V4 : AEGIS_FAMILY_V6).rawValue)
    if let port {
      head.protocol = port.protocolNumber
      head.port = port.number.bigEndian
    }
    self.init(length: AEGIS_KEY_HEAD_BITS + UInt32(prefix.length), key: head)
  }
}

extension aegis_rate {
  /// One in an hour.
  fileprivate static func packets(burst: Int) -> aegis_rate {
    aegis_rate(try! Rate(packets: 1, period: .hour, burst: UInt32(burst)))
  }

  /// One in 100 seconds.
  fileprivate static func bytes(burst: Int) -> aegis_rate {
    let (cost, burst): (UInt64, UInt64) = (100_000_000_000, UInt64(burst))
    var rate = aegis_rate()
    rate.interval = cost << UInt64(AEGIS_INTERVAL_SHIFT)
    rate.depth = burst * cost
    (rate.amount, rate.period, rate.burst) = (36, Rate.Period.hour.rawValue, burst)
    return rate
  }
}
