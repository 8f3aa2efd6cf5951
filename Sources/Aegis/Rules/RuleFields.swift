internal import CAegis

/// The values that a rule leaves, for each dimension that one table classifies; nil: it does not ask for it.
extension Rule {
  private typealias Ranges = [ClosedRange<UInt32>]

  private static func all(_ count: UInt32) -> [ClosedRange<UInt32>] { [0...(count - 1)] }

  /// The numbers below `count` that are in both sets.
  private static func both(
    _ wanted: [ClosedRange<UInt32>]?, without unwanted: [ClosedRange<UInt32>]?, count: UInt32
  ) -> [ClosedRange<UInt32>]? {
    if wanted == nil, unwanted == nil { return nil }
    var left: [ClosedRange<UInt32>] = []
    for range in wanted ?? all(count) {
      var next = range.lowerBound
      for gone in unwanted ?? [] where gone.overlaps(range) {
        if gone.lowerBound > next { left.append(next...(gone.lowerBound - 1)) }
        next = gone.upperBound + 1
      }
      if next <= range.upperBound { left.append(next...range.upperBound) }
    }
    return left
  }

  private static func numbers(_ set: NumberSet?) -> [ClosedRange<UInt32>]? {
    set.map { $0.ranges.map { UInt32($0.lowerBound)...UInt32($0.upperBound) } }
  }

  fileprivate static func ranges(_ numbers: some Sequence<UInt32>) -> [ClosedRange<UInt32>] {
    var ranges: [ClosedRange<UInt32>] = []
    for number in Set(numbers).sorted() {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges
  }

  /// The protocols of its ports, if they say one.
  private var portProtocols: [TransportProtocol] {
    [match.ports, match.sourcePorts, exceptions.ports, exceptions.sourcePorts]
      .compactMap { $0?.protocol }
  }

  /// - Returns: In order, none touching the next one.
  func values(
    of dimension: aegis_rule_dimension, count: UInt32, _ numbers: RuleNumbers
  ) -> [ClosedRange<UInt32>]? {
    func both(_ field: (RuleMatch) -> [ClosedRange<UInt32>]?) -> [ClosedRange<UInt32>]? {
      Self.both(field(match), without: field(exceptions), count: count)
    }
    switch dimension {
    case AEGIS_RULE_PROTOCOL:
      var values = both { $0.protocols.map { Self.ranges($0.numbers.map(UInt32.init)) } }
      for one in portProtocols {
        let only = UInt32(one.rawValue)
        values = (values ?? Self.all(count)).contains { $0.contains(only) } ? [only...only] : []
      }
      return values
    case AEGIS_RULE_PORT: return both { Self.numbers($0.ports?.numbers) }
    case AEGIS_RULE_SOURCE_PORT: return both { Self.numbers($0.sourcePorts?.numbers) }
    case AEGIS_RULE_LENGTH: return both { Self.numbers($0.lengths) }
    case AEGIS_RULE_HOP_LIMIT: return both { Self.numbers($0.hopLimits) }
    case AEGIS_RULE_DSCP: return both { Self.numbers($0.dscp) }
    case AEGIS_RULE_VLAN: return both { Self.numbers($0.vlans) }
    case AEGIS_RULE_FRAGMENT:
      return both { $0.isFragment.map { $0 ? [1...1] : [0...0] } }
    case AEGIS_RULE_PEER_CLASS:
      return both { $0.classes.map { Self.ranges($0.names.compactMap { numbers.classes[$0] }) } }
    case AEGIS_RULE_INTERFACE:
      return both {
        $0.interfaces.map {
          Self.ranges($0.names.compactMap { numbers.interfaces[$0].map { $0 + 1 } })
        }
      }
    case AEGIS_RULE_SOCKET:
      // A packet that no socket can be for does not match either way.
      if match.sockets == nil, exceptions.sockets == nil { return nil }
      return Self.both(
        match.sockets?.ranges ?? [1...(count - 1)], without: exceptions.sockets?.ranges,
        count: count)
    default: return nil
    }
  }

  /// The values of the header, each with the code of ICMP in its lowest 8 bits.
  var headers: [ClosedRange<UInt32>]? {
    let asked = matches.contains { $0.tcpFlags != nil || $0.icmp != nil }
    if !asked { return nil }
    var left = [Bool](repeating: false, count: 4 << 8)
    var codes: [UInt32: Set<UInt8>] = [:]
    let (tcp, icmp, icmpv6) = (
      AEGIS_RULE_TCP.rawValue, AEGIS_RULE_ICMP.rawValue, AEGIS_RULE_ICMPV6.rawValue
    )
    let isOfTCP = match.tcpFlags != nil || exceptions.tcpFlags != nil
    let isOfICMP = match.icmp != nil || exceptions.icmp != nil
    // A packet cannot have both.
    if isOfTCP, isOfICMP { return [] }
    if isOfTCP {
      for flags in 0...UInt8.max {
        left[Int(tcp) << 8 | Int(flags)] =
          match.tcpFlags?.matches(flags) != false && exceptions.tcpFlags?.matches(flags) != true
      }
    } else {
      for (kind, isV6) in [(icmp, false), (icmpv6, true)] {
        for type in 0...UInt8.max {
          let value = kind << 8 | UInt32(type)
          let wanted = match.icmp?.codes(of: type, isV6: isV6) ?? .all
          let unwanted = exceptions.icmp?.codes(of: type, isV6: isV6) ?? .some([])
          switch (wanted, unwanted) {
          case (_, .all): break
          case (.all, .some(let gone)):
            left[Int(value)] = true
            if !gone.isEmpty { codes[value] = Set(0...UInt8.max).subtracting(gone) }
          case (.some(let some), .some(let gone)):
            left[Int(value)] = true
            codes[value] = some.subtracting(gone)
          }
        }
      }
    }
    var ranges: [ClosedRange<UInt32>] = []
    func add(_ range: ClosedRange<UInt32>) {
      if let last = ranges.last, last.upperBound + 1 == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound...range.upperBound
      } else {
        ranges.append(range)
      }
    }
    for value in 0..<UInt32(left.count) where left[Int(value)] {
      guard let some = codes[value] else {
        add(value << 8...(value << 8 | 0xff))
        continue
      }
      for range in Self.ranges(some.map(UInt32.init)) {
        add((value << 8 | range.lowerBound)...(value << 8 | range.upperBound))
      }
    }
    return ranges
  }

  /// Whether it asks for what only the first fragment of a packet has.
  var needsHeader: Bool {
    matches.contains {
      $0.ports != nil || $0.sourcePorts != nil || $0.tcpFlags != nil || $0.icmp != nil
    }
  }
}

extension SocketState {
  /// Its `enum aegis_socket`.
  var number: UInt32 {
    switch self {
    case .none: AEGIS_SOCKET_NONE.rawValue
    case .listen: AEGIS_SOCKET_LISTEN.rawValue
    case .established: AEGIS_SOCKET_ESTABLISHED.rawValue
    }
  }
}

extension RuleSockets {
  fileprivate var ranges: [ClosedRange<UInt32>] { Rule.ranges(states.map(\.number)) }
}

extension ICMPKinds {
  enum Codes {
    case all
    case some(Set<UInt8>)
  }

  /// The codes of a type that are among these.
  func codes(of type: UInt8, isV6: Bool) -> Codes {
    let meant = kinds.filter { (isV6 ? $0.v6 : $0.v4) == type }
    if meant.contains(where: { $0.code == nil }) { return .all }
    return .some(Set(meant.compactMap(\.code)))
  }
}

/// The numbers of what rules name.
struct RuleNumbers {
  /// Those of the lists that rules name.
  var lists: [ListName: Int] = [:]
  var classes: [ClassName: UInt32] = [:]
  /// The slots of interfaces.
  var interfaces: [String: UInt32] = [:]

  init() {}

  /// Any numbers that tell apart what rules name.
  ///
  /// - Parameter others: Classes besides those that they name.
  init(tellingApart rules: [Rule], classes others: some Sequence<ClassName> = [ClassName]()) {
    let classes = Set(rules.flatMap(\.classNames)).union(others).sorted()
    for (number, name) in classes.enumerated() { self.classes[name] = UInt32(number) }
    let interfaces = Set(rules.flatMap(\.interfaceNames)).sorted()
    for (number, name) in interfaces.enumerated() { self.interfaces[name] = UInt32(number) }
  }
}
