@testable import Aegis

/// What rules ask a packet for, and whether they match: written apart from what lint does.
struct LintPacket {
  enum Fragment: CaseIterable { case none, first, later }

  var from: IPAddress
  var to: IPAddress
  var number: UInt8
  var port: UInt16
  var sourcePort: UInt16
  /// The flags of TCP, or the type of ICMP.
  var octet: UInt8
  var code: UInt8
  var length: UInt16
  var hopLimit: UInt16
  var dscp: UInt16
  var vlan: UInt16
  var fragment: Fragment
  var className: ClassName
  var interface: String
  /// Of one that a socket can be for.
  var socket: SocketState
  /// The lists that its addresses are in.
  var fromLists: Set<ListName> = []
  var toLists: Set<ListName> = []

  var hasHeader: Bool { fragment != .later }
  var hasPorts: Bool { hasHeader && [6, 17, 132].contains(number) }
  private var isV6: Bool { from.width == 128 }
  private var isICMP: Bool { hasHeader && number == (isV6 ? 58 : 1) }

  /// Whether a rule of a policy with this default takes it.
  func isTaken(by rule: Rule, _ action: PolicyDefaults.Default) -> Bool {
    if rule.action == .allow, action == .deny, fragment != .none,
      rule.asksForHeader
    {
      return false
    }
    return matches(rule.match, not: false) && matches(rule.exceptions, not: true)
  }

  private func matches(_ match: RuleMatch, not: Bool) -> Bool {
    var fields: [Bool] = []
    /// - Parameter has: Whether it has what the field is about; without that no field matches, either way.
    func ask(_ field: Bool?, has: Bool = true) {
      if let field { fields.append(has && field != not) }
    }
    ask(match.from.map { isIn($0, from, fromLists) })
    ask(match.to.map { isIn($0, to, toLists) })
    ask(match.protocols.map { $0.numbers.contains(number) })
    for (ports, port) in [(match.ports, port), (match.sourcePorts, sourcePort)] {
      ask(
        ports.map { $0.numbers.contains(port) },
        has: hasPorts && (ports?.protocol.map { $0.rawValue == number } ?? true))
    }
    ask(match.classes.map { $0.names.contains(className) })
    ask(match.tcpFlags.map { $0.matches(octet) }, has: hasHeader && number == 6)
    ask(
      match.icmp.map { kinds in
        kinds.kinds.contains {
          (isV6 ? $0.v6 : $0.v4) == octet && ($0.code == nil || $0.code == code)
        }
      }, has: isICMP)
    ask(match.lengths.map { $0.contains(length) })
    ask(match.hopLimits.map { $0.contains(hopLimit) })
    ask(match.dscp.map { $0.contains(dscp) })
    ask(match.vlans.map { $0.contains(vlan) })
    ask(match.isFragment.map { $0 == (fragment != .none) })
    ask(match.interfaces.map { $0.names.contains(interface) })
    ask(
      match.sockets.map { $0.states.contains(socket) },
      has: fragment == .none && [6, 17].contains(number))
    return fields.allSatisfy { $0 }
  }

  private func isIn(_ wanted: RuleAddresses, _ address: IPAddress, _ lists: Set<ListName>) -> Bool {
    wanted.prefixes.contains { $0.contains(address) } || !lists.isDisjoint(with: wanted.lists)
  }
}

extension Rule {
  fileprivate var asksForHeader: Bool {
    [match, exceptions].contains {
      $0.ports != nil || $0.sourcePorts != nil || $0.tcpFlags != nil || $0.icmp != nil
    }
  }
}

extension SplitMix64 {
  private mutating func any<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }

  /// Of few values, so that rules meet.
  mutating func lintPacket() throws -> LintPacket {
    let isV6 = chance(3)
    let lists = try ["one", "two"].map { try ListName($0) }
    return LintPacket(
      from: lintAddress(isV6), to: lintAddress(isV6), number: any([1, 6, 6, 17, 47, 58, 132]),
      port: any([1, 2, 3, 4]), sourcePort: any([1, 2, 3, 4]), octet: any([0, 2, 3, 8, 0x12, 128]),
      code: any([0, 1]), length: any([40, 100, 1000]), hopLimit: any([1, 64]), dscp: any([0, 46]),
      vlan: any([0, 7]), fragment: any(LintPacket.Fragment.allCases + [.none, .none]),
      className: try any([ClassName.foreign, ClassName("a"), ClassName("b")]),
      interface: any(["eth0", "eth1"]), socket: any(SocketState.allCases),
      fromLists: Set(lists.filter { _ in chance(3) }),
      toLists: Set(lists.filter { _ in chance(3) }))
  }

  private mutating func lintAddress(_ isV6: Bool) -> IPAddress {
    let low = UInt32.random(in: 0...7, using: &self)
    return isV6 ? .v6(0x2001_0db8 << 96 | UInt128(low)) : .v4(0xc000_0200 | low)
  }

  private mutating func lintPrefixes() -> [Prefix] {
    (0...Int.random(in: 0...1, using: &self)).map { _ in
      let address = lintAddress(chance(3))
      return Prefix(masking: address, length: address.width - any([0, 1, 2, 3, 8]))
    }
  }

  private mutating func lintNumbers(_ values: ClosedRange<UInt16>) -> NumberSet {
    let one = UInt16.random(in: values, using: &self)
    return NumberSet([one...UInt16.random(in: one...values.upperBound, using: &self)])
  }

  /// Out of few values.
  mutating func lintRule(_ name: String) throws -> Rule {
    var rule = Rule(
      try RuleName(name), any([.drop, .allow, .allow, .limit(nil, isTotal: false)]))
    for _ in 0..<Int.random(in: 0...3, using: &self) { try setField(of: &rule.match) }
    if chance(4) { try setField(of: &rule.exceptions) }
    rule.isMonitored = chance(8)
    rule.expires = chance(6) ? .random(in: 1...3, using: &self) << 58 : nil
    return rule
  }

  private mutating func setField(of match: inout RuleMatch) throws {
    switch Int.random(in: 0...14, using: &self) {
    case 0...1:
      let lists = chance(4) ? [try ListName(any(["one", "two"]))] : []
      match.from = RuleAddresses(lists.isEmpty || chance(2) ? lintPrefixes() : [], lists: lists)
    case 2: match.to = RuleAddresses(lintPrefixes())
    case 3: match.protocols = RuleProtocols([any([.tcp, .udp, .icmp, .icmpv6, .gre])])
    case 4...5: match.ports = RulePorts(lintNumbers(1...4), any([nil, nil, .tcp, .udp]))
    case 6: match.sourcePorts = RulePorts(lintNumbers(1...4))
    case 7: match.classes = RuleClasses([any([.foreign, try ClassName("a"), try ClassName("b")])])
    case 8: match.tcpFlags = any([.syn, TCPFlags(0x02, of: 0x02), TCPFlags(0, of: 0x01)])
    case 9:
      match.icmp = ICMPKinds([
        any([.init(v4: 8, v6: 128), .init(v4: 8, v6: 128, code: 0), .init(v4: 0, v6: 0)])
      ])
    case 10: match.lengths = any([NumberSet([0...100]), NumberSet([50...2000])])
    case 11: match.isFragment = chance(2)
    case 13:
      match.sockets = RuleSockets([any(SocketState.allCases), any(SocketState.allCases)])
    case 12: match.interfaces = RuleInterfaces([any(["eth0", "eth1"])])
    default: match.vlans = NumberSet([any([0...0, 7...7, 0...10])])
    }
  }
}
