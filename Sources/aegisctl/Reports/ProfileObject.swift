import Aegis

/// A profile, in JSON and as a row of a table.
struct ProfileObject: Encodable {
  let name: String
  let inForce: Bool
  /// Until main is in force again; absent if it stays.
  let remaining: Double?
  let defaultAction: String
  let mode: String
  let rates: Int
  let rules: Int
  let keys: Int
  /// What it has for packets that leave.
  let out: Side
  /// The interfaces that name it.
  let interfaces: [String]

  struct Side: Encodable {
    let defaultAction: String
    let rates: Int
    let rules: Int
    let keys: Int

    init(_ view: Datapath) throws(AegisError) {
      defaultAction = try PolicyDefaults(view).defaultAction().rawValue
      rates = try RateTable(view).rules().count
      rules = try RuleTable(view).rules().count
      keys = try KeyList(view).entries().count
    }
  }

  static func all(_ datapath: Datapath) throws(AegisError) -> [ProfileObject] {
    let table = ProfileTable(datapath)
    let now = try table.inForce()
    return try table.all().map { profile throws(AegisError) in
      let view = datapath[profile: profile]
      let side = try Side(view[.in])
      return try ProfileObject(
        name: profile.name.text, inForce: profile == now.profile,
        remaining: profile == now.profile ? now.remaining.map { $0 / .seconds(1) } : nil,
        defaultAction: side.defaultAction, mode: PolicyDefaults(view).mode().rawValue,
        rates: side.rates, rules: side.rules, keys: side.keys, out: Side(view[.out]),
        interfaces: table.users(of: profile))
    }
  }

  static let columns: [Table.Column] = [
    "profile", "in force", "default", "mode", .right("rates"), .right("rules"), .right("keys"),
    "interfaces",
  ]

  var row: [String] {
    let left = remaining.map { " for \(DurationText.format(.seconds($0)))" } ?? ""
    return [
      name, inForce ? "yes" + left : "no", defaultAction, mode, "\(rates + out.rates)",
      "\(rules + out.rules)", "\(keys + out.keys)",
      interfaces.isEmpty ? "-" : interfaces.joined(separator: ", "),
    ]
  }
}

/// The profile in force, in a status.
struct ProfileStatus: Encodable {
  let inForce: String
  /// Until main is in force again; absent if it stays.
  let remaining: Double?
  /// When it was put into force, in RFC 3339, and the number of the user who did that; absent if nobody ever switched.
  let since: String?
  let user: UInt32?
  let switches: UInt64
  /// What the datapath puts into force by itself; absent if nothing.
  let when: When?
  let profiles: [String]

  struct When: Encodable {
    let profile: String
    /// Packets a second.
    let receivedAbove: UInt64
    let seconds: Double
    /// How often it did.
    let switches: UInt32

    var text: String {
      "\(profile) while more than \(receivedAbove) packets a second are received, for "
        + DurationText.format(.seconds(seconds))
    }
  }

  /// nil if there is only main.
  init?(_ datapath: Datapath) throws(AegisError) {
    let table = ProfileTable(datapath)
    let all = try table.all()
    if all.count == 1 { return nil }
    let now = try table.inForce()
    inForce = now.profile.name.text
    remaining = now.remaining.map { $0 / .seconds(1) }
    since = now.since.map { "\($0)" }
    user = now.since == nil ? nil : now.user
    switches = now.switches
    let count = try table.automaticSwitches()
    when = try table.automatic().map {
      When(
        profile: $0.profile.name.text, receivedAbove: $0.rate, seconds: $0.hold / .seconds(1),
        switches: count)
    }
    profiles = all.map(\.name.text)
  }

  var rows: [[String]] {
    [row] + (when.map { [["switches to", $0.text]] } ?? [])
  }

  private var row: [String] {
    let left = remaining.map { " for \(DurationText.format(.seconds($0)))" } ?? ""
    let who = user.map { ", by \(UserNames.ofHost()[$0])" } ?? ""
    let when = since.map { ", since \($0)\(who)" } ?? ""
    let others = profiles.filter { $0 != inForce }.joined(separator: ", ")
    return ["profile", "\(inForce)\(left)\(when) (others: \(others))"]
  }
}
