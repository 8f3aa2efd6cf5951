/// Plans for a single change, made from the parts of the policy that it affects.
extension Plan {
  /// - Parameter replies: Whether replies to this host's own connections pass under deny; nil leaves that.
  public init(
    defaultAction: PolicyDefaults.Default, replies: Bool? = nil, of datapath: Datapath
  ) throws(AegisError) {
    var differences = PolicyDifferences()
    if let replies {
      differences.replies = .init(from: try PolicyDefaults(datapath).replies(), to: replies)
    }
    differences.defaultAction = .init(
      from: try PolicyDefaults(datapath).defaultAction(), to: defaultAction)
    self = try Plan(differences).refreshingPorts(ifPassing: replies, of: datapath)
  }

  public init(mode: PolicyDefaults.Mode, of datapath: Datapath) throws(AegisError) {
    var differences = PolicyDifferences()
    differences.mode = .init(from: try PolicyDefaults(datapath).mode(), to: mode)
    self.init(differences)
  }

  /// - Parameter addresses: nil removes the class.
  /// - Throws: `badInput` if another class claims some of it, or a class to be removed has a rate or is named by a
  ///   rule.
  public init(
    class name: ClassName, to addresses: AddressClass?, of datapath: Datapath
  ) throws(AegisError) {
    let present = try ClassTable(datapath).definitions()
    var policy = Policy()
    policy.classes = present
    policy.classes?[name] = addresses
    policy.rates = []
    for view in try datapath.views { policy.rates? += try RateTable(view).rules() }
    if addresses == nil, policy.rates?.contains(where: { $0.selector.className == name }) == true {
      throw AegisError(
        .badInput, "class \(name) has a rate",
        hint: "remove it first: aegisctl set-rate off --class \(name)")
    }
    if addresses == nil, present[name] != nil {
      try RuleTable.checkFree("class \(name)", of: datapath.views) {
        $0.classNames.contains(name)
      }
    }
    try policy.checkClasses(besides: present)
    var differences = PolicyDifferences()
    differences.classes = PolicyDifferences.classes(from: present, to: policy.classes ?? [:])
    self.init(differences)
  }

  /// How rates change.
  public enum RatesEdit: Sendable {
    /// Sets rates; a rate of the same unit is replaced, and one of the other unit is kept.
    case set([RateRule])
    /// Removes both rates, of packets and of bytes.
    case remove(RateSelector, isTotal: Bool)
    case removeAll
  }

  /// - Parameter sourcePrefix: nil leaves it.
  public init(
    rates edit: RatesEdit = .set([]), sourcePrefix: Policy.SourcePrefix? = nil,
    of datapath: Datapath
  ) throws(AegisError) {
    let table = RateTable(datapath)
    let lengths = try table.sourcePrefix()
    let rules = try table.rules()
    let kept =
      switch edit {
      case .set(let new):
        rules.filter { rule in !new.contains { $0.slot == rule.slot } } + new
      case .remove(let selector, let isTotal):
        rules.filter { $0.selector != selector || $0.isTotal != isTotal }
      case .removeAll: [] as [RateRule]
      }
    if case .set(let new) = edit {
      for name in new.compactMap(\.selector.className) where name != .foreign {
        guard try ClassTable(datapath).definitions()[name] != nil else { throw .noClass(name) }
      }
    }
    var differences = PolicyDifferences()
    differences.sourcePrefix = .init(from: lengths, to: sourcePrefix ?? lengths)
    differences.rates = PolicyDifferences.rates(from: rules, to: kept)
    self.init(differences)
  }
}

extension Plan {
  /// How rules change.
  public enum RulesEdit: Sendable {
    /// Where a rule goes, beside another one.
    public enum Place: Sendable {
      case before(RuleName)
      case after(RuleName)
    }

    /// Replaces the rule of that name in its place; a new one goes to the end. nil is no other place.
    case put(Rule, Place?)
    /// Those that do not exist are skipped.
    case remove([RuleName])
  }

  /// - Throws: `badInput` if the rule to place it beside does not exist, or if the rule names a class or list that it
  ///   cannot.
  public init(rules edit: RulesEdit, of datapath: Datapath) throws(AegisError) {
    let present = try RuleTable(datapath).rules()
    let rules = try edit.made(of: present.filter { !$0.name.isLeft })
    if case .put = edit {
      var policy = Policy()
      policy.classes = try ClassTable(datapath).definitions()
      policy.lists = try ListTable(datapath).definitions()
      policy.setRules(rules, datapath.direction)
      try policy.checkRules()
    }
    var differences = PolicyDifferences()
    if !Policy.says(present, rules) { differences.rules = .init(from: present, to: rules) }
    self.init(differences)
  }
}

extension Plan.RulesEdit {
  fileprivate func made(of present: [Rule]) throws(AegisError) -> [Rule] {
    switch self {
    case .remove(let names): return present.filter { !names.contains($0.name) }
    case .put(let rule, nil):
      guard let index = present.firstIndex(where: { $0.name == rule.name }) else {
        return present + [rule]
      }
      var rules = present
      rules[index] = rule
      return rules
    case .put(let rule, let place?):
      var rules = present.filter { $0.name != rule.name }
      guard let index = rules.firstIndex(where: { $0.name == place.other }) else {
        throw AegisError(
          .badInput, "there is no rule \(place.other)",
          hint: "aegisctl dump rules shows all of them")
      }
      if case .before = place {
        rules.insert(rule, at: index)
      } else {
        rules.insert(rule, at: index + 1)
      }
      return rules
    }
  }
}

extension Plan.RulesEdit.Place {
  fileprivate var other: RuleName {
    switch self {
    case .before(let other), .after(let other): other
    }
  }
}

extension Policy {
  fileprivate mutating func setRules(_ rules: [Rule], _ direction: Direction) {
    if direction == .in {
      self.rules = rules
      return
    }
    out = Policy()
    out?.rules = rules
  }
}

extension RuleTable {
  /// Refuses a change of something that rules name.
  ///
  /// - Throws: `badInput` if a rule of one of the directions needs it.
  static func checkFree(
    _ thing: String, of directions: [Datapath], _ isNaming: (Rule) -> Bool
  ) throws(AegisError) {
    for side in directions {
      guard let rule = try RuleTable(side).rules().first(where: isNaming) else { continue }
      let out = side.direction.option + side.profile.option
      throw AegisError(
        .badInput, "rule \(rule.name) names \(thing)",
        hint: "remove the rule first: aegisctl set-rule \(rule.name) --remove\(out)")
    }
  }
}

/// What was requested for the entries of a list, and what it changes.
public struct ListPlan<Element: Hashable & Sendable>: Sendable {
  public let plan: Plan
  /// What each of the changes is about: the state of the entry before and after.
  public let differences: [Plan.Difference<Element>]
  /// Where they are not those of the differences.
  private let actions: [ChangeAction]?
  /// How many there are of each outcome.
  public let counts: [ChangeAction: Int]

  init(
    _ plan: Plan, _ differences: [Plan.Difference<Element>], actions: [ChangeAction]? = nil
  ) {
    self.plan = plan
    self.differences = differences
    self.actions = actions
    // Here, where the compiler knows the type of a million elements.
    counts = differences.indices.counted { actions?[$0] ?? differences[$0].action }
  }

  /// For entries of a list that does not exist.
  public init(removingNothing contents: ListContents<Element>) {
    self.init(.none, contents.elements.map { Plan.Difference($0, from: nil, to: nil) })
  }

  public var count: Int { differences.count }

  private func action(_ index: Int) -> ChangeAction { actions?[index] ?? differences[index].action }

  /// The outcome for each requested element, in that order, and then for those that are removed because nobody
  /// requested them. Made when they are asked for: a list may have a million.
  public var changes: some RandomAccessCollection<Change<Element>> {
    differences.indices.lazy.map { index in
      Change(differences[index].element, action(index))
    }
  }
}

extension Sequence {
  fileprivate func counted(_ action: (Element) -> ChangeAction) -> [ChangeAction: Int] {
    var counts: [ChangeAction: Int] = [:]
    // Neighbours mostly have the same.
    var (last, run) = (ChangeAction.unchanged, 0)
    for element in self {
      let action = action(element)
      if action != last {
        if run > 0 { counts[last, default: 0] += run }
        (last, run) = (action, 0)
      }
      run += 1
    }
    if run > 0 { counts[last, default: 0] += run }
    return counts
  }
}

extension Plan.Difference {
  var action: ChangeAction {
    switch (before, after) {
    case (nil, nil): .unchanged
    case (nil, _?): .added
    case (_?, nil): .removed
    case (let before?, let after?): before == after ? .unchanged : .updated
    }
  }
}
