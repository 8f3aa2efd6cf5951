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
    if let rate = part.rates?.first { left[nil] = rate.rate.burst }
    for rule in part.rules ?? [] {
      if case .limit(let rate?, _) = rule.action { left[rule.name] = rate.burst }
    }
  }

  private let mode: PolicyDefaults.Mode

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
      packet.isNamed(by: $0.key) && (!isWithoutPort || $0.key.port == nil)
    }
    if keys.contains(where: \.isProtected) { return AEGIS_PASS_PROTECTED }
    let drops = (policy.drops ?? [:]).keys.filter { $0.contains(packet.peer) }
    if let drop = drops.max(by: { $0.length < $1.length }) {
      return drop.isHost ? AEGIS_DROP_HOST : AEGIS_DROP_PREFIX
    }
    if packet.isNeighbour { return AEGIS_PASS_NEIGHBOUR }
    var reason = keys.isEmpty ? byDefault(packet) : AEGIS_PASS_KEY
    var limit = RuleName?.none
    let facts = Facts(
      packet: packet, interface: interface, className: className(of: packet.peer), lists: lists)
    rules: for rule in policy.rules ?? [] where holds(rule, for: facts) {
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
      }
      break rules
    }
    guard Reason(reason).verdict == .pass, let tokens = left[limit] else { return reason }
    if tokens == 0 { return AEGIS_DROP_RATE }
    left[limit] = tokens - 1
    return reason
  }

  private func className(of address: IPAddress) -> ClassName {
    let claims = classes.flatMap { name, one in one.prefixes.map { (name, $0) } }
    return claims.filter { $0.1.contains(address) }.max { $0.1.length < $1.1.length }?.0
      ?? .foreign
  }

  private func holds(_ rule: Rule, for facts: Facts) -> Bool {
    if rule.expires != nil || !facts.match(rule.match, rule.exceptions) { return false }
    let asks = [rule.match, rule.exceptions].contains {
      $0.ports != nil || $0.sourcePorts != nil || $0.tcpFlags != nil || $0.icmp != nil
    }
    return !(rule.action == .allow && denies && asks && facts.packet.isFragment)
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

/// What rules ask of a packet.
private struct Facts {
  let packet: Packet
  let interface: String?
  let className: ClassName
  let lists: [ListName: [Prefix]]

  /// Whether all stated fields match, and the packet has all those that are excluded, and none of them matches.
  func match(_ wanted: RuleMatch, _ unwanted: RuleMatch) -> Bool {
    answers(wanted).allSatisfy { $0 == true } && answers(unwanted).allSatisfy { $0 == false }
  }

  /// Of each stated field whether it matches; nil if the packet has none.
  private func answers(_ match: RuleMatch) -> [Bool?] {
    var answers: [Bool?] = []
    if let from = match.from { answers.append(names(from, packet.source)) }
    if let to = match.to { answers.append(names(to, packet.destination)) }
    if let protocols = match.protocols {
      answers.append(protocols.numbers.contains(packet.protocolNumber))
    }
    if let ports = match.ports { answers.append(names(ports, packet.port)) }
    if let ports = match.sourcePorts { answers.append(names(ports, packet.sourcePort)) }
    if let classes = match.classes { answers.append(classes.names.contains(className)) }
    if let flags = match.tcpFlags {
      let isTCP = packet.protocolNumber == 6 && !packet.isLaterFragment
      answers.append(isTCP ? packet.flags & flags.mask == flags.values : nil)
    }
    if let icmp = match.icmp { answers.append(names(icmp)) }
    if let lengths = match.lengths { answers.append(names(lengths, packet.length)) }
    if let hops = match.hopLimits { answers.append(names(hops, Int(packet.hopLimit))) }
    if let dscp = match.dscp { answers.append(names(dscp, Int(packet.dscp))) }
    if let vlans = match.vlans { answers.append(names(vlans, Int(packet.vlan))) }
    if let isFragment = match.isFragment { answers.append(packet.isFragment == isFragment) }
    if let interfaces = match.interfaces {
      answers.append(interface.map(interfaces.names.contains) ?? false)
    }
    return answers
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
