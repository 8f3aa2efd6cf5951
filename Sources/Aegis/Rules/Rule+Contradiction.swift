extension Rule {
  /// Why no packet can match it, as in "no packet has both protocol udp and port 80/tcp"; nil if some may.
  ///
  /// It does not know what lists and classes have in common, so it does not find every such rule.
  public var contradiction: String? { exhausted ?? excluding }

  /// A field of which the exceptions leave nothing.
  private var exhausted: String? {
    guard let selector = RuleSelector.allCases.first(where: isExhausted) else { return nil }
    let excluded = "not-\(selector.word) \(exceptions.text(of: selector) ?? "")"
    let wanted = match.text(of: selector).map { " of \(selector.word) \($0)" }
    return "\(excluded) leaves nothing\(wanted ?? "")"
  }

  private func isExhausted(_ selector: RuleSelector) -> Bool {
    switch selector {
    case .from: RuleAddresses.isNothing(match.from, without: exceptions.from)
    case .to: RuleAddresses.isNothing(match.to, without: exceptions.to)
    case .protocol: isSubset(\.protocols?.numbers)
    case .port: isSubset(\.ports?.numbers, of: 0...UInt16.max)
    case .sourcePort: isSubset(\.sourcePorts?.numbers, of: 0...UInt16.max)
    case .class: isSubset(\.classes?.names)
    case .tcpFlags:
      exceptions.tcpFlags.map { gone in
        (0...UInt8.max).allSatisfy { match.tcpFlags?.matches($0) == false || gone.matches($0) }
      } ?? false
    case .icmp: match.icmp != nil && exceptions.icmp != nil && headers?.isEmpty == true
    case .length: isSubset(\.lengths, of: 0...UInt16.max)
    case .hopLimit: isSubset(\.hopLimits, of: 0...255)
    case .dscp: isSubset(\.dscp, of: 0...63)
    case .vlan: isSubset(\.vlans, of: 0...4095)
    case .fragment: match.isFragment != nil && match.isFragment == exceptions.isFragment
    case .interface: isSubset(\.interfaces?.names)
    }
  }

  private func isSubset(_ field: (RuleMatch) -> [some Hashable]?) -> Bool {
    guard let wanted = field(match), let gone = field(exceptions) else { return false }
    return Set(wanted).isSubset(of: gone)
  }

  private func isSubset(
    _ field: (RuleMatch) -> NumberSet?, of bounds: ClosedRange<UInt16>
  ) -> Bool {
    guard let gone = field(exceptions) else { return false }
    return (field(match) ?? NumberSet([bounds])).ranges.allSatisfy { range in
      gone.ranges.contains { $0.contains(range.lowerBound) && $0.contains(range.upperBound) }
    }
  }

  /// Fields that no packet has together.
  private var excluding: String? {
    let stated = kinds
    for (index, one) in stated.enumerated() {
      if let other = stated[..<index].first(where: { $0.kinds.isDisjoint(with: one.kinds) }) {
        return "no packet has both \(other.text) and \(one.text)"
      }
    }
    guard var left = stated.first?.kinds else { return nil }
    for one in stated { left.formIntersection(one.kinds) }
    if !left.isEmpty { return nil }
    return "no packet has all of \(stated.map(\.text).joined(separator: ", "))"
  }

  /// The kinds of packets that have each field.
  private var kinds: [(text: String, kinds: Set<PacketKind>)] {
    RuleSelector.allCases.flatMap { selector -> [(text: String, kinds: Set<PacketKind>)] in
      [("", match, false), ("not-", exceptions, true)].compactMap { not, match, isNegated in
        guard let text = match.text(of: selector),
          let kinds = match.kinds(of: selector, isNegated: isNegated)
        else { return nil }
        return ("\(not)\(selector.word) \(text)", kinds)
      }
    }
  }
}

/// A protocol of a family.
private struct PacketKind: Hashable {
  let number: UInt8
  let isV6: Bool

  static func all(
    _ numbers: some Sequence<UInt8> = 0...UInt8.max, v4: Bool = true, v6: Bool = true
  ) -> Set<PacketKind> {
    Set(
      numbers.flatMap { number in
        [(v4, false), (v6, true)].filter(\.0).map { PacketKind(number: number, isV6: $0.1) }
      })
  }

  static func of(_ protocols: [TransportProtocol]) -> Set<PacketKind> {
    all(protocols.map(\.rawValue))
  }
}

extension RuleMatch {
  /// nil if packets of all kinds may have the field.
  fileprivate func kinds(of selector: RuleSelector, isNegated: Bool) -> Set<PacketKind>? {
    switch selector {
    case .from: isNegated ? nil : from?.kinds
    case .to: isNegated ? nil : to?.kinds
    case .protocol:
      protocols.map { protocols in
        PacketKind.all(
          (0...UInt8.max).filter { protocols.numbers.contains($0) != isNegated })
      }
    case .port: ports?.kinds
    case .sourcePort: sourcePorts?.kinds
    case .tcpFlags: tcpFlags.map { _ in PacketKind.of([.tcp]) }
    case .icmp: icmp.map { isNegated ? ICMPKinds.allKinds : $0.packetKinds }
    case .class, .length, .hopLimit, .dscp, .vlan, .fragment, .interface: nil
    }
  }
}

extension RuleAddresses {
  fileprivate var kinds: Set<PacketKind>? {
    if !lists.isEmpty { return nil }
    return PacketKind.all(
      v4: prefixes.contains { $0.address.width == 32 },
      v6: prefixes.contains { $0.address.width == 128 })
  }

  /// Whether none of the wanted addresses is left.
  ///
  /// - Parameter wanted: nil is all.
  fileprivate static func isNothing(_ wanted: RuleAddresses?, without gone: RuleAddresses?) -> Bool
  {
    guard let gone else { return false }
    let wanted = wanted ?? RuleAddresses(everything)
    return Set(wanted.lists).isSubset(of: gone.lists)
      && wanted.prefixes.allSatisfy { prefix in gone.prefixes.contains { $0.contains(prefix) } }
  }
}

extension RulePorts {
  fileprivate var kinds: Set<PacketKind> {
    PacketKind.of(`protocol`.map { [$0] } ?? [.tcp, .udp, .sctp])
  }
}

extension ICMPKinds {
  fileprivate static let allKinds =
    PacketKind.all([TransportProtocol.icmp.rawValue], v6: false)
    .union(PacketKind.all([TransportProtocol.icmpv6.rawValue], v4: false))

  fileprivate var packetKinds: Set<PacketKind> {
    Self.allKinds.filter { kind in kinds.contains { (kind.isV6 ? $0.v6 : $0.v4) != nil } }
  }
}
