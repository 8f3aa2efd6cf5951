@testable import Aegis

/// A policy in arrays, looked up as slowly and plainly as can be.
struct PolicyTable: PolicyStore {
  var mode = Limits.Mode.enforce
  var isSuspended = false
  var defaultAction = Limits.Default.allow
  var drops: [Prefix] = []
  var plain: [(key: AllowKey, rate: Rate?)] = []
  var protected: [AllowKey] = []
  var rates: [RateRule] = []

  var defaultRules: [RateRule] { rates.filter { $0.selector == .rest } }

  func drop(_ address: IPAddress, atMost length: Int) -> Prefix? {
    drops.filter { $0.length <= length && $0.contains(address) }.max { $0.length < $1.length }
  }

  private func all(protected isProtected: Bool) -> [(key: AllowKey, rate: Rate?)] {
    isProtected ? protected.map { ($0, nil) } : plain
  }

  func key(_ key: AllowKey, protected: Bool) -> FoundKey? {
    all(protected: protected).first { $0.key == key && !key.isPrefix }
      .map { FoundKey(key: $0.key, rate: $0.rate) }
  }

  func prefixKey(
    _ port: UInt16?, _ protocol: TransportProtocol?, _ address: IPAddress, atMost length: Int,
    protected: Bool
  ) -> FoundKey? {
    all(protected: protected).filter { key, _ in
      guard key.isPrefix, let source = key.source else { return false }
      return key.port == port && key.protocol == `protocol` && source.length <= length
        && source.contains(address)
    }
    .max { $0.key.source?.length ?? 0 < $1.key.source?.length ?? 0 }
    .map { FoundKey(key: $0.key, rate: $0.rate) }
  }

  func keys(protected: Bool) -> [FoundKey] {
    all(protected: protected).map { FoundKey(key: $0.key, rate: $0.rate) }
  }

  func rules(_ port: RateSelector.Port) -> [RateRule] {
    rates.filter { $0.selector == RateSelector(port: port) }
  }

  func rules(
    _ port: RateSelector.Port?, _ address: IPAddress, atMost length: Int, isTotal: Bool
  ) -> FoundRules? {
    let prefixes = rates.filter { $0.selector.port == port && $0.isTotal == isTotal }
      .compactMap(\.selector.prefix)
    let longest = prefixes.filter { $0.length <= length && $0.contains(address) }
      .max { $0.length < $1.length }
    return longest.map { prefix in
      let selector = RateSelector(port: port, prefix: prefix)
      return FoundRules(prefix: prefix, rules: rates.filter { $0.selector == selector })
    }
  }
}

extension PolicyTable {
  /// Words of a policy: `deny`, `monitor`, `suspended`, `drop P`, `key K`, `key K RATE`, `protect K`,
  /// `rate R`, `rate R port P`, `rate R from P`, and `total` instead of `rate`.
  init(_ lines: [String]) throws {
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "deny": defaultAction = .deny
      case "monitor": mode = .monitor
      case "suspended": isSuspended = true
      case "drop": drops.append(try Prefix(words[1]))
      case "key":
        plain.append((try AllowKey(words[1]), words.count > 2 ? try Rate(words[2]) : nil))
      case "protect": protected.append(try AllowKey(words[1]))
      default: rates.append(try Self.rule(words))
      }
    }
  }

  static func rule(_ words: [String]) throws -> RateRule {
    var selector: (port: RateSelector.Port?, prefix: Prefix?) = (nil, nil)
    for (name, value) in zip(words.dropFirst(2), words.dropFirst(3)) {
      if name == "port" { selector.port = try RateSelector.Port(value) }
      if name == "from" { selector.prefix = try Prefix(value) }
    }
    return RateRule(
      try Rate(words[1]), for: RateSelector(port: selector.port, prefix: selector.prefix),
      isTotal: words[0] == "total")
  }
}

extension PolicyChange {
  /// Words as of a policy, and `allow`, `enforce`, `confirm`, `undrop P`, `unkey K`, `norate`, `nototal` with a
  /// selector after a dash.
  init(_ lines: [String]) throws {
    self.init()
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "allow": defaultAction = .allow
      case "deny": defaultAction = .deny
      case "enforce": mode = .enforce
      case "monitor": mode = .monitor
      case "confirm": isConfirmed = true
      case "whole": isWhole = true
      case "drop": drops.append(try Prefix(words[1]))
      case "undrop": removedDrops.append(try Prefix(words[1]))
      case "key":
        keys[try AllowKey(words[1])] =
          words.count < 3
          ? .plain(.keep) : .plain(words[2] == "off" ? .off : .set(try Rate(words[2])))
      case "protect": keys[try AllowKey(words[1])] = .protected
      case "unkey": keys[try AllowKey(words[1])] = .absent
      case "norate", "nototal":
        let rule = try PolicyTable.rule(["rate", "1/s"] + words.dropFirst(1))
        removedRates.append(RateSlot(rule.selector, isTotal: words[0] == "nototal"))
      default: rates.append(try PolicyTable.rule(words))
      }
    }
  }
}
