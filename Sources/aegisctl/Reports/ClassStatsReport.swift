import Aegis

/// The packets of each class.
struct ClassStatsReport: Report {
  struct Item: Encodable {
    /// Absent for packets that are not IP, or whose headers could not be read.
    let `class`: String?
    let passed: StatsReport.CountObject
    let dropped: StatsReport.CountObject
    /// Packets that passed, and would have been dropped without monitoring.
    let wouldDrop: StatsReport.CountObject
    /// Share of the packets of the class, 0 to 1.
    let dropShare: Double
    let packetsPerSecond: Double?
    let bytesPerSecond: Double?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "ClassStats"
    let items: [Item]
    /// Packets that leave, by the class of their destination; absent if there were none.
    let out: [Item]?
  }

  private struct Row {
    let counts: ClassCounts
    let total: Count
    /// A second, in the last interval; nil for a single read.
    let packetsPerSecond: Double?
    let bytesPerSecond: Double?
  }

  /// The counts of each direction.
  typealias Sample = [Direction: [ClassCounts]]

  private let rows: [Row]
  /// Empty if no packet left.
  private let out: [Row]

  /// - Parameters:
  ///   - first: The counts before; nil for a single read.
  ///   - seconds: Between the two.
  init(_ last: Sample, since first: Sample?, seconds: Double) {
    func rows(_ direction: Direction) -> [Row] {
      Self.rows(
        last[direction] ?? [], since: first.map { $0[direction] ?? [] }, seconds: seconds)
    }
    self.rows = rows(.in)
    let out = rows(.out)
    self.out = out.contains { $0.total.packets > 0 } ? out : []
  }

  private static func rows(
    _ last: [ClassCounts], since first: [ClassCounts]?, seconds: Double
  ) -> [Row] {
    last.filter { $0.name != nil || $0.total.packets > 0 }.map { counts in
      let total = counts.total
      let recent = first.map { before in
        total - (before.first { $0.name == counts.name }?.total ?? Count())
      }
      return Row(
        counts: counts, total: total,
        packetsPerSecond: recent.map { Double($0.packets) / seconds },
        bytesPerSecond: recent.map { Double($0.bytes) / seconds })
    }
  }

  var names: [String] { rows.compactMap(\.counts.name?.text) }

  var object: Object {
    Object(items: rows.map(item), out: out.isEmpty ? nil : out.map(item))
  }

  private func item(_ row: Row) -> Item {
    Item(
      class: row.counts.name?.text, passed: .init(row.counts.passed),
      dropped: .init(row.counts.dropped), wouldDrop: .init(row.counts.wouldDrop),
      dropShare: row.total.packets == 0
        ? 0 : Double(row.counts.dropped.packets) / Double(row.total.packets),
      packetsPerSecond: row.packetsPerSecond, bytesPerSecond: row.bytesPerSecond)
  }

  func table(wide: Bool) -> Table {
    var columns: [Table.Column] = [
      "class", .right("packets"), .right("bytes"), .right("share"), .right("dropped"),
      .right("drop-share"), .right("would-drop"),
    ]
    if rows.first?.packetsPerSecond != nil { columns += [.right("packets/s"), .right("bytes/s")] }
    return Table(columns, rows: lines(rows) + lines(out, suffix: " out"))
  }

  /// - Parameter suffix: Of the names of classes.
  private func lines(_ rows: [Row], suffix: String = "") -> [[String]] {
    let all = rows.reduce(0) { $0 + $1.total.packets }
    return rows.map { row in
      let counts = row.counts
      let rates = [row.packetsPerSecond, row.bytesPerSecond].compactMap { $0 }
      return [
        (counts.name?.text ?? "(none)") + suffix, "\(row.total.packets)", "\(row.total.bytes)",
        FractionText.percent(row.total.packets, of: all), "\(counts.dropped.packets)",
        FractionText.percent(counts.dropped.packets, of: row.total.packets),
        "\(counts.wouldDrop.packets)",
      ] + rates.map { "\(UInt64($0.rounded()))" }
    }
  }
}

extension ClassCounts {
  fileprivate var total: Count {
    var total = passed
    total += dropped
    return total
  }
}
