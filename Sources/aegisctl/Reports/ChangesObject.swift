/// One thing that a verb was asked to make so, and what became of it.
protocol ChangeItem: Encodable {
  var name: String { get }
  var action: String { get }
}

/// What a verb changed, for programs.
struct ChangesObject<Item: ChangeItem>: Encodable {
  let apiVersion = APIVersion.current
  let kind = "Changes"
  let changed: Bool
  let dryRun: Bool
  /// How many items have which action.
  let counts: [String: Int]
  /// How many entries of a list were left out because others say as much; absent is none.
  let merged: Int?
  /// What goes on although something like it was taken away; absent is none.
  let remaining: [String]?
  let items: [Item]
  /// By when it is to be confirmed, and the command that does; absent where nothing is.
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
