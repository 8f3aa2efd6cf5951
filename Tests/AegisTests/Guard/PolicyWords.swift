internal import CAegis

@testable import Aegis

/// Policies in words.
enum PolicyWords {
  /// Words of a policy: `deny`, `monitor`, `suspended`, `drop P`, `key K`, `key K RATE`, `protect K`,
  /// `rate R`, `rate R port P`, `rate R from P`, and `total` instead of `rate`.
  static func image(_ lines: [String]) throws -> PolicyImage {
    var policy = Policy()
    (policy.drops, policy.keys, policy.rates) = ([:], [:], [])
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "deny": policy.defaultAction = .deny
      case "monitor": policy.mode = .monitor
      case "suspended": break
      case "drop": policy.drops?[try Prefix(words[1])] = Policy.Conditions()
      case "key":
        let rate = words.count > 2 ? try Rate(words[2]) : nil
        policy.keys?[Policy.Key(try AllowKey(words[1]), isProtected: false)] =
          Policy.Conditions(rate: rate)
      case "protect":
        policy.keys?[Policy.Key(try AllowKey(words[1]), isProtected: true)] = Policy.Conditions()
      default: policy.rates?.append(try rule(words))
      }
    }
    let image = try PolicyImage(policy)
    if lines.contains("suspended") {
      var config = image.config
      config.stages |= AEGIS_STAGE_DEADLINE.rawValue
      config.deadline = 1
      try image.host.put(config, for: 0 as UInt32, in: AEGIS_MAP_config)
    }
    return image
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
      case "drop": drops.append(try Prefix(words[1]))
      case "undrop": removedDrops.append(try Prefix(words[1]))
      case "key":
        keys[try AllowKey(words[1])] =
          words.count < 3
          ? .plain(.keep) : .plain(words[2] == "off" ? .off : .set(try Rate(words[2])))
      case "protect": keys[try AllowKey(words[1])] = .protected
      case "unkey": keys[try AllowKey(words[1])] = .absent
      case "norate", "nototal":
        let rule = try PolicyWords.rule(["rate", "1/s"] + words.dropFirst(1))
        removedRates.append(RateSlot(rule.selector, isTotal: words[0] == "nototal"))
      default: rates.append(try PolicyWords.rule(words))
      }
    }
  }
}
