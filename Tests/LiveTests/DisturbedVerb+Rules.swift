import Foundation
import TestSupport
import Testing

/// Verbs about rules, and those that carry rules.
extension DisturbedVerb {
  /// With a key and rates of several ports.
  private static func rules(
    _ base: String, ports: String, rates: String, _ rules: String...
  ) -> String {
    base.replacingOccurrences(of: "  keys:\n", with: "  keys:\n  - any:\(ports)/udp\n")
      .replacingOccurrences(of: "  rates: [", with: "  rates: [\(rates), ")
      + "  rules:\n" + rules.map { "  - {\($0)}\n" }.joined()
      + "  lists: [{name: some, action: none, entries: [198.18.30.0/24]}]\n"
  }

  private static let rulesBefore = rules(
    before, ports: "8100-8109", rates: "{rate: 4k/s, port: 20-29/udp}",
    "name: one, match: {port: 9/udp, length: 300-}, then: drop",
    "name: gone, match: {port: 10, from: \"list:some\"}, then: drop",
    "name: slow, match: {icmp: echo-request}, then: limit, rate: 10/s, burst: 20, total: true",
    "name: last, match: {class: foreign, port: 11/udp}, then: drop, monitor: true")
  private static let rulesAfter = rules(
    after, ports: "8100-8119,8200",
    rates: "{rate: 4k/s, port: 20-25/udp}, {rate: 3k/s, port: 20-29/udp, from: 198.18.0.0/16}",
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
    ofRules(["allow-key", "198.18.2.0/24:9000-9009,9020/udp", "--rate", "30/s"]),
    ofRules(["allow-key", "--remove", "any:8100-8109/udp"]),
    ofRules(["set-rate", "7/s", "--port", "9000-9009/udp"]),
    ofRules(["set-rate", "off", "--port", "20-29/udp"]),
    ofRules(declare, input: rulesAfter),
  ]
}
