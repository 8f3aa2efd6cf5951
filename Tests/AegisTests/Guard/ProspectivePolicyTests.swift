import Testing

@testable import Aegis
@testable import Linux

/// A policy, a change to it, and what then cuts off SSH from 192.0.2.9 to port 22; `-` is nothing.
struct JudgedChange: CustomTestStringConvertible, Sendable {
  let policy: [String]
  let change: [String]
  let cause: String

  init(_ policy: [String], _ change: [String], _ cause: String) {
    self.policy = policy
    self.change = change
    self.cause = cause
  }

  var testDescription: String { "\(policy) + \(change)" }
}

@Suite("What a change would cut off")
struct ProspectivePolicyTests {
  @Test(arguments: drops + keys + rates + modes)
  func ssh(_ judged: JudgedChange) throws {
    try judge(judged, .ssh(.v4(0xc000_0209), port: 22))
  }

  @Test(arguments: [
    JudgedChange([], ["deny"], "-"),
    JudgedChange([], ["drop 192.0.2.0/24"], "drop 192.0.2.0/24"),
    JudgedChange(["key any"], ["drop 192.0.2.9"], "drop 192.0.2.9"),
    JudgedChange(["protect any:22/tcp"], ["drop 192.0.2.9"], "drop 192.0.2.9"),
    JudgedChange(["protect 192.0.2.9"], ["drop 0.0.0.0/0"], "-"),
    JudgedChange(["protect 192.0.2.9/icmp"], ["drop 0.0.0.0/0"], "-"),
    JudgedChange([], ["rate 1/s"], "-"),
  ])
  func gateway(_ judged: JudgedChange) throws {
    try judge(judged, .gateway(.v4(0xc000_0209), ifindex: nil))
  }

  @Test(arguments: [
    JudgedChange([], ["deny"], "no key"),
    JudgedChange(["key any:53/udp"], ["deny"], "no key"),
    JudgedChange(["key 192.0.2.9/tcp"], ["deny"], "no key"),
    JudgedChange(["key 192.0.2.9/udp"], ["deny"], "-"),
    JudgedChange(["key any/udp"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.0/24"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.9/udp"], ["deny", "drop 192.0.2.8/30"], "drop 192.0.2.8/30"),
    JudgedChange(["deny", "key any/udp"], ["unkey any/udp"], "no key"),
    JudgedChange([], ["rate 1/s"], "-"),
  ])
  func nameServer(_ judged: JudgedChange) throws {
    try judge(judged, .nameServer(.v4(0xc000_0209)))
  }

  @Test(arguments: tunnels)
  func tunnel(_ judged: JudgedChange) throws {
    try judge(
      judged,
      GuardedFlow(role: .tunnel("vx0"), source: .v4(0xc000_0209), port: 4789, protocol: .udp))
  }

  @Test(arguments: unknownPeers + hiddenPeers)
  func tunnelToUnknownPeers(_ judged: JudgedChange) throws {
    try judge(
      judged,
      GuardedFlow(
        role: .tunnel("vx0"), source: .v4(0), port: 4789, protocol: .udp, origin: .anyV4))
  }

  @Test(arguments: [
    JudgedChange([], ["deny"], "no key"),
    JudgedChange(["key any/gre"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.9/gre"], ["deny"], "-"),
    JudgedChange(["key 192.0.2.9"], ["deny"], "no key"),
    JudgedChange(["key any/udp"], ["deny"], "no key"),
  ])
  func tunnelWithoutPorts(_ judged: JudgedChange) throws {
    try judge(
      judged,
      GuardedFlow(role: .tunnel("gre0"), source: .v4(0), port: nil, protocol: .gre, origin: .anyV4))
  }

  @Test(arguments: leases + hiddenServers)
  func lease(_ judged: JudgedChange) throws {
    try judge(judged, .lease(.v4(0xc000_0232), length: 24, ifindex: 2))
  }

  @Test(arguments: [
    JudgedChange([], ["deny"], "no key"),
    JudgedChange(["key [fe80::/10]:546/udp"], ["deny"], "-"),
    JudgedChange(["key [fe80::1]:546/udp"], ["deny"], "-"),
    JudgedChange(["key fe80::/10"], ["deny"], "-"),
    JudgedChange(["key fe80::1/udp"], ["deny"], "no key"),
    JudgedChange(["key 0.0.0.0/0"], ["deny"], "no key"),
    JudgedChange(["key any:546/udp"], ["deny", "drop fe80::/10"], "drop fe80::/10"),
    JudgedChange(["key any:546/udp"], ["deny", "drop fe80::/64"], "-"),
  ])
  func leaseOfIPv6(_ judged: JudgedChange) throws {
    try judge(judged, .lease(try IPAddress("2001:db8::50"), length: 128, ifindex: 2))
  }

  @Test(arguments: [
    JudgedChange([], ["deny"], "not IP"), JudgedChange(["deny"], ["key any"], "not IP"),
    JudgedChange([], ["rate 1/s", "drop 0.0.0.0/0"], "-"), JudgedChange(["monitor"], ["deny"], "-"),
  ])
  func framesThatAreNotIP(_ judged: JudgedChange) throws {
    try judge(judged, .frames(CarriedFrames(name: "m0", lower: 4)))
  }

  @Test func everyFamilyByItself() throws {
    let address = try IPAddress("2001:db8::9")
    let watched = GuardedFlow.ssh(address, port: 22)
    try judge(JudgedChange([], ["drop 0.0.0.0/0"], "-"), watched)
    try judge(JudgedChange([], ["drop ::/0"], "drop ::/0"), watched)
    try judge(
      JudgedChange(
        ["drop 2001:db8::9", "drop 2001:db8::/32"], ["undrop 2001:db8::9"], "drop 2001:db8::/32"),
      watched)
    try judge(JudgedChange(["key 0.0.0.0/0"], ["deny"], "no key"), watched)
    try judge(JudgedChange(["key [2001:db8::/32]:22"], ["deny"], "-"), watched)
  }

  private func judge(_ judged: JudgedChange, _ watched: GuardedFlow) throws {
    let steps = try PolicyWords.steps(judged.change, of: judged.policy)
    let policy = try ProspectivePolicy(PolicyWords.image(judged.policy), steps)
    let said =
      switch try policy.cause(cutting: watched) {
      case nil: "-"
      case .drop(let prefix): "drop \(prefix)"
      case .noKey: "no key"
      case .rate(let rate, let isTotal, let packets):
        "\(isTotal ? "total" : "rate") \(rate) \(packets)"
      case .keyRate(let key, let rate): "\(key) \(rate)"
      case .rule(let name): "rule \(name)"
      case .notIP: "not IP"
      case .wire: "a wire"
      case .hook: "a hook"
      }
    #expect(said == judged.cause)
    // Only what it may concern is judged at all.
    let before = try ProspectivePolicy(PolicyWords.image(judged.policy)).cause(cutting: watched)
    if before == nil, said != "-" { #expect(steps.mayCutOff && steps.concern(watched)) }
    let narrow = steps.narrowed(to: [watched.source])
    let cause = try ProspectivePolicy(PolicyWords.image(judged.policy), narrow)
      .cause(cutting: watched)
    #expect((cause == nil) == (said == "-"))
  }
}
