@testable import Aegis

/// Makes policies in which everything has an effect, and puts mistakes into them.
///
/// Each part has addresses of its own, so that parts neither hide nor help each other.
final class LintPolicies {
  struct Expected: Hashable, CustomStringConvertible {
    let code: LintFinding.Code
    let place: Name
    let others: Set<Name>

    var description: String { "\(code) \(place) by \(others)" }
  }

  /// A place; rules and rates are found by what they are, because where they come is not known yet.
  enum Name: Hashable {
    case rule(Direction, RuleName)
    case rate(Direction, RateRule)
    case other(LintPlace)

    init(_ place: LintPlace) {
      switch place {
      case .rule(let direction, _, let name): self = .rule(direction, name)
      case .rate(let direction, _, let rule): self = .rate(direction, rule)
      default: self = .other(place)
      }
    }
  }

  private var random: SplitMix64
  private var territories = 0
  private var names = 0
  private(set) var policy = Policy()
  private(set) var expected: Set<Expected> = []
  private var direction = Direction.in
  private let action: PolicyDefaults.Default

  static let soon: UInt64 = 1 << 58
  static let later: UInt64 = 2 << 58

  init(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    action = random.chance(2) ? .allow : .deny
    self.random = random
    policy = Policy.initial
    policy.defaultAction = action
    policy.out?.defaultAction = action
    policy.classes = [
      try ClassName("domestic"): AddressClass(prefixes: [try Prefix("172.16.0.0/12")])
    ]
    for _ in 0..<Int.random(in: 3...10, using: &self.random) { try addClean() }
  }

  // MARK: Tools

  private var part: Policy {
    get { direction == .in ? policy : policy.out ?? Policy() }
    set { if direction == .in { policy = newValue } else { policy.out = newValue } }
  }

  /// Addresses that nothing else has: a /24, or a /48 of IPv6.
  private func territory() -> Prefix {
    territories += 1
    let number = UInt32(territories)
    return random.chance(3)
      ? Prefix(masking: .v6(0x2001_0db8 << 96 | UInt128(number) << 80), length: 48)
      : Prefix(masking: .v4(10 << 24 | number << 8), length: 24)
  }

  /// A part of a territory; another number is another part.
  private func host(_ number: Int, in prefix: Prefix) -> Prefix {
    Prefix(
      prefix.address.replacing(
        leftAligned: prefix.address.leftAligned
          | UInt128(number) << UInt128(128 - prefix.address.width)))
  }

  /// One half of a territory.
  private func half(_ number: Int, of prefix: Prefix) -> Prefix {
    let bits = UInt128(number) << UInt128(127 - prefix.length)
    return Prefix(
      masking: prefix.address.replacing(leftAligned: prefix.address.leftAligned | bits),
      length: prefix.length + 1)
  }

  private func rule(
    _ action: Rule.Action, of peer: Prefix, _ change: (inout Rule) throws -> Void = { _ in }
  ) throws -> Rule {
    names += 1
    var rule = Rule(try RuleName("rule-\(names)"), action)
    let addresses = RuleAddresses([peer])
    if direction == .in { rule.match.from = addresses } else { rule.match.to = addresses }
    try change(&rule)
    return rule
  }

  /// Puts rules among those that there are, in this order.
  private func add(_ rules: [Rule]) {
    var all = part.rules ?? []
    var place = 0
    for rule in rules {
      place = Int.random(in: place...all.count, using: &random)
      all.insert(rule, at: place)
      place += 1
    }
    part.rules = all
  }

  private func name(_ rule: Rule) -> Name { .rule(direction, rule.name) }

  private func expect(_ code: LintFinding.Code, _ place: Name, _ others: Name...) {
    expected.insert(Expected(code: code, place: place, others: Set(others)))
  }

  private func addKey(
    _ source: Prefix?, _ port: UInt16? = nil, _ number: TransportProtocol? = nil,
    protected: Bool = false, rate: Rate? = nil, expires: UInt64? = nil
  ) throws -> Name {
    let key = Policy.Key(
      try AllowKey(source: source, port: port, protocol: number), isProtected: protected)
    part.keys?[key] = Policy.Conditions(expires: expires, rate: rate)
    return .other(.key(direction, key))
  }

  private func addDrop(
    _ prefix: Prefix, expires: UInt64? = nil, monitored: Bool = false
  ) -> Name {
    part.drops?[prefix] = Policy.Conditions(expires: expires, isMonitored: monitored)
    return .other(.drop(direction, prefix))
  }

  private func addList(
    _ list: NamedList, _ entries: [Prefix: Policy.Conditions]?
  ) throws -> ListName {
    names += 1
    let name = try ListName("list-\(names)")
    policy.lists?[name] = list
    if list.directions.contains(.in) { policy.listed[name] = entries }
    if list.directions.contains(.out) { policy.out?.listed[name] = entries }
    return name
  }

  private var directions: Directions { direction == .in ? .in : .out }

  private static func ports(
    _ ports: ClosedRange<UInt16>, _ number: TransportProtocol? = nil
  ) -> RulePorts { RulePorts(NumberSet([ports]), number) }

  private func rate(_ packets: UInt64) throws -> Rate {
    try Rate(packets: packets, period: .second)
  }

  private func turn() { direction = random.chance(3) ? .out : .in }

  // MARK: Without mistakes

  /// Parts that meet others of their kind, but leave them something to do.
  private func addClean() throws {
    turn()
    let peer = territory()
    switch Int.random(in: 0...17, using: &random) {
    case 0:
      add([
        try rule(.allow, of: half(0, of: peer)) { $0.match.ports = Self.ports(80...90, .tcp) },
        try rule(.drop, of: peer) { $0.match.protocols = RuleProtocols([.tcp]) },
      ])
    case 1:
      // They meet, and neither has all of the other one.
      add([
        try rule(.drop, of: peer) { $0.match.ports = Self.ports(1...100) },
        try rule(.limit(rate(10), isTotal: true), of: peer) {
          $0.match.ports = Self.ports(50...200)
        },
      ])
    case 2:
      add([
        try rule(.drop, of: peer) { $0.isMonitored = true },
        try rule(.drop, of: half(1, of: peer)) { $0.match.tcpFlags = .syn },
      ])
    case 3:
      add([
        try rule(.drop, of: peer) { $0.expires = Self.soon },
        try rule(.drop, of: host(1, in: peer)) {
          $0.match.protocols = RuleProtocols([.tcp])
          $0.expires = random.chance(2) ? nil : Self.later
        },
      ])
    case 4:
      // Not all packets of TCP have ports.
      add([
        try rule(.drop, of: peer) { $0.match.ports = Self.ports(0...UInt16.max, .tcp) },
        try rule(.drop, of: peer) { $0.match.protocols = RuleProtocols([.tcp]) },
      ])
    case 5:
      add([
        try rule(.drop, of: peer) {
          $0.match.protocols = RuleProtocols([.udp])
          $0.exceptions.ports = Self.ports(53...53)
        },
        try rule(.limit(rate(5), isTotal: false), of: peer) {
          $0.match.ports = Self.ports(53...53, .udp)
        },
      ])
    case 6:
      let name = try addList(
        NamedList(action: .none, directions: directions), random.chance(2) ? nil : [peer: .init()])
      add([
        try rule(.drop, of: peer) { rule in
          let addresses = RuleAddresses([], lists: [name])
          if direction == .in { rule.match.from = addresses } else { rule.match.to = addresses }
        },
        try rule(.drop, of: peer) { $0.match.lengths = NumberSet([0...100]) },
      ])
    case 7:
      add([
        try rule(.drop, of: peer) {
          $0.match.protocols = RuleProtocols([.tcp])
          $0.match.isFragment = true
        },
        try rule(.drop, of: peer) {
          $0.match.ports = Self.ports(1...1)
          $0.match.hopLimits = NumberSet([0...5])
        },
        try rule(.drop, of: peer) {
          $0.match.classes = RuleClasses([.foreign, try ClassName("domestic")])
        },
      ])
    case 8: _ = try addKey(peer, 443, .tcp, rate: rate(10))
    case 9:
      // The narrower one is found first, with its rate.
      _ = try addKey(half(0, of: peer), 443, .tcp, rate: rate(10))
      _ = try addKey(peer, 443, .tcp, rate: rate(20))
    case 10:
      _ = try addKey(host(1, in: peer), 22, .tcp, protected: true)
      _ = try addKey(half(0, of: peer), 22, .tcp, rate: rate(9))
    case 11:
      _ = try addKey(peer, protected: true, expires: Self.soon)
      _ = try addKey(host(2, in: peer), protected: true, expires: Self.later)
    case 12:
      _ = addDrop(peer, expires: Self.soon)
      _ = addDrop(host(3, in: peer), expires: random.chance(2) ? nil : Self.later)
    case 13:
      _ = addDrop(peer, monitored: true)
      _ = addDrop(half(0, of: peer))
      _ = try addKey(peer, 22, .tcp, protected: true, expires: Self.soon)
    case 14:
      let list = NamedList(
        isMonitored: random.chance(2), expires: random.chance(2) ? Self.soon : nil)
      let entries = [peer: Policy.Conditions()]
      _ = try addList(list, entries)
      if list.isMonitored || list.expires != nil {
        direction = .in
        _ = try addKey(host(1, in: peer), 80, .tcp, rate: rate(7))
      }
    case 15:
      part.rates?.append(RateRule(try rate(10), for: RateSelector(prefix: peer)))
      part.rates?.append(
        RateRule(try rate(10), for: RateSelector(prefix: peer), isTotal: true))
    case 16:
      _ = try addKey(peer, 80, .tcp, rate: rate(3))
      _ = addDrop(half(1, of: peer))
      part.rates?.append(RateRule(try rate(10), for: RateSelector(prefix: peer)))
    default:
      add([
        try rule(.allow, of: peer) { $0.match.icmp = try ICMPKinds("echo-request") },
        try rule(.limit(nil, isTotal: false), of: peer) {
          $0.match.icmp = try ICMPKinds("echo-request,echo-reply")
        },
        try rule(.drop, of: peer) { $0.match.icmp = try ICMPKinds("echo-reply,redirect") },
      ])
    }
  }

  // MARK: Mistakes

  static let kinds = 0..<30

  /// Puts a mistake in.
  func addMistake(_ kind: Int) throws {
    turn()
    if kind < 12 { try addRuleMistake(kind) } else { try addOtherMistake(kind) }
  }

  private func addRuleMistake(_ kind: Int) throws {
    let peer = territory()
    switch kind {
    case 0, 1:
      // The later one is narrower in what it asks besides.
      let wide = try rule(.drop, of: peer) { if kind == 1 { $0.match.ports = Self.ports(1...99) } }
      let narrow = try rule(random.chance(2) ? .drop : .allow, of: half(1, of: peer)) {
        $0.match.ports = Self.ports(20...30, .tcp)
        if random.chance(2) { $0.match.dscp = NumberSet([46...46]) }
        if random.chance(2) { $0.isMonitored = true }
      }
      add([wide, narrow])
      let isSame = narrow.action == .drop && !narrow.isMonitored
      expect(isSame ? .redundant : .shadowed, name(narrow), name(wide))
    case 2:
      let wide = try rule(.limit(rate(8), isTotal: false), of: peer) {
        $0.match.protocols = RuleProtocols([.tcp])
        $0.expires = Self.later
      }
      let narrow = try rule(.drop, of: peer) {
        $0.match.tcpFlags = .syn
        $0.expires = random.chance(2) ? Self.soon : Self.later
      }
      add([wide, narrow])
      expect(.shadowed, name(narrow), name(wide))
    case 3:
      let first = try rule(.drop, of: peer) { $0.match.ports = Self.ports(0...80, .udp) }
      let second = try rule(.limit(rate(8), isTotal: true), of: peer) {
        $0.match.ports = Self.ports(81...200, .udp)
      }
      let both = try rule(.drop, of: peer) { $0.match.ports = Self.ports(40...90, .udp) }
      add([first, second, both])
      expect(.shadowed, name(both), name(first), name(second))
    case 4:
      let halves = try [0, 1].map { try rule(.drop, of: half($0, of: peer)) }
      let both = try rule(.drop, of: peer) { $0.match.vlans = NumberSet([7...7]) }
      add(halves + [both])
      expect(.redundant, name(both), name(halves[0]), name(halves[1]))
    case 5:
      let bad = try rule(.drop, of: peer) { rule in
        switch Int.random(in: 0...5, using: &random) {
        case 0:
          rule.match.ports = Self.ports(80...80, .tcp)
          rule.match.protocols = RuleProtocols([.udp])
        case 1:
          rule.match.tcpFlags = .syn
          rule.match.icmp = try ICMPKinds("echo-request")
        case 2:
          rule.match.ports = Self.ports(80...90)
          rule.exceptions.ports = Self.ports(70...100)
        case 3:
          rule.match.tcpFlags = .syn
          rule.match.protocols = RuleProtocols([.icmp])
        case 4:
          rule.match.ports = Self.ports(80...90)
          rule.match.protocols = RuleProtocols([.gre])
        default:
          rule.match.sourcePorts = Self.ports(80...90, .udp)
          rule.match.ports = Self.ports(80...90, .tcp)
        }
      }
      add([bad])
      expect(.contradictory, name(bad))
    case 6:
      let isV4 = peer.address.width == 32
      let bad = try rule(.drop, of: peer) { rule in
        if random.chance(2) {
          rule.match.icmp = try ICMPKinds(isV4 ? "packet-too-big" : "timestamp-request")
        } else {
          let other = RuleAddresses([try Prefix(isV4 ? "2001:db8:ffff::/48" : "192.0.2.0/24")])
          if direction == .in { rule.match.to = other } else { rule.match.from = other }
        }
      }
      add([bad])
      expect(.contradictory, name(bad))
    case 7:
      guard action == .deny else { return try addRuleMistake(5) }
      let bad = try rule(.allow, of: peer) {
        $0.match.ports = Self.ports(53...53, .udp)
        $0.match.isFragment = true
      }
      add([bad])
      expect(.contradictory, name(bad), .other(.defaultAction(direction)))
    case 8:
      if action == .allow {
        let useless = try rule(.allow, of: peer) { $0.match.protocols = RuleProtocols([.gre]) }
        add([useless])
        expect(.needless, name(useless), .other(.defaultAction(direction)))
      } else {
        let useless = try rule(.drop, of: peer) { $0.match.protocols = RuleProtocols([.gre]) }
        add([useless])
        expect(.needless, name(useless), .other(.defaultAction(direction)))
      }
    case 9:
      let drop = addDrop(peer, expires: random.chance(2) ? nil : Self.later)
      let bad = try rule(.drop, of: host(4, in: peer)) { $0.expires = Self.soon }
      add([bad])
      expect(.unreachable, name(bad), drop)
    case 10:
      let key = try addKey(peer, protected: true)
      let bad = try rule(.limit(rate(4), isTotal: false), of: half(0, of: peer)) {
        $0.match.ports = Self.ports(1...2)
      }
      add([bad])
      expect(.unreachable, name(bad), key)
    default:
      let list = try addList(NamedList(action: .none, directions: directions), [:])
      let isFrom = direction == .in
      let bad = try rule(.drop, of: peer) { rule in
        let addresses = RuleAddresses([], lists: [list])
        if isFrom { rule.match.from = addresses } else { rule.match.to = addresses }
      }
      add([bad])
      expect(.empty, name(bad), .other(.list(list)))
    }
  }

  private func addOtherMistake(_ kind: Int) throws {
    let peer = territory()
    switch kind {
    case 12:
      let wide = try addKey(peer, 80, protected: true)
      let bad = try addKey(half(1, of: peer), 80, .tcp, protected: true, expires: Self.soon)
      expect(.redundant, bad, wide)
    case 13:
      // Under allow both would do nothing.
      guard action == .deny else { return try addOtherMistake(19) }
      let wide = try addKey(peer, nil, .tcp)
      let bad = try addKey(half(1, of: peer), 443, .tcp)
      expect(.redundant, bad, wide)
    case 14:
      let entry = addDrop(peer)
      let bad = try addKey(half(0, of: peer), 443, .tcp, rate: random.chance(2) ? rate(3) : nil)
      expect(.unreachable, bad, entry)
    case 15:
      let list = try addList(NamedList(directions: .both), [peer: .init(expires: Self.later)])
      let bad = try addKey(host(1, in: peer), 443, .tcp, rate: rate(3), expires: Self.soon)
      expect(.unreachable, bad, .other(.entry(list, peer)))
    case 16:
      let drop = try rule(.drop, of: peer) { $0.match.protocols = RuleProtocols([.udp]) }
      add([drop])
      let bad = try addKey(half(0, of: peer), 53, .udp, rate: rate(3))
      expect(.unreachable, bad, name(drop))
    case 17:
      guard action == .allow else { return try addOtherMistake(18) }
      let bad = try addKey(peer, 80)
      expect(.needless, bad, .other(.defaultAction(direction)))
    case 18:
      let wide = try addKey(peer, protected: true)
      let bad = try addKey(half(1, of: peer), nil, .gre, rate: rate(2))
      expect(.unreachable, bad, wide)
    case 19:
      // Any source is found before a host.
      let port = UInt16(10_000 + territories)
      let wide = try addKey(nil, port, .tcp, rate: rate(2))
      let bad = try addKey(random.chance(2) ? peer : host(6, in: peer), port, .tcp, rate: rate(4))
      expect(.unreachable, bad, wide)
    case 20:
      let wide = addDrop(peer)
      let bad = addDrop(host(5, in: peer), expires: random.chance(2) ? nil : Self.soon)
      expect(.redundant, bad, wide)
    case 21:
      let narrow = half(1, of: peer)
      let list = try addList(
        NamedList(directions: directions, isMonitored: random.chance(2)),
        [peer: .init(expires: Self.later), narrow: .init(expires: Self.soon)])
      expect(.redundant, .other(.entry(list, narrow)), .other(.entry(list, peer)))
    case 22:
      let key = try addKey(peer, protected: true)
      let bad = addDrop(half(0, of: peer), expires: random.chance(2) ? nil : Self.soon)
      expect(.overridden, bad, key)
    case 23:
      let bad = addDrop(peer)
      let key = try addKey(host(9, in: peer), 22, .tcp, protected: true)
      expect(.overridden, bad, key)
    case 24:
      let first = RateRule(try rate(10), for: RateSelector(prefix: peer))
      let bad = RateRule(try rate(20), for: RateSelector(prefix: peer))
      part.rates? += [first, bad]
      expect(.redundant, .rate(direction, bad), .rate(direction, first))
    case 25:
      names += 1
      let empty = try ClassName("class-\(names)")
      policy.classes?[empty] = AddressClass()
      let bad = RateRule(try rate(20), for: RateSelector(className: empty))
      part.rates?.append(bad)
      expect(.empty, .rate(direction, bad), .other(.addressClass(empty)))
    case 26:
      names += 1
      let empty = try ClassName("class-\(names)")
      policy.classes?[empty] = AddressClass()
      expect(.empty, .other(.addressClass(empty)))
    case 27:
      let list = try addList(
        NamedList(action: .none, directions: Directions.allCases[names % 3]), [peer: .init()])
      expect(.unused, .other(.list(list)))
    case 28:
      let entry = addDrop(peer)
      let bad = RateRule(
        try rate(20),
        for: RateSelector(port: try RateSelector.Port("53/udp"), prefix: half(0, of: peer)))
      part.rates?.append(bad)
      expect(.unreachable, .rate(direction, bad), entry)
    default:
      names += 1
      let empty = try ClassName("class-\(names)")
      policy.classes?[empty] = AddressClass()
      let bad = try rule(.drop, of: peer) { $0.match.classes = RuleClasses([empty]) }
      add([bad])
      expect(.empty, name(bad), .other(.addressClass(empty)))
    }
  }
}
