import Aegis

extension PolicyReader {
  mutating func readRule(_ fields: Fields, _ node: YAMLNode, at path: FieldPath) {
    let known = PolicyFields.rule
    let before = findings.count
    let name = value("name", fields, known, at: path) { text, _ throws(InputError) in
      try RuleName(text)
    }
    let match = match("match", fields, at: path)
    let exceptions = self.match("not", fields, at: path)
    let action = action(fields, node, at: path)
    let isMonitored = flag("monitor", fields, at: path)
    let note = note(fields, known, at: path)
    let (expires, isOver) = expiry(fields, known, at: path)
    guard let name, let action, findings.count == before else { return }
    if isOver { return skip("rule \(name)", node, path) }
    var rule = Rule(name, action)
    (rule.match, rule.exceptions) = (match, exceptions)
    (rule.isMonitored, rule.note, rule.expires) = (isMonitored, note, expires)
    add(rule, node, path)
  }

  /// nil if it is wrong.
  private mutating func action(
    _ fields: Fields, _ node: YAMLNode, at path: FieldPath
  ) -> Rule.Action? {
    let known = PolicyFields.rule
    guard let field = known.first(where: { $0.name == "then" }), let then = fields["then"],
      let word = word(then, field, at: path)
    else { return nil }
    guard word == "limit" else {
      for name in ["rate", "burst", "total", "algorithm"] {
        if let node = fields[name] { report("needs then: limit", node, path.field(name)) }
      }
      switch word {
      case "drop": return .drop
      case "allow": return .allow
      default:
        if "\(path)".hasPrefix("spec.out") {
          report("only packets that come in are given to the hook", then, path.field("then"))
          return nil
        }
        return .hook
      }
    }
    guard let written = fields["rate"] else {
      let expected = known.first { $0.name == "rate" }?.expected
      report("has no rate, which limit needs", node, path, expected: expected)
      return nil
    }
    let isTotal = flag("total", fields, at: path)
    if written.text == "off" {
      for name in ["burst", "total", "algorithm"] {
        if let node = fields[name] { report("needs a rate other than off", node, path.field(name)) }
      }
      return .limit(nil, isTotal: false)
    }
    return rate(fields, known, at: path, hasMonitor: false).map { .limit($0, isTotal: isTotal) }
  }

  /// Fields of packets; empty if there are none.
  private mutating func match(_ name: String, _ fields: Fields, at path: FieldPath) -> RuleMatch {
    var match = RuleMatch()
    let path = path.field(name)
    guard let node = fields[name],
      case .object(let known)? = PolicyFields.rule.first(where: { $0.name == name })?.shape,
      let members = object(node, known, at: path)
    else { return match }
    for selector in RuleSelector.allCases {
      let name = selector.rawValue
      guard let node = members[name] else { continue }
      if selector == .socket, "\(path)".hasPrefix("spec.out") {
        report("is only for packets that come in", node, path.field(name))
      } else if selector == .fragment {
        match.isFragment = flag(name, members, at: path)
      } else if let texts = texts(of: selector, members, known, at: path) {
        let joined = parsed(texts, node, path.field(name), expected: selector.expected) {
          text, _ throws(InputError) in
          var match = match
          // What was read otherwise than it is written was noted for each value.
          var notes: [InputNote] = []
          try match.set(selector, to: text, noting: &notes)
          return match
        }
        match = joined ?? match
      }
    }
    return match
  }

  /// The values of a field as one text; nil if one of them is wrong.
  private mutating func texts(
    of selector: RuleSelector, _ members: Fields, _ known: [PolicyField], at path: FieldPath
  ) -> String? {
    guard let node = members[selector.rawValue] else { return nil }
    let before = findings.count
    let texts = values(selector.rawValue, members, known, at: path) {
      text, notes throws(InputError) in
      var match = RuleMatch()
      try match.set(selector, to: text, noting: &notes)
      return text
    }
    guard findings.count == before else { return nil }
    guard !texts.isEmpty else {
      report(
        "is an empty list", node, path.field(selector.rawValue), expected: selector.expected)
      return nil
    }
    return selector.hasProtocol
      ? ports(texts, node, path.field(selector.rawValue))
      : joined(texts, selector, node, path.field(selector.rawValue))
  }

  private mutating func joined(
    _ texts: [String], _ selector: RuleSelector, _ node: YAMLNode, _ path: FieldPath
  ) -> String? {
    if selector == .tcpFlags, texts.count > 1, texts.contains(where: { $0.contains("/") }) {
      report(
        "has a mask in a list", node, path, expected: selector.expected,
        hint: "write one text: syn/fin,syn,rst,ack")
      return nil
    }
    return texts.joined(separator: ",")
  }

  /// Ports of one protocol, or of any.
  private mutating func ports(
    _ texts: [String], _ node: YAMLNode, _ path: FieldPath
  ) -> String? {
    let parts = texts.map { $0.split(separator: "/", maxSplits: 1) }
    let protocols = Set(parts.map { $0.count > 1 ? $0[1] : "" })
    guard protocols.count == 1, let `protocol` = protocols.first else {
      report(
        "has ports of different protocols", node, path,
        hint: "the protocol is the same for all of them: write 80,443/tcp")
      return nil
    }
    let numbers = parts.map { $0.first ?? "" }.joined(separator: ",")
    return numbers + (`protocol`.isEmpty ? "" : "/\(`protocol`)")
  }
}

extension RuleSelector {
  /// Whether a protocol may be behind its values.
  fileprivate var hasProtocol: Bool { self == .port || self == .sourcePort }
}
