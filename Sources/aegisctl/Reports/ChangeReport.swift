import Aegis

/// The individual changes that a verb made.
struct ChangeReport: ChangeReporting {
  struct Item: ChangeItem {
    let name: String
    let action: String
    /// When the entry expires now, and when it would have expired, in RFC 3339; absent if never.
    var expires: String?
    var expiredBefore: String?
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
  /// How `unchanged` reads in a table.
  private let unchanged: String
  /// Created only if they are read: there may be a million.
  private let items: () -> [Item]
  /// For each item, when its entry expires, for people; nil where nothing expires.
  private let ends: (() -> [String])?

  init(_ changes: [(name: String, action: String)], remaining: [String] = [], dryRun: Bool) {
    count = changes.count
    counts = changes.reduce(into: [:]) { $0[$1.action, default: 0] += 1 }
    merged = 0
    self.remaining = remaining
    isDryRun = dryRun
    unchanged = Self.unchanged
    items = { changes.map { Item(name: $0.name, action: $0.action) } }
    ends = nil
  }

  /// - Parameter absent: For a removal, what is said of elements that did not exist.
  init<Element: CustomStringConvertible>(
    _ made: ListPlan<Element>, merged: Int, absent: String? = nil, dryRun: Bool
  ) {
    count = made.count
    counts = made.counts.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value }
    self.merged = merged
    remaining = []
    isDryRun = dryRun
    unchanged = absent ?? Self.unchanged
    items = {
      var ends = EntryEnds()
      return zip(made.changes, made.differences).map { change, difference in
        Item(
          name: change.element.description, action: change.action.rawValue,
          expires: ends.time(difference.after), expiredBefore: ends.time(difference.before))
      }
    }
    ends =
      absent == nil
      ? {
        let ends = EntryEnds()
        return made.differences.map { ends.text(from: $0.before, to: $0.after) }
      } : nil
  }

  /// For a single thing that is or is not changed: `set-rate`, `load`.
  init(_ name: String, changed: Bool, dryRun: Bool) {
    self.init([(name, changed ? "changed" : Self.unchanged)], dryRun: dryRun)
  }

  private static let unchanged = "unchanged"

  var isChanged: Bool { counts.contains { $0.key != Self.unchanged && $0.value > 0 } }

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
      var sums = counts.sorted { $0.key < $1.key }.map { "\($0.value) \(word($0.key))" }
      if merged > 0 { sums.append("\(merged) merged") }
      return Table(["", ""], rows: [["\(count) entries", sums.joined(separator: ", ") + suffix]])
    }
    let stays =
      remaining.count > Self.mostRows && !wide
      ? [["\(remaining.count) other rates", "stay"]] : remaining.map { [$0, "stays"] }
    let rows = items().map { [$0.name, word($0.action) + suffix] }
    guard let ends else { return Table(["", ""], rows: rows + stays) }
    return Table(["", "", ""], rows: zip(rows, ends()).map { $0 + [$1] })
  }

  private func word(_ action: String) -> String { action == Self.unchanged ? unchanged : action }
}
