import Aegis

@testable import TestModel

/// Random rules, what surrounds them, and packets that lie at the edges of what they ask for.
struct RuleSets {
  private var generator: SeededGenerator
  let direction: Direction
  private(set) var policy = Aegis.Policy()
  private let interfaces: [String]
  private let seed: UInt64
  private var v4: [IPAddress] = []
  private var v6: [IPAddress] = []
  private var numbers: [Int] = []

  /// - Parameter interfaces: Names, of which some are attached.
  init(seed: UInt64, interfaces: [String]) throws {
    self.seed = seed
    self.interfaces = interfaces
    generator = SeededGenerator(seed: seed << 32)
    direction = generator.chance(2) ? .out : .in
    makePools()
    try makePolicy()
  }

  private mutating func makePools() {
    for _ in 0..<generator.pick(4...24) {
      let host = UInt32(generator.pick(0...0x3ff))
      v4.append(
        .v4(
          generator.pick([
            0xc000_0200 + host, 0, .max, UInt32.random(in: 0...(.max), using: &generator),
          ])))
      let high: UInt64 = 0x2001_0db8_0000_0000 + UInt64(generator.pick(0...5))
      let low: UInt64 = generator.pick([0, 1, .max, 1 << 63, UInt64(generator.pick(0...3)) << 32])
      let other = generator.pick([0, UInt128.max, 1, UInt128(UInt64.max), UInt128(high) << 64])
      v6.append(.v6(generator.chance(4) ? other : UInt128(high) << 64 | UInt128(low)))
    }
    numbers = [0, 1, 63, 64, 255, 256, 1023, 1024, 4094, 65534, 65535]
    for _ in 0..<20 { numbers.append(generator.pick(0...generator.pick([60, 255, 1500, 65535]))) }
  }

  private mutating func makePolicy() throws {
    for number in 0..<generator.pick(0...4) {
      let prefixes = Set((0..<generator.pick(1...5)).map { _ in prefix() })
      let taken = (policy.classes ?? [:]).values.reduce(into: Set()) { $0.formUnion($1.prefixes) }
      policy.classes = policy.classes ?? [:]
      policy.classes?[try ClassName("c\(number)")] = AddressClass(
        prefixes: prefixes.subtracting(taken))
    }
    policy.classes = policy.classes ?? [:]
    policy.lists = [:]
    var part = Aegis.Policy()
    for number in 0..<generator.pick(0...5) {
      let name = try ListName("l\(number)")
      policy.lists?[name] = NamedList(
        action: .none, directions: .both, expires: generator.chance(6) ? 1 : nil)
      policy.listed[name] = (0..<generator.pick(0...8)).reduce(into: [:]) { list, _ in
        list[prefix()] = Aegis.Policy.Conditions(expires: generator.chance(5) ? 1 : nil)
      }
    }
    policy.mode = generator.chance(6) ? .monitor : .enforce
    part.defaultAction = generator.chance(2) ? .deny : .allow
    part.rates = []
    if generator.chance(3) {
      let rate = try Rate(packets: 1, period: .hour, burst: UInt32(generator.pick(1...15)))
      part.rates = [RateRule(rate, isTotal: true)]
    }
    part.drops = [:]
    for _ in 0..<generator.pick([0, 0, 1, 2]) {
      part.drops?[generator.chance(2) ? Prefix(address()) : near(24, 64)] = Aegis.Policy
        .Conditions()
    }
    part.keys = [:]
    for _ in 0..<generator.pick([0, 0, 1, 3]) {
      let key = try AllowKey(
        source: generator.chance(3) ? prefix() : nil,
        ports: generator.chance(3) ? nil : keyPorts(),
        protocol: generator.pick([nil, .tcp, .udp]))
      // A key is protected or not.
      let isProtected = generator.chance(6) && !key.hasSeveralPorts
      if part.keys?[Aegis.Policy.Key(key, isProtected: !isProtected)] == nil {
        part.keys?[Aegis.Policy.Key(key, isProtected: isProtected)] = Aegis.Policy.Conditions()
      }
    }
    part.rules = try rules()
    // The other direction has none left that name what goes.
    if direction == .out {
      policy.rules = []
      policy.out = part
    } else {
      policy.out = Aegis.Policy()
      policy.out?.rules = []
      (policy.defaultAction, policy.rates, policy.rules) = (
        part.defaultAction, part.rates, part.rules
      )
      (policy.drops, policy.keys) = (part.drops, part.keys)
    }
  }

  /// One, or a few ranges that rules have too.
  private mutating func keyPorts() -> KeyPorts {
    KeyPorts(
      NumberSet(
        (0..<generator.pick([1, 1, 2, 4])).map { _ in
          let first = UInt16(max(1, number(in: 1...65535)))
          return first...(generator.chance(2) ? first : max(first, UInt16(number(in: 1...65535))))
        }))
  }

  private mutating func rules() throws -> [Rule] {
    let count = generator.pick([1, 2, 5, 20, 20, 63, 64, 65, 100, 200, 255, 256])
    let most = generator.pick([1, 2, 3, 14])
    // Names that other sets have too.
    let first = generator.pick(0...60)
    return try (0..<count).map { place in
      let limits = generator.chance(3)
      var rule = Rule(try RuleName("r\(first + place)"), generator.chance(2) ? .drop : .allow)
      if limits {
        rule.action = .limit(nil, isTotal: false)
        if place < 20, generator.chance(2) {
          let rate = try Rate(packets: 1, period: .hour, burst: UInt32(generator.pick(1...8)))
          rule.name = try RuleName("s\(seed).\(place)")
          rule.action = .limit(rate, isTotal: true)
        }
      }
      let dimensions = RuleSelector.allCases.filter { $0 != .socket || direction == .in }
        .shuffled(using: &generator)
      for selector in dimensions.prefix(generator.pick(0...most)) {
        if generator.chance(3) {
          set(selector, of: &rule.exceptions)
        } else {
          set(selector, of: &rule.match)
        }
        if generator.chance(12) { set(selector, of: &rule.exceptions) }
      }
      rule.isMonitored = generator.chance(5)
      if generator.chance(10) { rule.expires = 1 }
      if direction == .in, !limits, rule.expires == nil, generator.chance(3) { rule.action = .hook }
      return rule
    }
  }

  private mutating func set(_ selector: RuleSelector, of match: inout RuleMatch) {
    switch selector {
    case .from: match.from = addresses()
    case .to: match.to = addresses()
    case .protocol:
      match.protocols = RuleProtocols((0..<generator.pick(1...3)).map { _ in protocolNumber() })
    case .port: match.ports = ports()
    case .sourcePort: match.sourcePorts = ports()
    case .class:
      let names = (policy.classes ?? [:]).keys.sorted() + [.foreign]
      match.classes = RuleClasses((0..<generator.pick(1...2)).map { _ in generator.pick(names) })
    case .tcpFlags:
      let mask = generator.pick([0x17, 2, 0x10, generator.byte() | 1])
      match.tcpFlags = TCPFlags(generator.byte(), of: mask)
    case .icmp: match.icmp = icmp()
    case .length: match.lengths = numberSet(in: 0...65535)
    case .hopLimit: match.hopLimits = numberSet(in: 0...255)
    case .dscp: match.dscp = numberSet(in: 0...63)
    case .vlan: match.vlans = numberSet(in: 0...4094)
    case .fragment: match.isFragment = generator.chance(2)
    case .interface: match.interfaces = RuleInterfaces([generator.pick(interfaces)])
    case .socket:
      match.sockets = RuleSockets(
        (0..<generator.pick(1...2)).map { _ in generator.pick(SocketState.allCases) })
    }
  }

  private static let types: [UInt8] = [0, 1, 2, 3, 8, 128, 129, 255]

  private mutating func icmp() -> ICMPKinds {
    ICMPKinds(
      (0..<generator.pick(1...3)).map { _ in
        let (v4, v6) = (generator.pick(Self.types), generator.pick(Self.types))
        let isOfOne = generator.chance(3)
        let code: UInt8? = generator.chance(2) ? nil : generator.pick([0, 1, 4, 255])
        return ICMPKinds.Kind(
          v4: v4, v6: isOfOne ? nil : generator.chance(2) ? v4 : v6, code: code)
      })
  }

  private mutating func protocolNumber() -> TransportProtocol {
    TransportProtocol(rawValue: generator.pick([6, 6, 17, 17, 132, 1, 58, 47, 255, 0, 44]))
  }

  private mutating func ports() -> RulePorts {
    RulePorts(numberSet(in: 0...65535), generator.pick([nil, nil, .tcp, .udp, .sctp]))
  }

  private mutating func number(in bounds: ClosedRange<Int>) -> Int {
    min(max(generator.pick(numbers), bounds.lowerBound), bounds.upperBound)
  }

  private mutating func numberSet(in bounds: ClosedRange<Int>) -> NumberSet {
    NumberSet(
      (0..<generator.pick([1, 1, 1, 2, 4])).map { _ in
        let one = number(in: bounds)
        let other = generator.chance(2) ? one : number(in: bounds)
        return UInt16(min(one, other))...UInt16(max(one, other))
      })
  }

  private mutating func address() -> IPAddress { generator.pick(generator.chance(2) ? v4 : v6) }

  private mutating func prefix() -> Prefix {
    switch address() {
    case .v4(let bits):
      return Prefix(
        address: .v4(bits), length: generator.pick([0, 1, 8, 22, 23, 24, 29, 30, 31, 32, 32]))!
    case .v6(let bits):
      return Prefix(
        address: .v6(bits),
        length: generator.pick([0, 1, 32, 61, 62, 63, 64, 64, 65, 66, 96, 97, 127, 128, 128, 128]))!
    }
  }

  private mutating func near(_ v4: Int, _ v6: Int) -> Prefix {
    let address = address()
    return Prefix(address: address, length: address.width == 32 ? v4 : v6)!
  }

  private mutating func addresses() -> RuleAddresses {
    let lists = (policy.lists ?? [:]).keys.sorted()
    let named = lists.isEmpty || !generator.chance(3) ? [] : [generator.pick(lists)]
    let count = named.isEmpty ? generator.pick(1...4) : generator.pick(0...2)
    return RuleAddresses((0..<count).map { _ in prefix() }, lists: named)
  }
}

// MARK: - Packets

extension RuleSets {
  /// A packet, mostly one that some rule all but matches, or all but does not.
  mutating func packet() -> RulePacket {
    let isIPv6 = generator.chance(2)
    var packet = RulePacket(
      source: generator.pick(isIPv6 ? v6 : v4), destination: generator.pick(isIPv6 ? v6 : v4))
    packet.number = generator.pick([6, 6, 6, 17, 17, 132, isIPv6 ? 58 : 1, 1, 58, 47, 59, 0])
    packet.port = UInt16(number(in: 0...65535))
    packet.sourcePort = UInt16(number(in: 0...65535))
    packet.flags = generator.pick([2, 0x12, 0x10, 4, generator.byte()])
    packet.type = generator.pick(Self.types)
    packet.code = generator.pick([0, 1, 4, 255])
    packet.length = number(in: 20...1500)
    packet.hopLimit = UInt8(number(in: 0...255))
    packet.dscp = UInt8(number(in: 0...63))
    packet.congestion = UInt8(generator.pick(0...3))
    if generator.chance(4) { packet.tags = tags(UInt16(number(in: 0...4095))) }
    if generator.chance(4) { packet.fragment = generator.pick(RulePacket.Fragment.allCases) }
    if generator.chance(4) {
      packet.extensions = (0..<generator.pick([1, 1, 2, 7, 8])).map { _ in
        generator.pick([.hopByHop(), .routing(1), .destination(), .authentication()])
      }
    }
    let all = (direction == .out ? policy.out?.rules : policy.rules) ?? []
    if let rule = all.randomElement(using: &generator) {
      aim(&packet, at: rule.match, isIPv6)
      if generator.chance(3) { aim(&packet, at: rule.exceptions, isIPv6) }
    }
    if isIPv6, packet.number == 0 || packet.number == 44 { packet.number = 59 }
    return packet
  }

  private mutating func tags(_ first: UInt16) -> [UInt16] {
    let priority: UInt16 = generator.pick([0, 0x1000, 0xe000])
    return [first | priority]
      + (0..<generator.pick([0, 0, 0, 1, 2])).map { _ in
        UInt16(generator.pick([0, 1, 4094, 7]))
      }
  }

  /// Gives a packet what a rule asks for, or a value beside it.
  private mutating func aim(_ packet: inout RulePacket, at match: RuleMatch, _ isIPv6: Bool) {
    if let from = match.from, let near = near(from, isIPv6) { packet.source = near }
    if let to = match.to, let near = near(to, isIPv6) { packet.destination = near }
    if let protocols = match.protocols, !generator.chance(8) {
      packet.number = generator.pick(protocols.numbers)
    }
    for (ports, isSource) in [(match.ports, false), (match.sourcePorts, true)] {
      guard let ports else { continue }
      let value = UInt16(near(ports.numbers, in: 0...65535))
      if isSource { packet.sourcePort = value } else { packet.port = value }
      if !generator.chance(8) {
        packet.number = ports.protocol?.rawValue ?? generator.pick([6, 17, 132])
      }
    }
    if let flags = match.tcpFlags {
      packet.number = 6
      packet.flags = flags.values | generator.byte() & ~flags.mask
      if generator.chance(4) { packet.flags ^= 1 << UInt8(generator.pick(0...7)) }
    }
    if let kind = match.icmp?.kinds.randomElement(using: &generator) {
      if !generator.chance(8) { packet.number = isIPv6 ? 58 : 1 }
      packet.type = (isIPv6 ? kind.v6 : kind.v4) ?? kind.v4 ?? 0
      packet.code = kind.code ?? packet.code
      if generator.chance(4) { packet.code &+= 1 }
      if generator.chance(6) { packet.type &-= 1 }
    }
    if let lengths = match.lengths {
      let length = near(lengths, in: 0...65535)
      if length <= 1500 || direction == .in && generator.chance(20) { packet.length = length }
    }
    if let hops = match.hopLimits { packet.hopLimit = UInt8(near(hops, in: 0...255)) }
    if let dscp = match.dscp { packet.dscp = UInt8(near(dscp, in: 0...63)) }
    if let vlans = match.vlans {
      let vlan = UInt16(near(vlans, in: 0...4095))
      packet.tags = vlan == 0 && generator.chance(2) ? [] : tags(vlan)
    }
    if match.sockets != nil, generator.chance(2) {
      packet.number = generator.pick([6, 17])
      packet.port = generator.pick([RuleModel.tcpPort, RuleModel.udpPort])
    }
    if let isFragment = match.isFragment, !generator.chance(4) {
      packet.fragment = generator.pick(isFragment ? [.first, .middle, .last] : [.none, .atomic])
    }
  }

  /// An end of a range, or a number beside it.
  private mutating func near(_ set: NumberSet, in bounds: ClosedRange<Int>) -> Int {
    let range = generator.pick(set.ranges)
    let end = Int(generator.chance(2) ? range.lowerBound : range.upperBound)
    return min(max(end + generator.pick([0, 0, -1, 1]), bounds.lowerBound), bounds.upperBound)
  }

  private mutating func near(_ addresses: RuleAddresses, _ isIPv6: Bool) -> IPAddress? {
    let listed = addresses.lists.flatMap { (policy.listed[$0] ?? [:]).keys.sorted() }
    let prefixes = (addresses.prefixes + listed).filter { ($0.address.width == 128) == isIPv6 }
    guard let prefix = prefixes.randomElement(using: &generator) else { return nil }
    let free = prefix.address.width - prefix.length
    switch prefix.address {
    case .v4(let first):
      let last = free == 32 ? .max : first | (1 << UInt32(free) - 1)
      return .v4(generator.pick([first, last, first &- 1, last &+ 1]))
    case .v6(let first):
      let last = free == 128 ? .max : first | (1 << UInt128(free) - 1)
      return .v6(generator.pick([first, last, first &- 1, last &+ 1]))
    }
  }
}
