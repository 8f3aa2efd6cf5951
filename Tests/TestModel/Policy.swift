import Aegis

/// What the datapath is told to do, as one value.
struct Policy: Sendable {
  struct Drop: Hashable, Sendable {
    var prefix: Prefix
    var isExpired = false
    var isMonitored = false
    /// The number of its list; 0 is that of the operator.
    var list = 0
  }

  /// A list of drop entries besides that of the operator.
  struct DropList: Hashable, Sendable {
    var number: Int
    /// Its entries do nothing.
    var isSet = false
    var isExpired = false
    var isMonitored = false
  }

  struct Key: Hashable, Sendable {
    var key: AllowKey
    var isProtected = false
    var isExpired = false
    /// What it lets in, instead of all other rates.
    var limits: Limits?
  }

  var isConfigured = true
  /// The deadline has passed.
  var isUnconfirmed = false
  var isMonitoring = false
  var deniesByDefault: Bool
  var drops: [Drop] = []
  var lists: [DropList] = []
  var keys: [Key] = []
  var rate: Rate?
  var rules: [Rule] = []
  var classes: [AddressClass] = []
  /// Of addresses; nil if they are unknown.
  var countries: Countries?

  static let unconfigured = Policy(isConfigured: false, deniesByDefault: true)
  static let allow = Policy(deniesByDefault: false)
  static let deny = Policy(deniesByDefault: true)

  func drop(
    _ prefix: Prefix, expired: Bool = false, monitored: Bool = false, list: Int = 0
  ) -> Policy {
    var copy = self
    copy.drops.append(
      Drop(prefix: prefix, isExpired: expired, isMonitored: monitored, list: list))
    return copy
  }

  func list(
    _ number: Int, set isSet: Bool = false, expired: Bool = false, monitored: Bool = false
  ) -> Policy {
    var copy = self
    copy.lists.append(
      DropList(number: number, isSet: isSet, isExpired: expired, isMonitored: monitored))
    return copy
  }

  var unconfirmed: Policy {
    var copy = self
    copy.isUnconfirmed = true
    return copy
  }

  var monitoring: Policy {
    var copy = self
    copy.isMonitoring = true
    return copy
  }

  /// The rate is.
  var rateMonitored: Policy {
    var copy = self
    copy.rate?.isMonitored = true
    return copy
  }

  func key(_ key: AllowKey, expired: Bool = false) -> Policy {
    var copy = self
    copy.keys.append(Key(key: key, isExpired: expired))
    return copy
  }

  func protect(_ key: AllowKey, expired: Bool = false) -> Policy {
    var copy = self
    copy.keys.append(Key(key: key, isProtected: true, isExpired: expired))
    return copy
  }

  /// So slow a rate that no source gets a packet beyond its burst while a test runs.
  func burst(_ burst: UInt32) -> Policy { limit(1, .hour, burst: burst) }

  func limit(_ packets: UInt64, _ period: Rate.Period, burst: UInt32) -> Policy {
    var copy = self
    copy.rate = try! Rate(packets: packets, period: period, burst: burst)
    return copy
  }
}

extension Policy: CustomStringConvertible {
  var description: String {
    guard isConfigured else { return "unconfigured" }
    let drops = drops.map {
      "drop \($0.prefix)\($0.isExpired ? " expired" : "")\($0.isMonitored ? " monitored" : "")"
        + ($0.list == 0 ? "" : " of \($0.list)")
    }
    let lists = lists.map {
      "list \($0.number)\($0.isSet ? " set" : "")\($0.isExpired ? " expired" : "")"
        + ($0.isMonitored ? " monitored" : "")
    }
    let keys = keys.map {
      "\($0.isProtected ? "protect" : "key") \($0.key)\($0.isExpired ? " expired" : "")"
        + ($0.limits.map { " \($0)" } ?? "")
    }
    let rate =
      rate.map { ["rate \($0) burst \($0.effectiveBurst)\($0.isMonitored ? " monitored" : "")"] }
      ?? []
    let state = (isUnconfirmed ? ["unconfirmed"] : []) + (isMonitoring ? ["monitoring"] : [])
    let first = state + [deniesByDefault ? "deny" : "allow"]
    let parts = classes.map(\.description) + (countries.map { ["countries \($0.number)"] } ?? [])
    return (first + lists + drops + keys + rate + rules.map(\.description) + parts)
      .joined(separator: ", ")
  }
}
