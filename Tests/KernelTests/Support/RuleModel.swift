import Aegis
import CAegis

@testable import TestModel

/// What rules, and what surrounds them, should do with packet after packet. It knows nothing of how the product
/// compiles them.
struct RuleModel {
  struct Outcome: Equatable {
    var reason: Reason
    var wouldDrop: Reason?
    /// The rule that decided, or limits the packet.
    var rule: RuleName?
    /// Those before it that only count.
    var monitored: Set<RuleName> = []
  }

  /// Where the host has a socket for TCP that listens, and one for UDP that is not connected.
  static let (tcpPort, udpPort) = (1024 as UInt16, 1023 as UInt16)

  static func isListened(_ port: UInt16, _ protocolNumber: UInt8) -> Bool {
    protocolNumber == 6 && port == tcpPort || protocolNumber == 17 && port == udpPort
  }

  let direction: Direction
  /// Of one direction.
  private let policy: Aegis.Policy
  private let classes: [ClassName: AddressClass]
  /// The live members of lists.
  private let lists: [ListName: [Prefix]]
  /// Packets that rules matched.
  private(set) var counts: [RuleName: Int] = [:]
  /// What is left of the total rate, and of those of rules.
  private var left: [RuleName?: UInt32] = [:]

  init(_ policy: Aegis.Policy, _ direction: Direction) {
    let part = direction == .out ? policy.out ?? Aegis.Policy() : policy
    self.direction = direction
    self.policy = part
    classes = policy.classes ?? [:]
    lists = policy.listed.reduce(into: [:]) { lists, list in
      // What expires did so a nanosecond after boot.
      let isOver = policy.lists?[list.key]?.expires != nil
      lists[list.key] = isOver ? [] : list.value.filter { $0.value.expires == nil }.map(\.key)
    }
    mode = policy.mode ?? .enforce
    rules = (part.rules ?? []).map(StatedRule.init)
    if let rate = part.rates?.first { left[nil] = rate.rate.burst }
    for rule in part.rules ?? [] {
      if case .limit(let rate?, _) = rule.action { left[rule.name] = rate.burst }
    }
  }

  private let mode: PolicyDefaults.Mode
  private let rules: [StatedRule]

  /// - Parameter interface: By which it comes; nil is none that is known.
  mutating func judge(_ frame: [UInt8], on interface: String?) -> Outcome {
    var outcome = Outcome(reason: Reason(AEGIS_PASS_DEFAULT))
    outcome.reason = Reason(decide(frame, on: interface, &outcome))
    if outcome.reason.verdict == .drop, mode == .monitor {
      outcome.wouldDrop = outcome.reason
      outcome.reason = Reason(AEGIS_PASS_MONITORED)
    }
    return outcome
  }

  private var denies: Bool { policy.defaultAction == .deny }

  private mutating func decide(
    _ frame: [UInt8], on interface: String?, _ outcome: inout Outcome
  ) -> aegis_reason {
    do throws(Unreadable) {
      switch try Content(of: frame, direction) {
      case .ip(let packet): return decide(packet, on: interface, &outcome)
      case .arp: return AEGIS_PASS_ARP
      case .linkControl: return AEGIS_PASS_LINK_CONTROL
      case .other: return denies ? AEGIS_DROP_NOT_IP : AEGIS_PASS_NOT_IP
      }
    } catch {
      switch error {
      case .malformed: return AEGIS_DROP_MALFORMED
      case .tooManyExtensions: return AEGIS_DROP_EXTENSION_HEADERS
      case .tooManyTags: return AEGIS_DROP_VLAN_TAGS
      }
    }
  }

  private mutating func decide(
    _ packet: Packet, on interface: String?, _ outcome: inout Outcome
  ) -> aegis_reason {
    let isWithoutPort = denies && packet.isFragment
    let keys = (policy.keys ?? [:]).keys.filter {
      packet.isNamed(by: $0.key) && (!isWithoutPort || $0.key.ports == nil)
    }
    if keys.contains(where: \.isProtected) { return AEGIS_PASS_PROTECTED }
    let drops = (policy.drops ?? [:]).keys.filter { $0.contains(packet.peer) }
    if let drop = drops.max(by: { $0.length < $1.length }) {
      return drop.isHost ? AEGIS_DROP_HOST : AEGIS_DROP_PREFIX
    }
    if packet.isNeighbour { return AEGIS_PASS_NEIGHBOUR }
    var reason = keys.isEmpty ? byDefault(packet) : AEGIS_PASS_KEY
    if Reason(reason).verdict == .drop, packet.isAnswer(of: [Self.tcpPort]) {
      reason = AEGIS_PASS_REPLY
    }
    var limit = RuleName?.none
    var isHooked = false
    let facts = Facts(
      packet: packet, interface: interface, className: className(of: packet.peer), lists: lists)
    rules: for stated in rules where holds(stated, for: facts) {
      let rule = stated.rule
      counts[rule.name, default: 0] += 1
      if rule.isMonitored {
        outcome.monitored.insert(rule.name)
        if rule.action == .drop { outcome.wouldDrop = Reason(AEGIS_DROP_RULE) }
        continue
      }
      outcome.rule = rule.name
      switch rule.action {
      case .drop: return AEGIS_DROP_RULE
      case .allow: reason = AEGIS_PASS_RULE
      case .limit(let rate, _):
        if Reason(reason).verdict == .drop || rate == nil { return reason }
        limit = rule.name
      case .hook: isHooked = true
      }
      break rules
    }
    guard Reason(reason).verdict == .pass else { return reason }
    if let tokens = left[limit] {
      if tokens == 0 { return AEGIS_DROP_RATE }
      left[limit] = tokens - 1
    }
    // There is no program.
    return isHooked ? AEGIS_PASS_HOOK_MISSING : reason
  }

  private func className(of address: IPAddress) -> ClassName {
    let claims = classes.flatMap { name, one in one.prefixes.map { (name, $0) } }
    return claims.filter { $0.1.contains(address) }.max { $0.1.length < $1.1.length }?.0
      ?? .foreign
  }

  private func holds(_ stated: StatedRule, for facts: Facts) -> Bool {
    for field in stated.fields where facts.answer(field.asks) != field.isWanted { return false }
    if stated.rule.expires != nil { return false }
    let asks = stated.rule.action == .allow && denies && stated.asksForHeader
    return !(asks && facts.packet.isFragment)
  }

  private func byDefault(_ packet: Packet) -> aegis_reason {
    switch (denies, packet.isLaterFragment) {
    case (false, true): AEGIS_PASS_FRAGMENT
    case (false, false): AEGIS_PASS_DEFAULT
    case (true, _) where packet.isTooBig: AEGIS_PASS_PACKET_TOO_BIG
    case (true, true): AEGIS_DROP_FRAGMENT
    case (true, false): AEGIS_DROP_DEFAULT
    }
  }
}

/// A rule as the list of what it states.
private struct StatedRule {
  enum Field {
    case from(RuleAddresses)
    case to(RuleAddresses)
    case protocols(RuleProtocols)
    case port(RulePorts)
    case sourcePort(RulePorts)
    case classes(RuleClasses)
    case flags(TCPFlags)
    case icmp(ICMPKinds)
    case length(NumberSet)
    case hopLimit(NumberSet)
    case dscp(NumberSet)
    case vlan(NumberSet)
    case fragment(Bool)
    case interface(RuleInterfaces)
    case socket(RuleSockets)
  }

  let rule: Rule
  let fields: [(asks: Field, isWanted: Bool)]
  let asksForHeader: Bool

  init(_ rule: Rule) {
    self.rule = rule
    fields =
      Self.fields(rule.match).map { ($0, true) } + Self.fields(rule.exceptions).map { ($0, false) }
    asksForHeader = fields.contains {
      switch $0.asks {
      case .port, .sourcePort, .flags, .icmp: true
      default: false
      }
    }
  }

  private static func fields(_ match: RuleMatch) -> [Field] {
    let all: [Field?] = [
      match.from.map(Field.from), match.to.map(Field.to), match.protocols.map(Field.protocols),
      match.ports.map(Field.port), match.sourcePorts.map(Field.sourcePort),
      match.classes.map(Field.classes), match.tcpFlags.map(Field.flags),
      match.icmp.map(Field.icmp), match.lengths.map(Field.length),
      match.hopLimits.map(Field.hopLimit), match.dscp.map(Field.dscp),
      match.vlans.map(Field.vlan), match.isFragment.map(Field.fragment),
      match.interfaces.map(Field.interface), match.sockets.map(Field.socket),
    ]
    return all.compactMap(\.self)
  }
}

/// What rules ask of a packet.
private struct Facts {
  let packet: Packet
  let interface: String?
  let className: ClassName
  let lists: [ListName: [Prefix]]

  /// Whether the packet matches a field; nil if it has none.
  func answer(_ field: StatedRule.Field) -> Bool? {
    switch field {
    case .from(let from): names(from, packet.source)
    case .to(let to): names(to, packet.destination)
    case .protocols(let protocols): protocols.numbers.contains(packet.protocolNumber)
    case .port(let ports): names(ports, packet.port)
    case .sourcePort(let ports): names(ports, packet.sourcePort)
    case .classes(let classes): classes.names.contains(className)
    case .flags(let flags):
      packet.protocolNumber == 6 && !packet.isLaterFragment
        ? packet.flags & flags.mask == flags.values : nil
    case .icmp(let icmp): names(icmp)
    case .length(let lengths): names(lengths, packet.length)
    case .hopLimit(let hops): names(hops, Int(packet.hopLimit))
    case .dscp(let dscp): names(dscp, Int(packet.dscp))
    case .vlan(let vlans): names(vlans, Int(packet.vlan))
    case .fragment(let isFragment): packet.isFragment == isFragment
    case .interface(let interfaces): interface.map(interfaces.names.contains) ?? false
    case .socket(let sockets): socket.map(sockets.states.contains)
    }
  }

  private var socket: SocketState? {
    guard !packet.isFragment, [6, 17].contains(packet.protocolNumber), let port = packet.port else {
      return nil
    }
    return RuleModel.isListened(port, packet.protocolNumber) ? .listen : SocketState.none
  }

  private func names(_ addresses: RuleAddresses, _ address: IPAddress) -> Bool {
    addresses.prefixes.contains { $0.contains(address) }
      || addresses.lists.contains { lists[$0, default: []].contains { $0.contains(address) } }
  }

  private func names(_ ports: RulePorts, _ port: UInt16?) -> Bool? {
    guard let port, ports.protocol.map({ $0.rawValue == packet.protocolNumber }) ?? true else {
      return nil
    }
    return names(ports.numbers, Int(port))
  }

  private func names(_ numbers: NumberSet, _ number: Int) -> Bool {
    numbers.ranges.contains { Int($0.lowerBound) <= number && number <= Int($0.upperBound) }
  }

  private func names(_ kinds: ICMPKinds) -> Bool? {
    guard let icmp = packet.icmp else { return nil }
    return kinds.kinds.contains { kind in
      (packet.protocolNumber == 1 ? kind.v4 : kind.v6) == icmp.type
        && (kind.code == nil || kind.code == icmp.code)
    }
  }
}
