import Aegis

extension SeededGenerator {
  /// So few that policies and packets meet.
  private static let hosts4: [IPAddress] = [
    "192.0.2.1", "192.0.2.2", "192.0.2.129", "192.0.3.1", "10.0.0.1", "0.0.0.0", "8.0.2.1",
  ]
  private static let hosts6: [IPAddress] = [
    "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "2001:db9::1", "fe80::1", "febf::1", "::",
    "2001:db8:86dd::1", .v6(0xffff_c000_0201),
  ]
  static let ports: [UInt16] = [22, 53, 80, 443, 1]

  mutating func host4() -> IPAddress { pick(Self.hosts4) }

  mutating func host6() -> IPAddress { pick(Self.hosts6) }

  /// A few keys and entries, a third of them expired, and now and then a rate.
  mutating func policy() -> Policy {
    var policy = Policy(deniesByDefault: chance(2))
    policy.isConfigured = !chance(50)
    policy.isUnconfirmed = chance(50)
    policy.isMonitoring = chance(8)
    if chance(3) { addLists(to: &policy) }
    for _ in 0..<pick(0...6) {
      let prefix = prefix()
      let lists = [0] + policy.lists.map(\.number)
      let holders = Set((0..<pick([1, 1, 2, 3, 16])).map { _ in pick(lists) }).sorted()
      for list in holders {
        policy = policy.drop(prefix, expired: chance(3), monitored: chance(3), list: list)
      }
    }
    for _ in 0..<pick(0...8) {
      let key = key()
      policy =
        chance(3)
        ? policy.protect(key, expired: chance(3)) : policy.key(key, expired: chance(3))
    }
    if chance(3) { policy = policy.burst(UInt32(pick(1...6))) }
    if chance(4) { policy = policy.rateMonitored }
    // A map has one entry for a key, so a policy has too.
    var seen: Set<Policy.Drop> = []
    policy.drops.removeAll {
      !seen.insert(Policy.Drop(prefix: $0.prefix, list: $0.list)).inserted
    }
    var seenKeys: [Bool: Set<AllowKey>] = [:]
    policy.keys.removeAll { !seenKeys[$0.isProtected, default: []].insert($0.key).inserted }
    return policy
  }

  /// Up to 15 lists, so that no entry is in more than 16. A fifth of them does nothing, another one only counts.
  private mutating func addLists(to policy: inout Policy) {
    let numbers = Array(1...255).shuffled(using: &self).prefix(pick([1, 2, 4, 15]))
    for number in numbers {
      policy = policy.list(number, set: chance(5), expired: chance(5), monitored: chance(5))
    }
  }

  /// A host, or a prefix of any length with a host in it; seldom one that holds them all.
  private mutating func prefix() -> Prefix {
    let host = chance(2) ? host4() : host6()
    if chance(3) { return Prefix(host) }
    let length = chance(2) ? pick(0...host.width) : host.width - pick(1...16)
    return Prefix(address: host, length: length)!
  }

  private mutating func key() -> AllowKey {
    let source = chance(3) ? nil : prefix()
    let port = chance(2) ? nil : pick(Self.ports)
    let numbers: [UInt8] = port == nil ? [1, 6, 17, 43, 44, 47, 58, 132] : [6, 17, 132]
    let number = chance(2) ? nil : TransportProtocol(rawValue: pick(numbers))
    // All that its initializer refuses has been left out above.
    return try! AllowKey(source: source, port: port, protocol: number)
  }
}
