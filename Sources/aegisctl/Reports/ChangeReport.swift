import Aegis

/// The individual changes that a verb made.
struct ChangeReport: ChangeReporting {
  struct Item: ChangeItem {
    let name: String
    let action: String
  }

  private let count: Int
  /// The number of items by action.
  private let counts: [String: Int]
  /// Entries of a list that other entries made unnecessary.
  private let merged: Int
  /// What stays in effect although a similar element was removed.
  private let remaining: [String]
  private let isDryRun: Bool
  var confirmation: Confirmation?
  /// Created only if they are read: there may be a million.
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

  /// For a single thing that is or is not changed: `set-rate`, `load`.
  init(_ name: String, changed: Bool, dryRun: Bool) {
    self.init([(name, changed ? "changed" : "unchanged")], dryRun: dryRun)
  }

  var isChanged: Bool { counts.contains { $0.key != "unchanged" && $0.value > 0 } }

  var object: ChangesObject<Item> {
    ChangesObject(
      items(), merged: merged, remaining: remaining, dryRun: isDryRun, confirmation: confirmation)
  }

  var names: [String] { items().map(\.name) }

  /// More rows than fit on a screen are summarized.
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
