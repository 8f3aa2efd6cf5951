import Aegis

/// The packets that the entries of each list decided on.
struct ListStatsReport: Report {
  struct Item: Encodable {
    let list: String
    let dropped: StatsReport.CountObject
    /// Packets that passed, and would have been dropped without monitoring.
    let wouldDrop: StatsReport.CountObject
    /// Share of the packets that all lists dropped, 0 to 1.
    let share: Double
    /// Packets, in the last interval; absent for a single read.
    let droppedPerSecond: Double?
    let wouldDropPerSecond: Double?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "ListStats"
    let items: [Item]
    /// Packets that leave, by the list that has their destination; absent if no list decided on any.
    let out: [Item]?
  }

  /// The counts of each direction.
  typealias Sample = [Direction: [ListCounts]]

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
    let out = items(.out)
    self.out = out.contains { $0.dropped.packets + $0.wouldDrop.packets > 0 } ? out : []
  }

  private static func items(
    _ last: [ListCounts], since first: [ListCounts]?, seconds: Double
  ) -> [Item] {
    let all = last.reduce(0) { $0 + $1.dropped.packets }
    return last.map { counts in
      let before = first.map { first in
        first.first { $0.name == counts.name } ?? ListCounts(counts.name)
      }
      return Item(
        list: counts.name.text, dropped: .init(counts.dropped), wouldDrop: .init(counts.wouldDrop),
        share: all == 0 ? 0 : Double(counts.dropped.packets) / Double(all),
        droppedPerSecond: before.map {
          Double((counts.dropped - $0.dropped).packets) / seconds
        },
        wouldDropPerSecond: before.map {
          Double((counts.wouldDrop - $0.wouldDrop).packets) / seconds
        })
    }
  }

  var names: [String] { items.map(\.list) }

  var object: Object { Object(items: items, out: out.isEmpty ? nil : out) }

  func table(wide: Bool) -> Table {
    var columns: [Table.Column] = [
      "list", .right("dropped"), .right("bytes"), .right("share"), .right("would-drop"),
    ]
    if items.first?.droppedPerSecond != nil {
      columns += [.right("dropped/s"), .right("would-drop/s")]
    }
    return Table(columns, rows: lines(items) + lines(out, suffix: " out"))
  }

  /// - Parameter suffix: Of the names of lists.
  private func lines(_ items: [Item], suffix: String = "") -> [[String]] {
    let all = items.reduce(0) { $0 + $1.dropped.packets }
    return items.map { item in
      let rates = [item.droppedPerSecond, item.wouldDropPerSecond].compactMap { $0 }
      return [
        item.list + suffix, "\(item.dropped.packets)", "\(item.dropped.bytes)",
        FractionText.percent(item.dropped.packets, of: all), "\(item.wouldDrop.packets)",
      ] + rates.map { "\(UInt64($0.rounded()))" }
    }
  }
}
