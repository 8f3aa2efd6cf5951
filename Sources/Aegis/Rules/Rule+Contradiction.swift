extension Rule {
  /// The fewest of its selectors that no packet matches together, as `selectors` has them; nil if some packet may match.
  ///
  /// It does not know what lists and classes have in common, so it does not find every such rule.
  ///
  /// - Parameter numbers: Of what it names.
  func contradicting(_ numbers: RuleNumbers) -> [(word: String, value: String)]? {
    func isPossible(_ rule: Rule) -> Bool {
      !RuleSpace(rule, numbers, admitsFragments: true).possible.isEmpty
    }
    if isPossible(self) { return nil }
    var least = self
    for selector in RuleSelector.allCases {
      for part in [\Rule.match, \Rule.exceptions] {
        var fewer = least
        fewer[keyPath: part].clear(selector)
        if !isPossible(fewer) { least = fewer }
      }
    }
    return least.selectors
  }

  /// Why no packet can match it, as in "no packet has both protocol udp and port 80/tcp"; nil if some may.
  public var contradiction: String? {
    guard let fields = contradicting(RuleNumbers(tellingApart: [self])) else { return nil }
    let texts = fields.map { "\($0.word) \($0.value)" }
    switch texts.count {
    case 1: return "\(texts[0]) leaves nothing"
    case 2 where fields[1].word == "not-" + fields[0].word:
      return "\(texts[1]) leaves nothing of \(texts[0])"
    case 2: return "no packet has both \(texts[0]) and \(texts[1])"
    default: return "no packet has all of \(texts.joined(separator: ", "))"
    }
  }
}

extension RuleMatch {
  fileprivate mutating func clear(_ selector: RuleSelector) {
    switch selector {
    case .from: from = nil
    case .to: to = nil
    case .protocol: protocols = nil
    case .port: ports = nil
    case .sourcePort: sourcePorts = nil
    case .class: classes = nil
    case .tcpFlags: tcpFlags = nil
    case .icmp: icmp = nil
    case .length: lengths = nil
    case .hopLimit: hopLimits = nil
    case .dscp: dscp = nil
    case .vlan: vlans = nil
    case .fragment: isFragment = nil
    case .interface: interfaces = nil
    case .socket: sockets = nil
    }
  }
}
