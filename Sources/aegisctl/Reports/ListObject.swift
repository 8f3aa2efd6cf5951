import Aegis

/// A list of drop entries as `dump lists` shows it.
struct ListObject: Encodable {
  let name: String
  let action: String
  let direction: String
  let monitor: Bool
  /// Those that have not expired.
  let entries: Int
  /// When all of them expire; absent if never.
  let expires: String?
  let remainingMilliseconds: UInt64?
  let note: String?

  private var left: Duration? { remainingMilliseconds.map { .milliseconds($0) } }

  /// - Parameter entries: How many it has.
  init(_ name: ListName, _ list: NamedList, entries: Int, _ clock: ClockReading) {
    self.name = name.text
    action = list.action.rawValue
    direction = list.directions.rawValue
    monitor = list.isMonitored
    self.entries = entries
    expires = list.expires.map { "\(clock.wallTime(of: $0))" }
    remainingMilliseconds = list.expires.map { ($0 - min($0, clock.boottime)) / 1_000_000 }
    note = list.note?.text
  }

  static let columns: [Table.Column] = [
    "list", "action", "direction", "monitor", .right("entries"), "left", "note",
  ]

  var row: [String] {
    [
      name, action, direction, monitor ? "yes" : "no", "\(entries)",
      left.map(DurationText.format) ?? "-", note ?? "-",
    ]
  }
}
