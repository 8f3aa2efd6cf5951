import Aegis

/// The sources, rules and reasons with the most drops.
struct StatsTop: Encodable {
  struct Rule: Encodable {
    let rule: String
    /// Estimated from a sample.
    let droppedEstimate: UInt64
  }

  struct Busiest: Encodable {
    let reason: String
    let packets: UInt64
  }

  /// For packets that leave.
  struct Out: Encodable {
    let destinations: [OffenderObject]
    let rules: [Rule]
  }

  let sources: [OffenderObject]
  let rules: [Rule]
  let reasons: [Busiest]
  /// Absent if no destination was over its rate.
  let out: Out?

  init(_ offenders: [Offender], _ outOffenders: [Offender], _ counts: Counts, most: Int) {
    sources = offenders.prefix(most).map(OffenderObject.init)
    rules = Self.rules(offenders, most)
    out =
      outOffenders.isEmpty
      ? nil
      : Out(
        destinations: outOffenders.prefix(most).map(OffenderObject.init),
        rules: Self.rules(outOffenders, most))
    reasons = counts.reasons.filter { $0.verdict == .drop && counts[$0].packets > 0 }
      .sorted { (counts[$0].packets, $1) > (counts[$1].packets, $0) }.prefix(most)
      .map { Busiest(reason: $0.name, packets: counts[$0].packets) }
  }

  private static func rules(_ offenders: [Offender], _ most: Int) -> [Rule] {
    let byRule = offenders.reduce(into: [String: UInt64]()) { sums, offender in
      sums[offender.rule ?? "(gone)", default: 0] += offender.packets
    }
    return byRule.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(most)
      .map { Rule(rule: $0.key, droppedEstimate: $0.value) }
  }

  private static func rows(_ offenders: [OffenderObject]) -> [[String]] {
    offenders.map { offender in
      let ago = DurationText.format(.seconds(offender.lastSecondsAgo))
      return [
        offender.name, offender.rule ?? "(gone)", "\(offender.droppedEstimate)", "\(ago) ago",
      ]
    }
  }

  /// The tables that are not empty.
  var tables: [(title: String?, table: Table)] {
    let parts: [(title: String, columns: [Table.Column], rows: [[String]])] = [
      (
        "busiest limited sources, estimated",
        ["source", "rule", .right("dropped"), .right("last")], Self.rows(sources)
      ),
      (
        "busiest rules, estimated", ["rule", .right("dropped")],
        rules.map { [$0.rule, "\($0.droppedEstimate)"] }
      ),
      (
        "busiest limited destinations, estimated",
        ["destination", "rule", .right("dropped"), .right("last")],
        Self.rows(out?.destinations ?? [])
      ),
      (
        "busiest rules for what leaves, estimated", ["rule", .right("dropped")],
        out?.rules.map { [$0.rule, "\($0.droppedEstimate)"] } ?? []
      ),
      (
        "busiest reasons", ["reason", .right("dropped")],
        reasons.map { [$0.reason, "\($0.packets)"] }
      ),
    ]
    return parts.filter { !$0.rows.isEmpty }.map { ($0.title, Table($0.columns, rows: $0.rows)) }
  }
}
