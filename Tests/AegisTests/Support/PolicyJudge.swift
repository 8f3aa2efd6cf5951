@testable import Aegis

/// What a policy makes of a TCP packet.
struct Probe {
  enum Outcome: Hashable {
    case drop
    /// The rates that it is held to.
    case pass([RateRule])
    case passByKey(Rate)
  }

  let source: IPAddress
  let port: UInt16
  /// Whether it belongs to a connection that this host opened.
  let isReply: Bool

  /// Written from the datapath's order of stages, not from the plan.
  func judge(_ policy: Policy) -> Outcome {
    if policy.mode == .monitor { return .pass([]) }
    let keys = (policy.keys ?? [:]).filter { isNamed(by: $0.key.key) }
    if keys.contains(where: \.key.isProtected) { return .pass([]) }
    if isDropped(policy.drops ?? [:]) { return .drop }
    let first = keys.min { rank($0.key.key) < rank($1.key.key) }
    let passesAsReply = isReply && policy.replies == true
    if first == nil, policy.defaultAction == .deny, !passesAsReply { return .drop }
    if let rate = first?.value.rate { return .passByKey(rate) }
    let rules = policy.rates ?? []
    let name = className(in: policy.classes ?? [:])
    return .pass(
      selected(rules, isTotal: false, of: name) + selected(rules, isTotal: true, of: name))
  }

  private func isNamed(by key: AllowKey) -> Bool {
    key.source.map { $0.contains(source) } ?? true && key.ports.map { $0.contains(port) } ?? true
      && key.protocol.map { $0 == .tcp } ?? true
  }

  private func isDropped(_ drops: [Prefix: Policy.Conditions]) -> Bool {
    drops.contains { $0.key.contains(source) && !$0.value.isMonitored }
  }

  private func rank(_ key: AllowKey) -> [Int] {
    let count = key.ports?.numbers.count ?? 0
    let (hasPort, late) = (key.ports != nil, count > 1 ? 4 : 0)
    let ports = late + (key.protocol != nil ? (hasPort ? 0 : 1) : (hasPort ? 2 : 3))
    guard let source = key.source else { return [ports, 0, 0, count] }
    return source.isHost ? [ports, 1, 0, count] : [ports, 2, -source.length, count]
  }

  /// The class of the source, by a scan of all prefixes and ranges.
  func className(in classes: [ClassName: AddressClass]) -> ClassName {
    var longest: (length: Int, name: ClassName)?
    for (name, members) in classes {
      for prefix in members.prefixes
      where prefix.contains(source) && prefix.length > longest?.length ?? -1 {
        longest = (prefix.length, name)
      }
    }
    if let longest { return longest.name }
    let range = Self.ranges.first { $0.isIPv6 == (source.width == 128) && $0.bits ~= bits }
    guard let country = range?.country else { return .foreign }
    return classes.first { $0.value.countries.contains(country) }?.key ?? .foreign
  }

  private var bits: UInt128 {
    switch source {
    case .v4(let bits): UInt128(bits)
    case .v6(let bits): bits
    }
  }

  /// Where the countries of random policies are; the rest is nowhere.
  private static let ranges: [(isIPv6: Bool, bits: ClosedRange<UInt128>, country: CountryCode)] = [
    (false, 0xc000_0200...0xc000_0200, countries[0]),
    (false, 0xc000_0201...0xc000_0202, countries[1]),
    (false, 0xc000_0204...0xc000_02ff, countries[2]),
    (true, (0x2001_0db8 << 96)...(0x2001_0db8 << 96 | 1), countries[0]),
    (true, (0x2001_0db8 << 96 | 3)...(0x2001_0db8 << 96 | 9), countries[2]),
  ]
  static let countries = ["AT", "DE", "FR"].map { try! CountryCode($0) }

  /// Those of the most specific selector that matches, in the order port and prefix, port, several ports with the fewest
  /// first, each with a prefix before without one, prefix, class, rest.
  private func selected(_ rules: [RateRule], isTotal: Bool, of name: ClassName) -> [RateRule] {
    let matching = rules.filter { rule in
      rule.isTotal == isTotal && rule.selector.className ?? name == name
        && rule.selector.port.map { $0.ports.contains(port) && $0.protocol == .tcp } ?? true
        && rule.selector.prefix.map { $0.contains(source) } ?? true
    }
    func rank(_ selector: RateSelector) -> (Int, String, Int, Int) {
      (
        selector.port?.ports.numbers.count ?? .max, selector.port?.description ?? "",
        -(selector.prefix?.length ?? -1), selector.className == nil ? 1 : 0
      )
    }
    let best = matching.map(\.selector).min { rank($0) < rank($1) }
    return matching.filter { $0.selector == best }.sorted { "\($0)" < "\($1)" }
  }

  static let all: [Probe] = {
    let addresses =
      (0...5).map { IPAddress.v4(0xc000_0200 | $0) }
      + (0...4).map { IPAddress.v6(0x2001_0db8 << 96 | UInt128($0)) } + [.v4(1)]
    return addresses.flatMap { address in
      (1...7).map { Probe(source: address, port: $0, isReply: $0 > 4) }
    }
  }()
}

extension [Int] {
  fileprivate static func < (left: [Int], right: [Int]) -> Bool {
    left.lexicographicallyPrecedes(right)
  }
}
