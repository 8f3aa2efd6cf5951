import TestSupport
import Testing

/// Verbs about rules, and those that carry rules.
extension DisturbedVerb {
  private static func rules(_ base: String, _ rules: String...) -> String {
    base + "  rules:\n" + rules.map { "  - {\($0)}\n" }.joined()
      + "  lists: [{name: some, action: none, entries: [198.18.30.0/24]}]\n"
  }

  private static let rulesBefore = rules(
    before,
    "name: one, match: {port: 9/udp, length: 300-}, then: drop",
    "name: gone, match: {port: 10, from: \"list:some\"}, then: drop",
    "name: slow, match: {icmp: echo-request}, then: limit, rate: 10/s, burst: 20, total: true",
    "name: last, match: {class: foreign, port: 11/udp}, then: drop, monitor: true")
  private static let rulesAfter = rules(
    after,
    "name: slow, match: {icmp: echo-request}, then: limit, rate: 20/s, burst: 20, total: true",
    "name: one, match: {port: 9/udp}, not: {from: \"list:some\"}, then: drop",
    "name: fresh, match: {tcpFlags: syn}, then: limit, rate: 5/s")

  private static func ofRules(_ arguments: [String], input: String? = nil) -> DisturbedVerb {
    DisturbedVerb(
      name: arguments.filter { $0 != "--force" }.joined(separator: " ") + " (rules)",
      arguments: arguments, input: input,
      prepare: { live in
        try attach(live)
        try live.ok(declare, input: rulesBefore)
      }, undo: { try $0.ok(declare, input: rulesBefore) })
  }

  static let rules: [DisturbedVerb] = [
    ofRules(["set-rule", "added", "--port", "12/udp", "--then", "drop", "--before", "slow"]),
    ofRules(["set-rule", "gone", "--remove"]),
    ofRules(declare, input: rulesAfter),
  ]
}
