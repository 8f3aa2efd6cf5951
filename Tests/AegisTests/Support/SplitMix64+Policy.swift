@testable import Aegis

extension SplitMix64 {
  /// A policy that declares everything, out of few addresses and ports so that its parts meet.
  ///
  /// - Parameters:
  ///   - overlapping: Whether several keys may name the same packet.
  ///   - ruled: Whether it declares rules too.
  mutating func policy(overlapping: Bool = true, ruled: Bool = false) throws -> Policy {
    var policy = Policy()
    policy.defaultAction = PolicyDefaults.Default.allCases.randomElement(using: &self)
    policy.replies = chance(2)
    policy.mode = chance(5) ? .monitor : .enforce
    policy.sourcePrefix = Policy.SourcePrefix(
      v4: [24, 32].randomElement(using: &self) ?? 32,
      v6: [48, 64].randomElement(using: &self) ?? 64)
    policy.drops = [:]
    for _ in 0..<Int.random(in: 0...6, using: &self) {
      policy.drops?[nearPrefix()] = Policy.Conditions(
        expires: expiry(), note: try note(), isMonitored: chance(3))
    }
    policy.keys = [:]
    for number in 0..<Int.random(in: 0...6, using: &self) {
      let key = try overlapping ? nearKey() : AllowKey(port: 1 + UInt16(number), protocol: .tcp)
      let isProtected = chance(4) && !key.hasSeveralPorts
      let place = Policy.Key(key, isProtected: isProtected)
      if policy.keys?[Policy.Key(key, isProtected: !isProtected)] != nil { continue }
      policy.keys?[place] = Policy.Conditions(
        expires: expiry(), note: try note(), rate: isProtected || chance(2) ? nil : try someRate())
    }
    policy.classes = try classes()
    policy.rates = try rules(for: policy.classes?.keys.sorted() ?? [])
    if ruled { policy.rules = try namedRules(policy.classes?.keys.sorted() ?? []) }
    return policy
  }

  /// Of few names, in any order.
  private mutating func namedRules(_ classes: [ClassName]) throws -> [Rule] {
    try ["a", "b", "c", "d", "e"].shuffled(using: &self)
      .prefix(.random(in: 0...5, using: &self)).map { name in
        var rule = Rule(try RuleName(name), .drop)
        if chance(3) { rule.action = .allow }
        if chance(3) {
          rule.action = .limit(chance(4) ? nil : try someRate(), isTotal: false)
          if case .limit(var rate?, _) = rule.action {
            rate.isMonitored = false
            rule.action = .limit(rate, isTotal: chance(2))
          }
        }
        if chance(2) { rule.match.from = RuleAddresses([nearPrefix(), nearPrefix()]) }
        if chance(2) { rule.exceptions.from = RuleAddresses([nearPrefix()]) }
        if chance(2) { rule.match.ports = RulePorts(NumberSet([1...2]), chance(2) ? nil : .tcp) }
        if chance(3), let name = classes.randomElement(using: &self) {
          rule.match.classes = RuleClasses([name])
        }
        (rule.isMonitored, rule.note, rule.expires) = (chance(4), try note(), expiry())
        return rule
      }
  }

  mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &self) == 0 }

  private mutating func nearAddress() -> IPAddress {
    let low = UInt32.random(in: 0...3, using: &self)
    return chance(4)
      ? .v6(0x2001_0db8 << 96 | UInt128(low)) : .v4(0xc000_0200 | low)
  }

  private mutating func nearPrefix() -> Prefix {
    let address = nearAddress()
    let up = [0, 0, 1, 2, 8].randomElement(using: &self) ?? 0
    return Prefix(address: address, length: address.width - up) ?? Prefix(address)
  }

  private mutating func nearKey() throws -> AllowKey {
    let source = chance(3) ? nil : nearPrefix()
    let ports = [nil, "1", "1", "2", "1-2", "2,4-5"].randomElement(using: &self) ?? nil
    let proto: TransportProtocol? = chance(3) ? nil : .tcp
    return try AllowKey(source: source, ports: ports.map { try KeyPorts($0) }, protocol: proto)
  }

  /// Out of few countries and prefixes, each of which one class has.
  mutating func classes() throws -> [ClassName: AddressClass] {
    let names = try ["a", "b", "c", "d"].map { try ClassName($0) }
    var classes: [ClassName: AddressClass] = [:]
    for name in names where !chance(3) { classes[name] = AddressClass() }
    let present = classes.keys.sorted()
    for country in Probe.countries {
      if let name = present.randomElement(using: &self) { classes[name]?.countries.insert(country) }
    }
    var taken: Set<Prefix> = []
    for _ in 0..<Int.random(in: 0...8, using: &self) {
      let prefix = nearPrefix()
      guard taken.insert(prefix).inserted, let name = present.randomElement(using: &self) else {
        continue
      }
      classes[name]?.prefixes.insert(prefix)
    }
    return classes
  }

  private mutating func rules(for classes: [ClassName]) throws -> [RateRule] {
    var rules: [RateSlot: RateRule] = [:]
    for _ in 0..<Int.random(in: 0...6, using: &self) {
      let port: RateSelector.Port? =
        chance(2)
        ? nil
        : try RateSelector.Port(
          (["1", "2", "1", "2", "1-2", "2,4-5", "1-5"].randomElement(using: &self) ?? "1") + "/tcp")
      var selector = RateSelector(port: port, prefix: chance(2) ? nil : nearPrefix())
      if chance(2) {
        selector = RateSelector(
          className: (classes + [.foreign]).randomElement(using: &self) ?? .foreign)
      }
      let rule = RateRule(try someRate(), for: selector, isTotal: chance(3))
      rules[rule.slot] = rule
    }
    return rules.values.sorted { "\($0)" < "\($1)" }
  }

  /// That the limiter can keep.
  private mutating func someRate() throws -> Rate {
    let unit = Rate.Unit.allCases.randomElement(using: &self) ?? .packets
    let scale: UInt64 = unit == .packets ? 1 : 100_000
    var rate = try Rate(
      .random(in: 1...1000, using: &self) * scale, unit, period: .second,
      burst: chance(2) ? nil : .random(in: 1...100, using: &self))
    rate.isMonitored = chance(4)
    return rate
  }

  private mutating func note() throws -> Note? {
    chance(2) ? nil : try Note("note \(Int.random(in: 0..<9, using: &self))")
  }

  /// Years after any boot.
  private mutating func expiry() -> UInt64? {
    chance(2) ? nil : .random(in: 1...5, using: &self) << 58
  }
}
