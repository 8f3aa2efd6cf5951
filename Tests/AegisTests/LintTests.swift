import Testing

@testable import Aegis

@Suite struct LintTests {
  private func found(_ policy: Policy) -> Set<LintPolicies.Expected> {
    Set(
      PolicyLint(policy).findings.map {
        LintPolicies.Expected(
          code: $0.code, place: .init($0.place),
          others: Set($0.others.map(LintPolicies.Name.init)))
      })
  }

  @Test func cleanPoliciesHaveNoFinding() throws {
    for seed in 0..<100 {
      let made = try LintPolicies(seed: UInt64(seed))
      let findings = PolicyLint(made.policy).findings
      #expect(findings.isEmpty, "seed \(seed): \(findings)")
    }
  }

  /// 200 mistakes in 100 policies: each is found, with both places, and nothing else is.
  @Test func mistakesAreFound() throws {
    var seeded = 0
    for seed in 0..<100 {
      let made = try LintPolicies(seed: UInt64(1000 + seed))
      for one in 0..<2 {
        try made.addMistake((2 * seed + one) % LintPolicies.kinds.count)
        seeded += 1
      }
      let found = found(made.policy)
      #expect(made.expected.count == 2)
      #expect(
        found == made.expected,
        "seed \(seed): missing \(made.expected.subtracting(found)), wrong \(found.subtracting(made.expected))"
      )
    }
    #expect(seeded == 200)
  }

  /// All kinds of mistakes in one policy do not hide each other.
  @Test func allMistakesAtOnce() throws {
    for seed in 0..<20 {
      let made = try LintPolicies(seed: UInt64(2000 + seed))
      // A rule that names a list may match any packet, so an allow rule before it may matter.
      for kind in LintPolicies.kinds where kind != 8 { try made.addMistake(kind) }
      let found = found(made.policy)
      #expect(
        found == made.expected,
        "seed \(seed): missing \(made.expected.subtracting(found)), wrong \(found.subtracting(made.expected))"
      )
      #expect(
        PolicyLint(made.policy).warnings.allSatisfy { $0.severity == .warning })
    }
  }

  /// What is found about rules holds for packets: none is ever taken by a rule that is never reached.
  @Test func whatIsFoundIsTrue() throws {
    var random = SplitMix64(seed: 7)
    var (silent, needless) = (0, 0)
    for _ in 0..<150 {
      var policy = Policy.initial
      policy.defaultAction = random.chance(2) ? .allow : .deny
      let action = try #require(policy.defaultAction)
      policy.rules = try (0..<8).map { try random.lintRule("rule-\($0)") }
      let rules = try #require(policy.rules)
      let findings = PolicyLint(policy).findings
      let never = findings.compactMap { finding -> Int? in
        guard case .rule(.in, let index, _) = finding.place,
          [.contradictory, .shadowed, .redundant].contains(finding.code)
        else { return nil }
        return index
      }
      let useless = findings.compactMap { finding -> Int? in
        guard case .rule(.in, let index, _) = finding.place, finding.code == .needless else {
          return nil
        }
        return index
      }
      silent += never.count
      needless += useless.count
      for _ in 0..<150 {
        let packet = try random.lintPacket()
        /// At each of the times when something expires.
        for now in [0, 1 << 58 + 1, 2 << 58 + 1, 3 << 58 + 1] as [UInt64] {
          let taking = rules.indices.filter {
            !rules[$0].isExpired(at: now) && packet.isTaken(by: rules[$0], action)
          }
          let decisive = taking.first { !rules[$0].isMonitored }
          let reached = taking.filter { $0 <= decisive ?? $0 }
          #expect(Set(reached).isDisjoint(with: never), "\(packet) \(rules)")
          guard let decisive, useless.contains(decisive) else { continue }
          let next = taking.first { $0 > decisive && !rules[$0].isMonitored }
          #expect(next.map { rules[$0].action == rules[decisive].action } ?? true)
          #expect((action == .allow) == (rules[decisive].action == .allow))
        }
      }
    }
    #expect(silent > 100 && needless > 10, "\(silent) \(needless)")
  }

  /// The space of a rule has each packet that it takes; and the certain one has no packet that it does not take.
  @Test func spacesHoldPackets() throws {
    var random = SplitMix64(seed: 8)
    var covered = 0
    for _ in 0..<4000 {
      var policy = Policy.initial
      let action = try #require(PolicyDefaults.Default.allCases.randomElement(using: &random))
      policy.defaultAction = action
      policy.rules = try (0..<2).map { try random.lintRule("rule-\($0)") }
      let rules = try #require(policy.rules)
      let lint = DirectionLint(policy, .in)
      let isWithin = lint.taken[0].contains(lint.possible[1])
      let mayMeet = lint.possible[0].mayMeet(lint.possible[1])
      if isWithin { covered += 1 }
      for _ in 0..<12 {
        let packet = try random.lintPacket()
        let taken = rules.map { packet.isTaken(by: $0, action) }
        if taken[1] {
          #expect(!lint.possible[1].isEmpty, "\(packet) \(rules[1])")
          #expect(!isWithin || taken[0], "\(packet) \(rules)")
        }
        #expect(!taken[0] || !taken[1] || mayMeet, "\(packet) \(rules)")
      }
    }
    #expect(covered > 200, "\(covered)")
  }

  @Test func messagesNameBothPlaces() throws {
    var policy = Policy.initial
    var wide = Rule(try RuleName("wide"), .drop)
    wide.match.ports = try RulePorts("1-100")
    var narrow = Rule(try RuleName("narrow"), .allow)
    narrow.match.ports = try RulePorts("80/tcp")
    var odd = Rule(try RuleName("odd"), .drop)
    odd.match.tcpFlags = .syn
    odd.match.protocols = RuleProtocols([.udp])
    odd.match.vlans = NumberSet([7...7])
    policy.rules = [wide, narrow, odd]
    #expect(
      PolicyLint(policy).findings.map(\.description) == [
        "rule \"narrow\" is never reached: rule \"wide\" matches everything that it does",
        "rule \"odd\" matches no packet: protocol udp and tcp-flags syn/fin,syn,rst,ack exclude each other",
      ])
  }

  /// A hook rule leaves its packets to keys and the default, and takes them from later rules.
  @Test func hookRules() throws {
    var policy = Policy.initial
    policy.defaultAction = .deny
    func rule(_ name: String, _ action: Rule.Action, _ ports: String) throws -> Rule {
      var rule = Rule(try RuleName(name), action)
      rule.match.ports = try RulePorts(ports)
      return rule
    }
    policy.keys = [Policy.Key(try AllowKey("any:53/udp"), isProtected: false): .init()]
    policy.rules = [try rule("dns", .hook, "53/udp")]
    #expect(PolicyLint(policy).findings.isEmpty)
    policy.rules = [
      try rule("dns", .hook, "50-60/udp"), try rule("same", .hook, "53/udp"),
      try rule("other", .drop, "54/udp"),
    ]
    #expect(
      PolicyLint(policy).findings.map(\.description) == [
        "rule \"same\" is never reached: rule \"dns\" matches everything that it does, and does the same",
        "rule \"other\" is never reached: rule \"dns\" matches everything that it does",
      ])
    // Without it the packets are not given to the hook, or without the other one not let in.
    policy.defaultAction = .allow
    policy.keys = [:]
    policy.rules = [try rule("in", .allow, "53"), try rule("dns", .hook, "53/udp")]
    #expect(PolicyLint(policy).findings.map(\.code) == [.shadowed])
    policy.rules = [try rule("in", .allow, "53/udp"), try rule("dns", .hook, "53")]
    #expect(PolicyLint(policy).findings.isEmpty)
  }

  /// What is not declared may be there.
  @Test func whatIsNotDeclaredIsNotKnown() throws {
    var policy = Policy()
    policy.lists = [try ListName("set"): NamedList(action: .none)]
    policy.keys = [Policy.Key(try AllowKey("any:80/tcp"), isProtected: false): .init()]
    #expect(PolicyLint(policy).findings.isEmpty)
    policy.rules = [Rule(try RuleName("all"), .allow)]
    // The key is behind a rule for all packets.
    #expect(PolicyLint(policy).findings.map(\.code) == [.unreachable, .unused])
    policy.rules?[0].match.ports = try RulePorts("80")
    policy.rules?[0].match.isFragment = true
    // Under allow it matches first fragments.
    #expect(PolicyLint(policy).findings.map(\.code) == [.unused])
    policy.defaultAction = .deny
    #expect(Set(PolicyLint(policy).findings.map(\.code)) == [.contradictory, .unused])
  }
}
