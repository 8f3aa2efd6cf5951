internal import CAegis

extension Policy {
  /// The most rules of a direction.
  public static let mostRules = RuleCompiler.most

  /// Checks that rules can be carried out together with the lists and classes of this policy, which is complete.
  ///
  /// - Throws: `badInput` for two rules of one name, for too many rules, and for a list or class that a rule cannot
  ///   name.
  func checkRules() throws(AegisError) {
    for direction in Direction.allCases {
      let rules = part(of: direction).rules ?? []
      guard rules.count <= Self.mostRules else {
        throw AegisError(
          .badInput, "there can be no more than \(Self.mostRules) rules, not \(rules.count)")
      }
      var names: Set<RuleName> = []
      for rule in rules {
        guard names.insert(rule.name).inserted else {
          throw AegisError(.badInput, "there are two rules \(rule.name)")
        }
        try check(rule, direction)
      }
    }
  }

  private func check(_ rule: Rule, _ direction: Direction) throws(AegisError) {
    if direction == .out, rule.asksForSockets {
      throw AegisError(
        .badInput, "rule \(rule.name): only packets that come in are for a socket of this host")
    }
    if rule.action == .hook, rule.expires != nil {
      throw AegisError(
        .badInput, "rule \(rule.name): a rule that chooses packets for the hook cannot expire",
        hint: "without it, the program would be asked about no packet")
    }
    if direction == .out, rule.action == .hook {
      throw AegisError(
        .badInput, "rule \(rule.name): only packets that come in are given to the hook")
    }
    for name in rule.classNames where name != .foreign && classes?[name] == nil {
      throw AegisError(.badInput, "rule \(rule.name): there is no class \(name)")
    }
    for name in rule.listNames {
      guard name != .manual, let list = lists?[name] else {
        throw AegisError(
          .badInput,
          name == .manual
            ? "rule \(rule.name): the list manual drops what is in it"
            : "rule \(rule.name): there is no list \(name)",
          hint: "aegisctl set-list \(name == .manual ? "NAME" : "\(name)") --action none")
      }
      guard list.action == .none else {
        throw AegisError(
          .badInput, "rule \(rule.name): list \(name) drops what is in it",
          hint: "rules name lists of action none: aegisctl set-list \(name) --action none")
      }
      guard list.directions.contains(direction) else {
        throw AegisError(
          .badInput, "rule \(rule.name): list \(name) is not for packets of this direction",
          hint: "aegisctl set-list \(name) --direction both")
      }
    }
  }
}
