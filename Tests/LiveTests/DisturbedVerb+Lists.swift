import TestSupport
import Testing

/// Verbs about lists, and those that carry lists.
extension DisturbedVerb {
  private static let entries = (0..<200).map { "198.19.\($0 / 100).\($0 % 100)\n" }.joined()
  private static let others = (100..<300).map { "198.19.\($0 / 100).\($0 % 100)\n" }.joined()

  private static func lists(_ base: String, _ lists: String) -> String {
    base + "  lists: [\(lists)]\n"
  }

  private static let listsBefore = lists(
    before,
    """
    {name: feed, entries: [\(dropped), 198.18.0.1, 198.18.20.0/24]}, \
    {name: watch, monitor: true, entries: [198.18.0.1, 198.18.21.0/24]}, \
    {name: gone, direction: both, entries: [198.18.0.1, 198.18.22.1]}
    """)
  private static let listsAfter = lists(
    after,
    """
    {name: feed, direction: both, note: moved, entries: [\(dropped), 198.18.0.2]}, \
    {name: watch, entries: [198.18.0.1, {source: 198.18.21.0/24, note: kept}]}, \
    {name: fresh, action: none, entries: [198.18.0.1, 198.18.22.1]}
    """)

  private static func ofLists(_ arguments: [String], input: String? = nil) -> DisturbedVerb {
    DisturbedVerb(
      name: arguments.filter { $0 != "--force" }.joined(separator: " ") + " (lists)",
      arguments: arguments, input: input,
      prepare: { live in
        try attach(live)
        try live.ok(declare, input: listsBefore)
      }, undo: { try $0.ok(declare, input: listsBefore) })
  }

  static let lists: [DisturbedVerb] = [
    ofLists(["feed", "fresh", "-f", "-", "--ttl", "never"], input: entries),
    ofLists(["feed", "feed", "-f", "-", "--ttl", "never"], input: "\(dropped)\n" + others),
    ofLists(["set-list", "feed", "--direction", "both"]),
    ofLists(["set-list", "gone", "--direction", "in"]),
    ofLists(["set-list", "gone", "--remove"]),
    ofLists(["set-list", "watch", "--enforce", "--force"]),
    ofLists(["drop-ip", "--list", "gone", "198.18.22.2", "--note", "one"]),
    ofLists(["drop-ip", "--remove", "--all-lists", "198.18.0.1"]),
    ofLists(declare, input: listsAfter),
  ]
}
