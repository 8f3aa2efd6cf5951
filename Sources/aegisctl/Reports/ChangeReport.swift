import Aegis

/// What a verb changed, thing by thing.
struct ChangeReport: Report {
  struct Item: ChangeItem {
    let name: String
    let action: String
  }

  private let items: [Item]
  private let isDryRun: Bool

  init(_ changes: [(name: String, action: String)], dryRun: Bool) {
    items = changes.map { Item(name: $0.name, action: $0.action) }
    isDryRun = dryRun
  }

  init<Element: CustomStringConvertible>(_ changes: [Change<Element>], dryRun: Bool) {
    self.init(changes.map { ($0.element.description, $0.action.rawValue) }, dryRun: dryRun)
  }

  /// Of one thing that is or is not changed: `set-rate`, `load`.
  init(_ name: String, changed: Bool, dryRun: Bool) {
    self.init([(name, changed ? "changed" : "unchanged")], dryRun: dryRun)
  }

  var object: ChangesObject<Item> { ChangesObject(items, dryRun: isDryRun) }

  var names: [String] { items.map(\.name) }

  /// More than fit a screen are summed up.
  private static let mostRows = 24

  func table(wide: Bool) -> Table {
    let suffix = isDryRun ? " (dry run)" : ""
    if items.count > Self.mostRows, !wide {
      let sums = object.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      return Table(
        ["", ""], rows: [["\(items.count) entries", sums.joined(separator: ", ") + suffix]])
    }
    return Table(["", ""], rows: items.map { [$0.name, $0.action + suffix] })
  }
}
