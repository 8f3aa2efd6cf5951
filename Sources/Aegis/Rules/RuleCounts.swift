/// The packets that a rule matched, on all interfaces, since it was made.
public struct RuleCounts: Sendable {
  public let rule: Rule
  public let matched: Count
}

extension RuleTable {
  /// The rules in their order, without expired ones, with what each has matched.
  public func counted() throws(AegisError) -> [RuleCounts] {
    let rules = try rules()
    if rules.isEmpty { return [] }
    let counts = try counts()
    return rules.map { RuleCounts(rule: $0, matched: counts[$0.name] ?? Count()) }
  }
}
