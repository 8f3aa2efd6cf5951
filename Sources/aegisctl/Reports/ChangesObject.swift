/// One requested change, and its result.
protocol ChangeItem: Encodable {
  var name: String { get }
  var action: String { get }
}

/// The changes that a verb made, for programs.
struct ChangesObject<Item: ChangeItem>: Encodable {
  let apiVersion = APIVersion.current
  let kind = "Changes"
  let changed: Bool
  let dryRun: Bool
  /// The number of items by action.
  let counts: [String: Int]
  /// The number of entries of a list left out because others cover them; absent if none.
  let merged: Int?
  /// What stays in effect although a similar element was removed; absent if none.
  let remaining: [String]?
  let items: [Item]
  /// When the change must be confirmed, and the command for it; absent if no confirmation is needed.
  let deadline: String?
  let confirm: String?

  init(
    _ items: [Item], merged: Int = 0, remaining: [String] = [], dryRun: Bool,
    confirmation: Confirmation? = nil
  ) {
    deadline = confirmation?.deadline
    confirm = confirmation?.command
    self.items = items
    self.merged = merged > 0 ? merged : nil
    self.remaining = remaining.isEmpty ? nil : remaining
    self.dryRun = dryRun
    changed = items.contains { $0.action != "unchanged" }
    counts = items.reduce(into: [:]) { $0[$1.action, default: 0] += 1 }
  }
}
