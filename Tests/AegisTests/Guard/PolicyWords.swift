internal import CAegis

@testable import Aegis

/// Policies in words.
enum PolicyWords {
  /// Words of a policy: `deny`, `monitor`, `suspended`, `drop P`, `key K`, `key K RATE`, `protect K`,
  /// `rate R`, `rate R port P`, `rate R from P`, and `total` instead of `rate`.
  static func policy(_ lines: [String]) throws -> Policy {
    var policy = Policy()
    (policy.defaultAction, policy.replies, policy.mode) = (.allow, false, .enforce)
    (policy.drops, policy.keys, policy.rates) = ([:], [:], [])
    for line in lines where line != "suspended" { try policy.take(line) }
    return policy
  }

  static func image(_ lines: [String]) throws -> PolicyImage {
    let image = try PolicyImage(policy(lines))
    if lines.contains("suspended") {
      var config = image.config
      config.stages |= AEGIS_STAGE_DEADLINE.rawValue
      config.deadline = 1
      try image.host.put(config, for: 0 as UInt32, in: AEGIS_MAP_config)
    }
    return image
  }

  /// How words of a change are made.
  static func steps(_ lines: [String], of old: [String]) throws -> [Plan.Step] {
    let before = try policy(old)
    var after = before
    for line in lines where line != "confirm" { try after.take(line) }
    let plan = try Plan(from: before, to: after, pruning: true)
    return lines.contains("confirm") ? plan.confirmed().steps : plan.steps
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

extension Policy {
  /// Words as of a policy, and `allow`, `enforce`, `confirm`, `undrop P`, `unkey K`, `norate`, `nototal` with a
  /// selector after a dash. A key that is there keeps its rate.
  fileprivate mutating func take(_ line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    switch words[0] {
    case "allow": defaultAction = .allow
    case "deny": defaultAction = .deny
    case "enforce": mode = .enforce
    case "monitor": mode = .monitor
    case "drop": drops?[try Prefix(words[1])] = Conditions()
    case "undrop": drops?[try Prefix(words[1])] = nil
    case "key": try takeKey(words)
    case "protect": move(try AllowKey(words[1]), protected: true, Conditions())
    case "unkey": move(try AllowKey(words[1]), protected: true, nil)
    case "norate", "nototal":
      let rule = try PolicyWords.rule(["rate", "1/s"] + words.dropFirst(1))
      rates?.removeAll { $0.selector == rule.selector && $0.isTotal == (words[0] == "nototal") }
    default:
      let rule = try PolicyWords.rule(words)
      rates?.removeAll { $0.slot == rule.slot }
      rates?.append(rule)
    }
  }

  private mutating func takeKey(_ words: [String]) throws {
    let key = try AllowKey(words[1])
    let old = keys?[Key(key, isProtected: false)]?.rate
    let rate = words.count < 3 ? old : words[2] == "off" ? nil : try Rate(words[2])
    move(key, protected: false, Conditions(rate: rate))
  }

  private mutating func move(_ key: AllowKey, protected: Bool, _ conditions: Conditions?) {
    keys?[Key(key, isProtected: protected)] = conditions
    keys?[Key(key, isProtected: !protected)] = nil
  }
}
