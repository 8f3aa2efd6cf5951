/// The packets that a rule matched, on all interfaces, since it was made.
public struct RuleCounts: Sendable {
  public let rule: Rule
  public let matched: Count
}
