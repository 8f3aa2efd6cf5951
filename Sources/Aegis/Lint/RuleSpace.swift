internal import CAegis

/// The packets that a rule accepts: for each dimension of a packet the values that it leaves, as the datapath has them.
struct RuleSpace {
  enum Dimension: Int, CaseIterable {
    case `protocol`, port, sourcePort, length, hopLimit, dscp, vlan, fragment, peerClass, interface
    case header, socket
  }

  private var values: [NumberSpans]
  var from: AddressSpans
  var to: AddressSpans

  /// The values of `fragment`: no fragment, the first one of a packet, and a later one.
  private static let (whole, first, later) = (0, 1, 2)
  /// The port of a packet without ports.
  private static let noPort = 1 << 16
  /// Of a packet that no socket can be for.
  private static let noSocket = 0
  private static let ported = NumberSpans(6, 17, 132)

  subscript(dimension: Dimension) -> NumberSpans {
    get { values[dimension.rawValue] }
    set { values[dimension.rawValue] = newValue }
  }

  /// - Parameter admitsFragments: Whether an allow rule that asks for ports, flags or types admits fragments: under
  ///   the default deny it does not.
  init(_ rule: Rule, _ numbers: RuleNumbers, admitsFragments: Bool) {
    func spans(_ dimension: aegis_rule_dimension, _ count: UInt32) -> NumberSpans {
      rule.values(of: dimension, count: count, numbers).map { NumberSpans($0) }
        ?? NumberSpans(0...UInt128(count - 1))
    }
    func ports(_ dimension: aegis_rule_dimension) -> NumberSpans {
      rule.values(of: dimension, count: UInt32(Self.noPort), numbers).map { NumberSpans($0) }
        ?? NumberSpans(0...UInt128(Self.noPort))
    }
    let fragment = spans(AEGIS_RULE_FRAGMENT, 2)
    var fragments: [Int] = fragment.contains(0) ? [Self.whole] : []
    if fragment.contains(1), admitsFragments || rule.action != .allow || !rule.needsHeader {
      fragments += [Self.first, Self.later]
    }
    values = [
      spans(AEGIS_RULE_PROTOCOL, 256), ports(AEGIS_RULE_PORT), ports(AEGIS_RULE_SOURCE_PORT),
      spans(AEGIS_RULE_LENGTH, 1 << 16), spans(AEGIS_RULE_HOP_LIMIT, 256),
      spans(AEGIS_RULE_DSCP, 64), spans(AEGIS_RULE_VLAN, 4096),
      NumberSpans(fragments.map { UInt128($0)...UInt128($0) }),
      spans(AEGIS_RULE_PEER_CLASS, Self.names), spans(AEGIS_RULE_INTERFACE, Self.names),
      rule.headers.map { NumberSpans($0) } ?? NumberSpans(0...(4 << 16 - 1)),
      spans(AEGIS_RULE_SOCKET, 4),
    ]
    from = AddressSpans(rule.match.from, without: rule.exceptions.from)
    to = AddressSpans(rule.match.to, without: rule.exceptions.to)
  }

  /// More than there can be classes or interfaces.
  private static let names: UInt32 = 1 << 16
}

// MARK: - Comparing

extension RuleSpace {
  /// A dimension, or the addresses of one end.
  enum Axis: Hashable {
    case value(Dimension)
    case from, to

    static let all = [from, to] + Dimension.allCases.map(value)
  }

  func contains(_ other: RuleSpace, on axis: Axis) -> Bool {
    switch axis {
    case .value(let dimension): self[dimension].contains(other[dimension])
    case .from: from.contains(other.from)
    case .to: to.contains(other.to)
    }
  }

  /// Whether it has each packet that the other one has.
  func contains(_ other: RuleSpace) -> Bool {
    Axis.all.allSatisfy { contains(other, on: $0) }
  }

  /// Whether both may have one packet.
  func mayMeet(_ other: RuleSpace) -> Bool {
    from.mayMeet(other.from) && to.mayMeet(other.to)
      && Dimension.allCases.allSatisfy { self[$0].meets(other[$0]) }
  }

  /// The only axis on which it lacks values of the other one; nil if there is none, or several.
  func onlyGap(to other: RuleSpace) -> Axis? {
    var gap: Axis?
    for axis in Axis.all where !contains(other, on: axis) {
      if gap != nil { return nil }
      gap = axis
    }
    switch gap {
    case .from: return from.isKnown && other.from.isKnown ? gap : nil
    case .to: return to.isKnown && other.to.isKnown ? gap : nil
    default: return gap
    }
  }

  /// Takes the values of another one away on one axis.
  ///
  /// - Returns: Whether any were there.
  mutating func subtract(_ other: RuleSpace, on axis: Axis) -> Bool {
    switch axis {
    case .value(let dimension):
      let before = self[dimension]
      self[dimension] = before.subtracting(other[dimension])
      return self[dimension] != before
    case .from:
      let before = from
      from.subtract(other.from)
      return from.v4 != before.v4 || from.v6 != before.v6
    case .to:
      let before = to
      to.subtract(other.to)
      return to.v4 != before.v4 || to.v6 != before.v6
    }
  }

  /// Whether there is no value left on an axis.
  func isEmpty(on axis: Axis) -> Bool {
    switch axis {
    case .value(let dimension): self[dimension].isEmpty
    case .from: !from.hasV4 && !from.hasV6
    case .to: !to.hasV4 && !to.hasV6
    }
  }

  var isEmpty: Bool { Axis.all.contains { isEmpty(on: $0) } }
}

// MARK: - Packets that exist

extension RuleSpace {
  private static func header(_ kind: aegis_rule_header) -> NumberSpans {
    let first = UInt128(kind.rawValue) << 16
    return NumberSpans(first...(first | 0xffff))
  }

  private static let (other, tcp, icmp, icmpv6) = (
    header(AEGIS_RULE_OTHER), header(AEGIS_RULE_TCP), header(AEGIS_RULE_ICMP),
    header(AEGIS_RULE_ICMPV6)
  )

  /// The same packets, without values that no packet has together with what is left on the other axes: ports imply a
  /// protocol that has them, for example. If there is no packet at all, it is empty.
  var possible: RuleSpace {
    var space = self
    // What one axis loses may take something from those before it.
    for _ in 0..<4 { space.narrow() }
    return space
  }

  private mutating func narrow() {
    narrowProtocols()
    narrowFamilies()
    narrowHeaders()
    narrowSockets()
  }

  private mutating func keep(_ dimension: Dimension, _ spans: NumberSpans) {
    self[dimension] = self[dimension].intersection(spans)
  }

  private mutating func lose(_ dimension: Dimension, _ spans: NumberSpans) {
    self[dimension] = self[dimension].subtracting(spans)
  }

  private var hasLater: Bool { self[.fragment].contains(Self.later) }

  private mutating func narrowProtocols() {
    if !self[.port].contains(Self.noPort) || !self[.sourcePort].contains(Self.noPort) {
      keep(.protocol, Self.ported)
      lose(.fragment, NumberSpans(Self.later))
    }
    if !self[.header].meets(Self.other) {
      lose(.fragment, NumberSpans(Self.later))
      var protocols: [ClosedRange<UInt128>] = []
      for (header, number) in [(Self.tcp, 6 as UInt128), (Self.icmp, 1), (Self.icmpv6, 58)]
      where self[.header].meets(header) { protocols.append(number...number) }
      keep(.protocol, NumberSpans(protocols))
    }
    if !hasLater, !self[.header].meets(Self.tcp) { lose(.protocol, NumberSpans(6)) }
  }

  private mutating func narrowFamilies() {
    var (v4, v6) = (from.hasV4 && to.hasV4, from.hasV6 && to.hasV6)
    if !self[.header].meets(Self.other), !self[.header].meets(Self.tcp) {
      v4 = v4 && self[.header].meets(Self.icmp)
      v6 = v6 && self[.header].meets(Self.icmpv6)
    }
    if !v4 {
      (from.v4, to.v4) = (.none, .none)
      lose(.header, Self.icmp)
    }
    if !v6 {
      (from.v6, to.v6) = (.none, .none)
      lose(.header, Self.icmpv6)
    }
    // Lists may have addresses of either family, but both ends are of one.
    if !v4, !v6 { self[.protocol] = .none }
    if !hasLater {
      if !v6, self[.protocol] == NumberSpans(1) { lose(.header, Self.other) }
      if !v4, self[.protocol] == NumberSpans(58) { lose(.header, Self.other) }
    }
  }

  /// What no socket can be for is neither whole nor of TCP or UDP.
  private mutating func narrowSockets() {
    if !self[.socket].contains(Self.noSocket) {
      keep(.protocol, NumberSpans(6, 17))
      keep(.fragment, NumberSpans(Self.whole))
    }
    if !self[.protocol].meets(NumberSpans(6, 17)) || !self[.fragment].contains(Self.whole) {
      keep(.socket, NumberSpans(Self.noSocket))
    }
  }

  private mutating func narrowHeaders() {
    for (header, number) in [(Self.tcp, 6), (Self.icmp, 1), (Self.icmpv6, 58)]
    where !self[.protocol].contains(number) { lose(.header, header) }
    if !self[.protocol].meets(Self.ported) || self[.fragment] == NumberSpans(Self.later) {
      keep(.port, NumberSpans(Self.noPort))
      keep(.sourcePort, NumberSpans(Self.noPort))
    }
    if self[.fragment] == NumberSpans(Self.later) { keep(.header, Self.other) }
    if hasLater { return }
    if Self.ported.contains(self[.protocol]) {
      lose(.port, NumberSpans(Self.noPort))
      lose(.sourcePort, NumberSpans(Self.noPort))
    }
    if NumberSpans(6).contains(self[.protocol]) { lose(.header, Self.other) }
  }
}
