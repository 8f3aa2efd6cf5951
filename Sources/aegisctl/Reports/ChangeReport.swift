import Aegis

/// What a verb changed, thing by thing.
struct ChangeReport: ChangeReporting {
  struct Item: ChangeItem {
    let name: String
    let action: String
  }

  private let count: Int
  /// How many things have which action.
  private let counts: [String: Int]
  /// Entries of a list that others made unnecessary.
  private let merged: Int
  /// What goes on although something like it was taken away.
  private let remaining: [String]
  private let isDryRun: Bool
  var confirmation: Confirmation?
  /// Made only for who reads them: there may be a million.
  private let items: () -> [Item]

  init(_ changes: [(name: String, action: String)], remaining: [String] = [], dryRun: Bool) {
    count = changes.count
    counts = changes.reduce(into: [:]) { $0[$1.action, default: 0] += 1 }
    merged = 0
    self.remaining = remaining
    isDryRun = dryRun
    items = { changes.map { Item(name: $0.name, action: $0.action) } }
  }

  init<Element: CustomStringConvertible>(
    _ changes: [Change<Element>], merged: Int = 0, dryRun: Bool
  ) {
    count = changes.count
    var counts: [String: Int] = [:]
    for action in Change<Element>.Action.allCases {
      let count = changes.count { $0.action == action }
      if count > 0 { counts[action.rawValue] = count }
    }
    self.counts = counts
    self.merged = merged
    remaining = []
    isDryRun = dryRun
    items = { changes.map { Item(name: $0.element.description, action: $0.action.rawValue) } }
  }

  /// Of one thing that is or is not changed: `set-rate`, `load`.
  init(_ name: String, changed: Bool, dryRun: Bool) {
    self.init([(name, changed ? "changed" : "unchanged")], dryRun: dryRun)
  }

  var isChanged: Bool { counts.contains { $0.key != "unchanged" && $0.value > 0 } || merged > 0 }

  var object: ChangesObject<Item> {
    ChangesObject(
      items(), merged: merged, remaining: remaining, dryRun: isDryRun, confirmation: confirmation)
  }

  var names: [String] { items().map(\.name) }

  /// More than fit a screen are summed up.
  private static let mostRows = 24

  func table(wide: Bool) -> Table {
    let suffix = isDryRun ? " (dry run)" : ""
    if count > Self.mostRows, !wide {
      var sums = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      if merged > 0 { sums.append("\(merged) merged") }
      return Table(["", ""], rows: [["\(count) entries", sums.joined(separator: ", ") + suffix]])
    }
    let stays =
      remaining.count > Self.mostRows && !wide
      ? [["\(remaining.count) other rates", "stay"]] : remaining.map { [$0, "stays"] }
    return Table(["", ""], rows: items().map { [$0.name, $0.action + suffix] } + stays)
  }
}
