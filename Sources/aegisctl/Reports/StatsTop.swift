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

  let sources: [OffenderObject]
  let rules: [Rule]
  let reasons: [Busiest]

  init(_ offenders: [Offender], _ counts: Counts, most: Int) {
    sources = offenders.prefix(most).map(OffenderObject.init)
    let byRule = offenders.reduce(into: [String: UInt64]()) { sums, offender in
      sums[offender.rule ?? "(gone)", default: 0] += offender.packets
    }
    rules = byRule.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(most)
      .map { Rule(rule: $0.key, droppedEstimate: $0.value) }
    reasons = counts.reasons.filter { $0.verdict == .drop && counts[$0].packets > 0 }
      .sorted { (counts[$0].packets, $1) > (counts[$1].packets, $0) }.prefix(most)
      .map { Busiest(reason: $0.name, packets: counts[$0].packets) }
  }

  /// The tables that are not empty.
  var tables: [(title: String?, table: Table)] {
    let limited = sources.map { source in
      let ago = DurationText.format(.seconds(source.lastSecondsAgo))
      return [source.name, source.rule ?? "(gone)", "\(source.droppedEstimate)", "\(ago) ago"]
    }
    let parts: [(title: String, columns: [Table.Column], rows: [[String]])] = [
      (
        "busiest limited sources, estimated",
        ["source", "rule", .right("dropped"), .right("last")], limited
      ),
      (
        "busiest rules, estimated", ["rule", .right("dropped")],
        rules.map { [$0.rule, "\($0.droppedEstimate)"] }
      ),
      (
        "busiest reasons", ["reason", .right("dropped")],
        reasons.map { [$0.reason, "\($0.packets)"] }
      ),
    ]
    return parts.filter { !$0.rows.isEmpty }.map { ($0.title, Table($0.columns, rows: $0.rows)) }
  }
}
