import Testing

@testable import Aegis

@Suite struct PlanTests {
  @Test func fromAPolicyToItselfIsNothing() throws {
    var random = SplitMix64(seed: 1)
    for _ in 0..<300 {
      let policy = try random.policy(ruled: true)
      for pruning in [false, true] {
        let plan = try Plan(from: policy, to: policy, pruning: pruning)
        #expect(plan.isEmpty && plan.items.isEmpty, "\(plan)")
        #expect(plan.unchanged == policy.count)
      }
    }
  }

  @Test func itsStepsLeadToWhatIsWanted() throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<1000 {
      let old = try random.policy(ruled: true)
      let new = try random.policy(ruled: true)
      var policy = old
      for step in try Plan(from: old, to: new, pruning: true).steps { policy.take(step) }
      #expect(policy.says(new), "\(old)\n\(new)\n\(policy)")
      #expect(policy.rules == new.rules)
      // Killed anywhere: another plan goes on.
      var half = old
      let steps = try Plan(from: old, to: new, pruning: true).steps
      for step in steps.prefix(.random(in: 0...steps.count, using: &random)) { half.take(step) }
      for step in try Plan(from: half, to: new, pruning: true).steps { half.take(step) }
      #expect(half.says(new))
    }
  }

  @Test func countsAddUp() throws {
    var random = SplitMix64(seed: 3)
    for _ in 0..<500 {
      var (old, new) = (try random.policy(ruled: true), try random.policy(ruled: true))
      let isPruning = Bool.random(using: &random)
      if !isPruning {
        // Classes that stay would claim what new ones do.
        old.classes = [:]
        old.rates = old.rates?.filter { $0.selector.className ?? .foreign == .foreign }
        // Rules would name them, and those that come behind the declared ones change their place.
        let declared = Set(new.rules?.map(\.name) ?? [])
        old.rules = old.rules?.filter { $0.match.classes == nil && !declared.contains($0.name) }
      }
      let plan = try Plan(from: old, to: new, pruning: isPruning)
      let made = plan.items.count { $0.action != .removed }
      #expect(made + plan.unchanged == new.count)
      #expect(plan.unchanged >= 0)
      #expect(plan.isEmpty == plan.items.isEmpty, "\(plan)")
    }
  }

  @Test func withoutPruningWhatIsNotDeclaredStays() throws {
    let one = try #require(Prefix(address: .v4(1 << 24), length: 8))
    let other = Prefix(.v4(7))
    var old = try full()
    old.drops = [one: Policy.Conditions()]
    old.keys = [Policy.Key(try AllowKey("any:1/tcp"), isProtected: false): Policy.Conditions()]
    var new = Policy()
    new.drops = [other: Policy.Conditions()]
    var policy = old
    for step in try Plan(from: old, to: new, pruning: false).steps { policy.take(step) }
    #expect(Set(policy.drops?.keys ?? [:].keys) == [one, other])
    policy = old
    for step in try Plan(from: old, to: new, pruning: true).steps { policy.take(step) }
    #expect(Set(policy.drops?.keys ?? [:].keys) == [other])
    // Lists that are not declared stay all the same.
    #expect(policy.keys == old.keys && policy.defaultAction == old.defaultAction)
  }

  @Test func rulesThatAreNotDeclaredStayBehind() throws {
    let rules = try ["a", "b", "c", "d"].map { Rule(try RuleName($0), .drop) }
    var old = try full()
    old.rules = [rules[0], rules[1], rules[2]]
    var new = Policy()
    new.rules = [rules[2], rules[3]]
    for (pruning, wanted) in [(false, ["c", "d", "a", "b"]), (true, ["c", "d"])] {
      let plan = try Plan(from: old, to: new, pruning: pruning)
      var policy = old
      for step in plan.steps { policy.take(step) }
      #expect(policy.rules?.map(\.name.text) == wanted)
      #expect(plan.remaining == (pruning ? 0 : 2))
      #expect(plan.items.first { $0.name == "d" }?.action == .added)
      #expect(plan.items.count { $0.action == .removed } == (pruning ? 2 : 0))
    }
  }

  @Test func onlyTheOrderOfRulesDiffers() throws {
    let rules = try ["a", "b", "c"].map { Rule(try RuleName($0), .allow) }
    var (old, new) = (try full(), Policy())
    (old.rules, new.rules) = (rules, [rules[0], rules[2], rules[1]])
    let plan = try Plan(from: old, to: new, pruning: true)
    #expect(plan.items.map(\.name) == ["c", "b"])
    #expect(plan.items.map(\.action) == [.changed, .changed])
    #expect(plan.items[0].now == "place 2, all packets, allow")
    #expect(!old.says(new) && plan.unchanged == 1)
  }

  @Test func rulesThatCannotBeAreRefused() throws {
    let name = try RuleName("a")
    func refused(_ edit: (inout Policy) throws -> Void) throws -> String? {
      var new = Policy()
      new.rules = [Rule(name, .drop)]
      try edit(&new)
      do {
        _ = try Plan(from: try full(), to: new, pruning: true)
        return nil
      } catch {
        return (error as? AegisError)?.message
      }
    }
    #expect(try refused { _ in } == nil)
    #expect(try refused { $0.rules?.append(Rule(name, .allow)) } == "there are two rules a")
    #expect(
      try refused { $0.rules?[0].match.classes = RuleClasses([try ClassName("x")]) }
        == "rule a: there is no class x")
    #expect(try refused { $0.rules?.append(Rule(try RuleName("h"), .hook)) } == nil)
    #expect(
      try refused {
        $0.out = Policy()
        $0.out?.rules = [Rule(name, .hook)]
      } == "rule a: only packets that come in are given to the hook")
    let list = try ListName("l")
    let match = RuleAddresses([], lists: [list])
    #expect(try refused { $0.rules?[0].match.from = match } == "rule a: there is no list l")
    #expect(
      try refused {
        $0.rules?[0].exceptions.to = match
        $0.lists = [list: NamedList()]
      } == "rule a: list l drops what is in it")
    #expect(
      try refused {
        $0.rules?[0].match.from = match
        $0.lists = [list: NamedList(action: .none, directions: .out)]
      } == "rule a: list l is not for packets of this direction")
    #expect(
      try refused {
        $0.rules?[0].match.from = match
        $0.lists = [list: NamedList(action: .none)]
      } == nil)
  }

  @Test func aKeyMovesEvenWithoutPruning() throws {
    let key = try AllowKey("any:22/tcp")
    var old = try full()
    old.keys = [Policy.Key(key, isProtected: false): Policy.Conditions()]
    var new = Policy()
    new.keys = [Policy.Key(key, isProtected: true): Policy.Conditions()]
    let plan = try Plan(from: old, to: new, pruning: false)
    #expect(plan.items.map(\.action) == [.changed])
    #expect(plan.items.first?.now == "protected")
    var policy = old
    for step in plan.steps { policy.take(step) }
    #expect(policy.keys == new.keys)
  }

  @Test func whatStaysIsCountedInListsThatAreDeclared() throws {
    let key = Policy.Key(try AllowKey("any:1/tcp"), isProtected: false)
    var old = try full()
    old.drops = [Prefix(.v4(1)): Policy.Conditions(), Prefix(.v4(2)): Policy.Conditions()]
    old.keys = [key: Policy.Conditions()]
    old.rates = [RateRule(try Rate("5/s"), for: .rest)]
    var new = Policy()
    #expect(try Plan(from: old, to: new, pruning: false).remaining == 0)
    new.drops = [Prefix(.v4(2)): Policy.Conditions(), Prefix(.v4(3)): Policy.Conditions()]
    #expect(try Plan(from: old, to: new, pruning: false).remaining == 1)
    new.rates = []
    new.keys = [key.other: Policy.Conditions()]
    // A key that moves does not stay.
    #expect(try Plan(from: old, to: new, pruning: false).remaining == 2)
    #expect(try Plan(from: old, to: new, pruning: true).remaining == 0)
  }

  @Test func lessThanASecondIsNoDifference() throws {
    let key = Policy.Key(try AllowKey("any:22/tcp"), isProtected: false)
    var (old, new) = (try full(), Policy())
    for (away, isSame) in [(999_999_999, true), (1_000_000_000, false)] as [(UInt64, Bool)] {
      old.keys = [key: Policy.Conditions(expires: 1 << 60)]
      new.keys = [key: Policy.Conditions(expires: 1 << 60 + away)]
      #expect(try Plan(from: old, to: new, pruning: true).isEmpty == isSame)
    }
    new.keys = [key: Policy.Conditions()]
    #expect(try !Plan(from: old, to: new, pruning: true).isEmpty)
  }

  private func full() throws -> Policy {
    var policy = Policy()
    policy.defaultAction = .allow
    policy.mode = .enforce
    policy.sourcePrefix = Policy.SourcePrefix(v4: 32, v6: 64)
    policy.rates = []
    policy.rules = []
    policy.drops = [:]
    policy.keys = [:]
    return policy
  }
}
