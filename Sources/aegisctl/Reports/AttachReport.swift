import Aegis

struct AttachReport: Report {
  struct Item: Encodable {
    let name: String
    let action: String
    let mode: String
    let warning: String?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Changes"
    let changed: Bool
    let dryRun: Bool
    /// How many items have which action.
    let counts: [String: Int]
    let items: [Item]
  }

  let isDryRun: Bool
  private var items: [Item] = []

  init(isDryRun: Bool) {
    self.isDryRun = isDryRun
  }

  mutating func add(_ name: String, _ outcome: Interfaces.AttachOutcome) {
    items.append(
      Item(
        name: name, action: outcome.isChanged ? "attached" : "unchanged",
        mode: outcome.mode.rawValue, warning: outcome.warning))
  }

  var isEmpty: Bool { items.isEmpty }

  var object: Object {
    Object(
      changed: items.contains { $0.action != "unchanged" }, dryRun: isDryRun,
      counts: items.reduce(into: [:]) { $0[$1.action, default: 0] += 1 }, items: items)
  }

  var names: [String] { items.map(\.name) }

  func table(wide: Bool) -> Table {
    Table(
      ["", "", ""],
      rows: items.map { [$0.name, $0.action + (isDryRun ? " (dry run)" : ""), $0.mode] })
  }
}
