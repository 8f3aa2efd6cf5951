import Aegis

/// The policy of a direction in a status: the default, the rates and how full the maps are.
struct PolicyStatus {
  struct Fill: Encodable {
    let used: Int
    let capacity: UInt32
  }

  struct Object: Encodable {
    let defaultAction: String
    let rates: [RateObject]
    /// How many there are; absent if there are none.
    let rules: Int?
    /// `used` counts the fullest of the maps that share a capacity; `maps` has each of them.
    let entries: [String: Fill]
    /// By map name.
    let maps: [String: Fill]
  }

  let object: Object
  private let rateRules: [RateRule]
  private let direction: Direction

  init(_ datapath: Datapath) throws(AegisError) {
    let maps = try MapFill.all(in: datapath).reduce(into: [:]) {
      $0[$1.map] = Fill(used: $1.used, capacity: $1.capacity)
    }
    rateRules = try RateTable(datapath).rules()
    direction = datapath.direction
    let count = try RuleTable(datapath).rules().count
    object = try Object(
      defaultAction: PolicyDefaults(datapath).defaultAction().rawValue,
      rates: rateRules.map(RateObject.init), rules: count == 0 ? nil : count,
      entries: Self.lists.reduce(into: [:]) { entries, list in
        entries[list.name] = list.parts.compactMap { maps[$0.map] }.max { $0.used < $1.used }
      },
      maps: maps)
  }

  /// Whether it differs from that of a new datapath.
  var isDeclared: Bool {
    object.defaultAction == PolicyDefaults.Default.deny.rawValue || !rateRules.isEmpty
      || object.rules != nil || Self.lists.contains { used($0.parts) > 0 }
  }

  /// The default rates; all are in `dump rates`.
  var rates: String {
    let defaults = rateRules.filter { $0.selector == .rest }
      .map { "\($0.rate) \(RateText.how($0.rate)) \(RateText.scope($0, direction))" }
    let others = rateRules.count - defaults.count
    let more =
      others > 0
      ? ["\(others)\(defaults.isEmpty ? "" : " more") for ports, prefixes and classes"] : []
    return rateRules.isEmpty ? "off" : (defaults + more).joined(separator: ", ")
  }

  /// The maps of each list, and the noun for their contents.
  private static let lists: [(name: String, title: String, parts: [(map: String, noun: String)])] =
    [
      ("drops", "drops", [("drop_v4", "IPv4"), ("drop_v6", "IPv6")]),
      ("keys", "keys", [("key", "exact"), ("key_prefix", "of prefixes")]),
      (
        "protectedKeys", "protected keys",
        [("protect", "exact"), ("protect_prefix", "of prefixes")]
      ),
    ]

  /// Maps whose size the operator does not choose.
  private static let others = [
    ("notes", "notes"), ("key_rate", "rates of keys"), ("rate_port", "rates of ports"),
    ("rate_prefix", "rates of prefixes"), ("total_prefix", "total rates of prefixes"),
    ("rate_class", "rates of classes"), ("class_prefix", "prefixes of classes"),
  ]

  /// `4 IPv4, 1 IPv6, of 1000000 each`
  var fills: [[String]] {
    Self.lists.map { list in
      let counts = list.parts.map { "\(object.maps[$0.map]?.used ?? 0) \($0.noun)" }
      let room = list.parts.first.flatMap { object.maps[$0.map]?.capacity } ?? 0
      return [list.title, counts.joined(separator: ", ") + ", of \(room) each"]
    }
  }

  /// `4 of 1024`
  var otherFills: [[String]] {
    Self.others.compactMap { map, title in
      object.maps[map].map { [title, "\($0.used) of \($0.capacity)"] }
    }
  }

  /// A few lines about the policy for what leaves.
  var outRows: [[String]] {
    let lists = Self.lists.map { "\(used($0.parts)) \($0.title)" }
    return [
      ["out: default", object.defaultAction], ["out: rates", rates],
    ] + (object.rules.map { [["out: rules", "\($0)"]] } ?? []) + [
      ["out: lists", lists.joined(separator: ", ")]
    ]
  }

  private func used(_ parts: [(map: String, noun: String)]) -> Int {
    parts.reduce(0) { $0 + (object.maps[$1.map]?.used ?? 0) }
  }
}
