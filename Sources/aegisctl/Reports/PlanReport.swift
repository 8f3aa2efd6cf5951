import Aegis

/// The changes of a plan.
struct PlanReport: ChangeReporting {
  struct Item: Encodable {
    /// Of a part of the policy that each direction has by itself; absent otherwise.
    var direction: String?
    /// Of a profile besides main; absent for main.
    var profile: String?
    let part: String
    let name: String
    let action: String
    let before: String?
    let now: String?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Plan"
    let changed: Bool
    let dryRun: Bool
    /// The number of things that are added, changed, removed and unchanged.
    let counts: [String: Int]
    /// The number of entries that the lists of the files do not contain, and that stay.
    let remaining: Int
    /// Items without the unchanged ones.
    let items: [Item]
    /// When the change must be confirmed, and the command for it; absent if no confirmation is needed.
    let deadline: String?
    let confirm: String?
  }

  private let plan: Plan
  private let profiles: [ProfilePlan]
  /// What is not of the policy of packets.
  private let host: [Item]
  private let users: [Item]
  private let unchangedParts: Int
  private let remaining: Int
  private let isDryRun: Bool
  private let isComparison: Bool
  var confirmation: Confirmation?

  /// - Parameter comparison: Whether it is a comparison, which nobody expects to change anything.
  init(
    _ plan: Plan, _ host: HostPlan? = nil, _ geo: GeoChange? = nil, _ relay: RelayChange? = nil,
    _ profiles: [ProfilePlan] = [], hook: HookChange? = nil, switching: String? = nil,
    gone: [Profile] = [],
    dryRun: Bool, comparison: Bool = false
  ) {
    self.plan = plan
    self.profiles = profiles
    let made = profiles.filter(\.isNew).map {
      Item(part: "profile", name: "\($0.profile.name)", action: "added", before: nil, now: nil)
    }
    let removed = gone.map {
      Item(part: "profile", name: "\($0.name)", action: "removed", before: nil, now: nil)
    }
    let switched = switching.map {
      [Item(part: "profile", name: $0, action: "changed", before: nil, now: "in force")]
    }
    let countries = geo.flatMap { geo in
      geo.action.map {
        Item(part: "geo", name: "", action: $0.rawValue, before: nil, now: geo.text)
      }
    }
    self.host =
      (host?.items ?? []) + (countries.map { [$0] } ?? []) + (hook?.item.map { [$0] } ?? [])
      + (relay?.items ?? [])
      + made + removed + (switched ?? [])
    users = relay?.userItems ?? []
    unchangedParts =
      (host?.unchanged ?? 0) + (geo?.isChanged == false ? 1 : 0) + (relay?.unchanged ?? 0)
      + (hook?.isChanged == false ? 1 : 0)
    remaining =
      plan.remaining + profiles.reduce(0) { $0 + $1.plan.remaining } + (relay?.remaining ?? 0)
    isDryRun = dryRun
    isComparison = comparison
  }

  private static let unchanged = "unchanged"

  /// Says how many entries stay although the files do not have them, since the table only shows what changes.
  func noteRemaining(_ output: OutputOptions) {
    let count = remaining
    if count == 0 || output.quiet || ![.table, .wide].contains(output.output) { return }
    let entries = count == 1 ? "1 loaded entry is" : "\(count) loaded entries are"
    let (stay, them) = count == 1 ? ("stays", "it") : ("stay", "them")
    Notice.give("\(entries) not in the files and \(stay) (diff --prune lists \(them))")
  }

  private var plans: [Plan] { [plan] + profiles.map(\.plan) }

  private func counts(of part: Plan.Item.Part) -> [Plan.Item.Action: Int] {
    plans.reduce(into: [:]) { $0.merge($1.counts(of: part), uniquingKeysWith: +) }
  }

  /// With the name of the profile of each; nil for main.
  private var planItems: [(profile: String?, item: Plan.Item)] {
    plan.items.map { (nil, $0) }
      + profiles.flatMap { one in one.plan.items.map { (one.profile.name.text, $0) } }
  }

  private var counts: [String: Int] {
    var counts = [
      Self.unchanged: plans.reduce(0) { $0 + $1.unchanged } + unchangedParts
    ]
    for action in Plan.Item.Action.allCases {
      counts[action.rawValue] = Plan.Item.Part.allCases.reduce(0) { sum, part in
        sum + self.counts(of: part)[action, default: 0]
      }
      counts[action.rawValue, default: 0] += (host + users).count { $0.action == action.rawValue }
    }
    return counts
  }

  private var count: Int {
    users.count + Plan.Item.Part.allCases.reduce(0) { $0 + counts(of: $1).values.reduce(0, +) }
  }

  var isChanged: Bool {
    plans.contains { !$0.isEmpty } || !host.isEmpty || !users.isEmpty
  }

  var object: Object {
    Object(
      changed: isChanged, dryRun: isDryRun, counts: counts, remaining: remaining,
      items: host
        + planItems.map { profile, item in
          Item(
            direction: item.part.isOfBothDirections ? nil : item.direction.rawValue,
            profile: profile, part: item.part.rawValue, name: item.name,
            action: item.action.rawValue, before: item.before, now: item.now)
        } + users, deadline: confirmation?.deadline, confirm: confirmation?.command)
  }

  var names: [String] { (host + users).map(\.name) + planItems.map(\.item.name) }

  /// More rows than fit on a screen are summarized.
  private static let mostRows = 24

  func table(wide: Bool) -> Table {
    let isLong = count > Self.mostRows && !wide
    let rows = host.map(Self.row) + (isLong ? sums : planItems.map(Self.row) + users.map(Self.row))
    let counts = counts
    let words = (Plan.Item.Action.allCases.map(\.rawValue) + [Self.unchanged])
      .map { "\(counts[$0] ?? 0) \($0)" }
    let sum = words.joined(separator: ", ") + (isDryRun && !isComparison ? " (dry run)" : "")
    let total = Table([""], rows: [[sum]])
    if rows.isEmpty { return total }
    return Table(joining: [(nil, Table(["", "", "", ""], rows: rows)), (nil, total)])
  }

  private static func row(_ item: Item) -> [String] {
    let change = item.before.map { "\($0) -> \(item.now ?? "-")" }
    return [item.part, item.name, item.action, change ?? item.now ?? ""]
  }

  private static func row(_ profile: String?, _ item: Plan.Item) -> [String] {
    let isSetting = item.name == item.part.rawValue
    let part =
      (profile.map { "\($0): " } ?? "") + (item.direction == .out ? "out " : "")
      + item.part.rawValue
    return [part, isSetting ? "" : item.name, item.action.rawValue, text(item)]
  }

  private static func text(_ item: Plan.Item) -> String {
    guard item.action == .changed, let before = item.before, let now = item.now else {
      return item.now ?? ""
    }
    return "\(before.isEmpty ? "-" : before) -> \(now.isEmpty ? "-" : now)"
  }

  /// Sums by part.
  private var sums: [[String]] {
    let parts = Plan.Item.Part.allCases.map { ($0.rawValue, counts(of: $0)) }
    let users = users.compactMap { Plan.Item.Action(rawValue: $0.action) }
      .reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return (parts + [("user", users)]).compactMap { part, counts in
      if counts.isEmpty { return nil }
      let words = Plan.Item.Action.allCases.compactMap { action in
        counts[action].map { "\($0) \(action.rawValue)" }
      }
      return [part, "", words.joined(separator: ", "), "(-o wide lists them)"]
    }
  }
}
