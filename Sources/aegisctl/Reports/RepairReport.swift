import Aegis

struct RepairReport: ChangeReporting {
  struct Item: Encodable {
    let name: String
    let action: String
    let detail: String?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Repair"
    let changed: Bool
    let dryRun: Bool
    /// The number of items by action.
    let counts: [String: Int]
    let items: [Item]
  }

  let object: Object
  private let root: PinRoot

  init(_ outcome: Repair.Outcome, root: PinRoot, isDryRun: Bool) {
    object = Object(
      changed: outcome.isChanged, dryRun: isDryRun,
      counts: outcome.items.reduce(into: [:]) { $0[$1.action.rawValue, default: 0] += 1 },
      items: outcome.items.map {
        Item(name: $0.name, action: $0.action.rawValue, detail: $0.detail)
      })
    self.root = root
  }

  var isChanged: Bool { object.changed }

  var names: [String] { object.items.map(\.name) }

  func table(wide: Bool) -> Table {
    let suffix = object.dryRun ? " (dry run)" : ""
    let items = object.items.map { [$0.name, $0.action + suffix, $0.detail ?? ""] }
    return Table(["", "", ""], rows: items.isEmpty ? [["\(root)", "unchanged", ""]] : items)
  }
}
