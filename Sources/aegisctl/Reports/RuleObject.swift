import Aegis

/// A rule with what it counted. Its fields are texts, and addresses are lists, whatever their number.
struct RuleObject: Encodable {
  struct Match: Encodable {
    private let match: RuleMatch

    init(_ match: RuleMatch) { self.match = match }

    func encode(to encoder: any Encoder) throws {
      try match.encode(to: encoder) { selector, text, container, key in
        if [.from, .to].contains(selector) {
          try container.encode(text.split(separator: ",").map(String.init), forKey: key)
        } else {
          try container.encode(text, forKey: key)
        }
      }
    }
  }

  let entry: RuleEntryObject<Match>
  /// Those that matched.
  let matched: Count

  private let rule: Rule
  private let left: Duration?

  private enum CodingKeys: String, CodingKey {
    case packets, bytes
  }

  init(_ counts: RuleCounts, _ clock: ClockReading) {
    rule = counts.rule
    matched = counts.matched
    entry = RuleEntryObject(rule, clock, Match.init)
    left = rule.expires.map { .nanoseconds($0 - min($0, clock.boottime)) }
  }

  func encode(to encoder: any Encoder) throws {
    try entry.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(matched.packets, forKey: .packets)
    try container.encode(matched.bytes, forKey: .bytes)
  }
}

extension RuleObject {
  static func table(_ rules: [RuleObject], wide: Bool) -> Table {
    Table(
      [.right("#"), "rule", "match", "action", .right("packets")]
        + (wide ? [.right("bytes")] : []) + ["left", "note"],
      rows: rules.enumerated().map { ["\($0.offset + 1)"] + $0.element.row(wide: wide) })
  }

  private func row(wide: Bool) -> [String] {
    [
      entry.name, rule.matchText, rule.actionText + (rule.isMonitored ? ", monitored" : ""),
      "\(matched.packets)",
    ] + (wide ? ["\(matched.bytes)"] : [])
      + [left.map(DurationText.format) ?? "-", entry.note ?? "-"]
  }
}
