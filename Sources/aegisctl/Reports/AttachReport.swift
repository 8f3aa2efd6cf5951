import Aegis

struct AttachReport: ChangeReporting {
  struct Item: ChangeItem {
    let name: String
    let action: String
    let mode: String
    let direction: String
    /// The other port of its wire; absent without one.
    let wire: String?
    let warning: String?
  }

  let isDryRun: Bool
  private var items: [Item] = []
  var confirmation: Confirmation?

  init(isDryRun: Bool) {
    self.isDryRun = isDryRun
  }

  mutating func add(_ wanted: HostPlan.Attaching, _ outcome: Interfaces.AttachOutcome) {
    items.append(
      Item(
        name: wanted.name, action: outcome.isChanged ? "attached" : "unchanged",
        mode: outcome.mode.rawValue, direction: wanted.directions.rawValue, wire: wanted.wire?.peer,
        warning: outcome.warning))
  }

  var isChanged: Bool { items.contains { $0.action != "unchanged" } }

  var isEmpty: Bool { items.isEmpty }

  var object: ChangesObject<Item> {
    ChangesObject(items, dryRun: isDryRun, confirmation: confirmation)
  }

  var names: [String] { items.map(\.name) }

  func table(wide: Bool) -> Table {
    Table(
      ["", "", ""],
      rows: items.map {
        [
          WireText.ports($0.name, $0.wire), $0.action + (isDryRun ? " (dry run)" : ""),
          DirectionText.modes($0.mode, $0.direction),
        ]
      })
  }
}
