import Testing

@testable import Aegis

/// Whatever moment a packet comes at, it gets the verdict of the policy before or of the one after.
@Suite struct PlanOrderTests {
  @Test func noVerdictButThoseOfBothEnds() throws {
    var random = SplitMix64(seed: 4)
    for round in 0..<800 {
      let (old, new) = (try random.policy(), try random.policy())
      try check(old, new, "round \(round)") { outcome in
        if case .drop = outcome { .drop } else { .pass([]) }
      }
    }
  }

  /// What a rule let in and a key lets in now passes all the time, and what a new rule drops never does.
  @Test func rulesBeforeStayUntilKeysAreThere() throws {
    var old = Policy.initial
    old.defaultAction = .deny
    var web = Rule(try RuleName("web"), .allow)
    web.match.ports = try RulePorts("80/tcp")
    old.rules = [web]
    var new = old
    var scans = Rule(try RuleName("web"), .drop)
    scans.match.ports = try RulePorts("80/udp")
    new.rules = [scans]
    new.keys = [Policy.Key(try AllowKey("any:80"), isProtected: false): Policy.Conditions()]
    var left = web
    left.name = try #require(RuleName(before: web.name))
    let steps = try Plan(from: old, to: new, pruning: true).steps
    #expect(steps.count == 3 && steps.first == .rules([scans, left]), "\(steps)")
    #expect(steps.last == .rules([scans]))
    // The other way round, and where nothing but the rules changes.
    let back = try Plan(from: new, to: old, pruning: true).steps
    left = scans
    left.name = try #require(RuleName(before: web.name))
    #expect(back.count == 3 && back.first == .rules([web, left]), "\(back)")
    new.keys = old.keys
    #expect(try Plan(from: old, to: new, pruning: true).steps == [.rules([scans])])
    // A call that was killed between left it: nobody declared it, and no name ends like that.
    var killed = new
    killed.rules?.append(left)
    #expect(try Plan(from: killed, to: new, pruning: false).steps == [.rules([scans])])
    #expect(throws: InputError.self) { try RuleName("web.old") }
  }

  /// The hook gets all packets as long as the rules of one end do not choose: what passes only by what goes is not kept
  /// from it.
  @Test func rulesChooseForTheHookOnlyAtBothEnds() throws {
    var plain = Policy.initial
    plain.defaultAction = .deny
    plain.keys = [Policy.Key(try AllowKey("any:80"), isProtected: false): Policy.Conditions()]
    var choosing = Policy.initial
    choosing.defaultAction = .deny
    var inspect = Rule(try RuleName("inspect"), .hook)
    inspect.match.ports = try RulePorts("53/udp")
    choosing.rules = [inspect]
    var left = inspect
    left.name = try #require(RuleName(before: inspect.name))
    #expect([inspect].chooseForHook && ![left].chooseForHook)
    let forth = try Plan(from: plain, to: choosing, pruning: true).steps
    #expect(forth.count == 3 && forth.first == .rules([left]), "\(forth)")
    #expect(forth.last == .rules([inspect]))
    let back = try Plan(from: choosing, to: plain, pruning: true).steps
    #expect(back.count == 3 && back.first == .rules([left]), "\(back)")
    #expect(back.last == .rules([]))
    // Both choose.
    var other = plain
    var scans = inspect
    scans.match.ports = try RulePorts("80/udp")
    other.rules = [scans]
    let across = try Plan(from: choosing, to: other, pruning: true).steps
    #expect(across.first == .rules([scans, left]) && across.last == .rules([scans]), "\(across)")
    // The rules alone: the table minds it.
    choosing.keys = plain.keys
    #expect(try Plan(from: plain, to: choosing, pruning: true).steps == [.rules([inspect])])
    #expect(try Plan(from: choosing, to: plain, pruning: true).steps == [.rules([])])
    inspect.isMonitored = true
    #expect(![inspect].chooseForHook && ![Rule]().chooseForHook)
  }

  /// Also what it is held to is that of an end, where no two keys name a packet, and one rule changes.
  @Test func noRateButThoseOfBothEnds() throws {
    var random = SplitMix64(seed: 5)
    for round in 0..<800 {
      var old = try random.policy(overlapping: false)
      var new = try random.policy(overlapping: false)
      if round % 3 == 0 {
        (new.keys, new.defaultAction) = (old.keys, old.defaultAction)
      } else {
        new.replies = old.replies
      }
      let rest = (new.rates ?? []).filter { $0.selector == .rest }
      new.classes = old.classes
      let rules = (old.rates ?? []).filter { $0.selector != .rest }
      old.rates = rules
      new.rates = rules + rest
      if round.isMultiple(of: 2) { swap(&old, &new) }
      try check(old, new, "round \(round)") { $0 }
    }
  }

  /// Of the selectors of rates those that are looked at first come first and go last.
  @Test func noRuleButThoseOfBothEnds() throws {
    var random = SplitMix64(seed: 6)
    for round in 0..<800 {
      var (old, new) = (try random.policy(), try random.policy())
      (new.drops, new.keys, new.defaultAction) = (old.drops, old.keys, old.defaultAction)
      new.replies = old.replies
      // What is for each source and what is in all may stand in different maps.
      let isTotal = round.isMultiple(of: 2)
      let names = new.classes ?? [:]
      old.classes = names
      old.rates = old.rates?.filter {
        $0.isTotal == isTotal
          && ($0.selector.className.map { $0 == .foreign || names[$0] != nil } ?? true)
      }
      new.rates = new.rates?.filter { $0.isTotal == isTotal }
      try check(old, new, "round \(round)") { $0 }
    }
  }

  /// A class gets its rate before its addresses and loses it after them; only an address that leaves a class whose
  /// rate changes may be held to the new rate of that class.
  @Test func noClassButThoseOfBothEnds() throws {
    var random = SplitMix64(seed: 8)
    for round in 0..<2400 {
      var (old, new) = (try random.policy(), try random.policy())
      (new.drops, new.keys, new.defaultAction) = (old.drops, old.keys, old.defaultAction)
      new.replies = old.replies
      (old.mode, new.mode) = (.enforce, .enforce)
      let isTotal = round.isMultiple(of: 2)
      old.rates = old.rates?.filter { $0.isTotal == isTotal }
      new.rates = new.rates?.filter { $0.isTotal == isTotal }
      let names = [old, new].map { Set($0.classes?.keys.map { $0 } ?? []) }
      // What all packets are held to, and what a class that stays is, does not change in the strict rounds.
      let isStrict = round % 3 > 0
      if isStrict {
        let both = names[0].intersection(names[1]).union([.foreign])
        let kept = old.rates?.filter { $0.selector.className.map(both.contains) ?? true } ?? []
        let coming = new.rates?.filter { $0.selector.className.map { !both.contains($0) } ?? false }
        new.rates = kept + (coming ?? [])
      }
      if round % 3 == 1 { swap(&old, &new) }
      try check(old, new, "round \(round)", exceptNewRatesOfOldClasses: !isStrict) { $0 }
    }
  }

  private func check(
    _ old: Policy, _ new: Policy, _ comment: Comment,
    exceptNewRatesOfOldClasses isExcepted: Bool = false, seenAs: (Probe.Outcome) -> Probe.Outcome
  ) throws {
    var between = new
    between.classes = old.classes
    let ends = Probe.all.map { probe in
      Set((isExcepted ? [old, between, new] : [old, new]).map { seenAs(probe.judge($0)) })
    }
    var policy = old
    let steps = try Plan(from: old, to: new, pruning: true).steps
    for step in steps.flatMap(\.grains) {
      policy.take(step)
      for (probe, ends) in zip(Probe.all, ends) {
        let outcome = seenAs(probe.judge(policy))
        if !ends.contains(outcome) {
          Issue.record("\(comment): \(probe): \(outcome) at \(step)\n\(old)\n\(new)")
          return
        }
      }
    }
    #expect(policy.says(new), comment)
  }
}

extension Plan.Step {
  /// What the kernel does at one instant: a batch is written entry by entry, in its order.
  fileprivate var grains: [Plan.Step] {
    switch self {
    case .mode, .defaultAction, .replies, .sourcePrefix, .deadline: [self]
    case .nameClasses, .classes, .forgetClasses: [self]
    case .rules, .lists, .forgetLists: [self]
    case .putDrops(let drops, let list): drops.map { .putDrops([$0], list) }
    case .removeDrops(let prefixes, let list): prefixes.map { .removeDrops([$0], list) }
    case .putKeys(let keys): keys.map { .putKeys([$0]) }
    case .removeKeys(let keys): keys.map { .removeKeys([$0]) }
    case .rates(let changes):
      changes.filter { $0.selector != .rest }.isEmpty
        ? [self]
        : changes.reduce(into: [[Plan.RateDifference]]()) { grains, change in
          if change.selector == .rest, grains.last?.last?.selector == .rest {
            grains[grains.count - 1].append(change)
          } else {
            grains.append([change])
          }
        }.map { .rates($0) }
    }
  }
}
