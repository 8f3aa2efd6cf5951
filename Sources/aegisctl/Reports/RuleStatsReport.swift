import Aegis

/// The packets that each rule matched.
struct RuleStatsReport: Report {
  struct Item: Encodable {
    let rule: String
    let then: String
    let monitor: Bool
    let matched: StatsReport.CountObject
    /// Share of the packets that all rules matched, 0 to 1.
    let share: Double
    /// In the last interval; absent for a single read.
    let packetsPerSecond: Double?
    let bytesPerSecond: Double?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "RuleStats"
    /// In the order of the rules.
    let items: [Item]
    /// Of packets that leave; absent if there are no such rules.
    let out: [Item]?
  }

  /// The counts of each direction.
  typealias Sample = [Direction: [RuleCounts]]

  private let items: [Item]
  private let out: [Item]

  /// - Parameters:
  ///   - first: The counts before; nil for a single read.
  ///   - seconds: Between the two.
  init(_ last: Sample, since first: Sample?, seconds: Double) {
    func items(_ direction: Direction) -> [Item] {
      Self.items(last[direction] ?? [], since: first.map { $0[direction] ?? [] }, seconds: seconds)
    }
    self.items = items(.in)
    out = items(.out)
  }

  private static func items(
    _ last: [RuleCounts], since first: [RuleCounts]?, seconds: Double
  ) -> [Item] {
    let all = last.reduce(0) { $0 + $1.matched.packets }
    return last.map { counts in
      let recent = first.map { first in
        counts.matched - (first.first { $0.rule.name == counts.rule.name }?.matched ?? Count())
      }
      return Item(
        rule: counts.rule.name.text, then: counts.rule.action.word,
        monitor: counts.rule.isMonitored, matched: .init(counts.matched),
        share: all == 0 ? 0 : Double(counts.matched.packets) / Double(all),
        packetsPerSecond: recent.map { Double($0.packets) / seconds },
        bytesPerSecond: recent.map { Double($0.bytes) / seconds })
    }
  }

  var names: [String] { items.map(\.rule) }

  var object: Object { Object(items: items, out: out.isEmpty ? nil : out) }

  func table(wide: Bool) -> Table {
    var columns: [Table.Column] = [
      "rule", "action", .right("packets"), .right("bytes"), .right("share"),
    ]
    if (items + out).first?.packetsPerSecond != nil {
      columns += [.right("packets/s"), .right("bytes/s")]
    }
    return Table(columns, rows: lines(items) + lines(out, suffix: " out"))
  }

  /// - Parameter suffix: Of the names of rules.
  private func lines(_ items: [Item], suffix: String = "") -> [[String]] {
    let all = items.reduce(0) { $0 + $1.matched.packets }
    return items.map { item in
      let rates = [item.packetsPerSecond, item.bytesPerSecond].compactMap { $0 }
      return [
        item.rule + suffix, item.then + (item.monitor ? ", monitored" : ""),
        "\(item.matched.packets)", "\(item.matched.bytes)",
        FractionText.percent(item.matched.packets, of: all),
      ] + rates.map { "\(UInt64($0.rounded()))" }
    }
  }
}
