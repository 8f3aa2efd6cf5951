import Aegis

extension SeededGenerator {
  /// A policy with rates beside the default one: of ports, of prefixes, of both, of classes, and of keys.
  ///
  /// - Parameter most: Of them.
  mutating func adding(rulesTo policy: Policy, atMost most: Int) -> Policy {
    var policy = policy
    if chance(2) { addClasses(to: &policy) }
    for _ in 0..<pick(1...most) {
      switch pick(0...(policy.classes.isEmpty ? 6 : 10)) {
      case 7...10:
        let number = pick([1] + policy.classes.map(\.number))
        policy.rules.append(Policy.Rule(classNumber: number, limits: limits()))
      case 0...1: policy.rules.append(Policy.Rule(port: port(), limits: limits()))
      // A prefix has the two in different maps.
      case 2...3: policy.rules.append(prefixRule(Policy.Limits(source: buckets())))
      case 4: policy.rules.append(prefixRule(Policy.Limits(total: buckets())))
      default:
        let limits = limits()
        guard !policy.keys.isEmpty else { break }
        policy.keys[pick(0...policy.keys.count - 1)].limits = limits
      }
    }
    policy.removeRepeatedRules()
    return policy
  }

  /// Each country and each prefix is of one class, or of none.
  private mutating func addClasses(to policy: inout Policy) {
    policy.countries = chance(4) ? nil : pick(Countries.all)
    policy.classes = (0..<pick(1...3)).map { Policy.AddressClass(number: 2 + 7 * $0) }
    for country in Countries.names where !chance(3) {
      policy.classes[pick(0...policy.classes.count - 1)].countries.insert(country)
    }
    var taken: Set<Prefix> = []
    for _ in 0..<pick(0...6) {
      let host = chance(2) ? host4() : host6()
      let length = host.width - pick([0, 0, 1, 8, 16, host.width])
      let prefix = Prefix(address: host, length: length)!
      guard taken.insert(prefix).inserted else { continue }
      policy.classes[pick(0...policy.classes.count - 1)].prefixes.insert(prefix)
    }
  }

  private mutating func port() -> Policy.Rule.Port {
    Policy.Rule.Port(protocolNumber: pick([6, 17, 132]), number: pick(Self.ports))
  }

  /// For a source, a prefix of it, or any of its family; of packets to a port or to any.
  private mutating func prefixRule(_ limits: Policy.Limits) -> Policy.Rule {
    let host = chance(2) ? host4() : host6()
    let length = host.width - pick([0, 1, 8, 16, host.width])
    return Policy.Rule(
      port: chance(2) ? port() : nil, prefix: Prefix(address: host, length: length)!,
      limits: limits)
  }

  private mutating func limits() -> Policy.Limits {
    switch pick(0...2) {
    case 0: Policy.Limits(source: buckets())
    case 1: Policy.Limits(total: buckets())
    default: Policy.Limits(source: buckets(), total: buckets())
    }
  }

  /// Of packets, of bytes or of both.
  private mutating func buckets() -> Policy.Limits.Buckets {
    let kind = pick(0...2)
    return Policy.Limits.Buckets(
      packets: kind == 1 ? nil : bucket(1...5), bytes: kind == 0 ? nil : bucket(60...400))
  }

  private mutating func bucket(_ sizes: ClosedRange<Int>) -> Policy.Limits.Bucket {
    Policy.Limits.Bucket(size: pick(sizes), isMonitored: chance(4))
  }
}

extension Policy {
  /// A map has one entry for a selector, so a policy has too.
  fileprivate mutating func removeRepeatedRules() {
    var seen: Set<Rule> = []
    rules.removeAll {
      let isTotal = $0.prefix != nil && $0.limits.total != nil
      let selector = Rule(
        port: $0.port, prefix: $0.prefix, classNumber: $0.classNumber,
        limits: Policy.Limits(total: isTotal ? Policy.Limits.Buckets() : nil))
      return !seen.insert(selector).inserted
    }
  }
}
