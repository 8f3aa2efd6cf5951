internal import CAegis

/// The rules of a set as an operator gave them, with their numbers, or the several ports of keys or rates. A set carries
/// it, so that names, ranges and order are not lost.
///
/// A line for each of them, in their order; its fields are `name=value`. A field that a later version added is not read.
struct RuleSource {
  struct Row {
    var rule: Rule
    /// Of its counters.
    var number: UInt16
    /// The key of the rate of a limit rule or a key, in `key_rate`; 0 is none. The rate itself is there.
    var rate: UInt32
    /// Of a key, whose conditions the rule has; see `rule(_:)` for what it matches.
    var key: AllowKey?
    /// The number of the note of a key; 0 is none.
    var note: UInt32 = 0
    /// Of several ports that rates are for, whose group has the number.
    var group: RateSelector.Port?

    var name: String { key.map { "\($0)" } ?? group.map { "port \($0)" } ?? rule.name.text }
  }

  var rows: [Row]

  private static let separator: Character = "\u{1f}"
  /// In front of a selector that excludes packets.
  private static let not = "!"

  init(_ rows: [Row]) { self.rows = rows }

  /// - Parameter rates: By their keys in `key_rate`.
  init(parsing text: Substring, rates: [UInt32: RateRule]) {
    rows = text.split(separator: "\n").compactMap { line in
      var fields: [String: Substring] = [:]
      for field in line.split(separator: Self.separator) {
        let (name, value) = field.split(at: "=")
        fields[String(name)] = value
      }
      if let text = fields["key"] { return Self.key(text, fields) }
      if let text = fields["group"] { return Self.group(text, fields) }
      return Self.rule(fields, rates)
    }
  }

  private static func rule(_ fields: [String: Substring], _ rates: [UInt32: RateRule]) -> Row? {
    guard let name = fields["name"].flatMap({ RuleName(stored: $0) }),
      let number = fields["number"].flatMap({ UInt16($0) })
    else { return nil }
    let rate = fields["rate"].flatMap { UInt32($0) } ?? 0
    let action: Rule.Action
    switch fields["then"] {
    case "drop": action = .drop
    case "allow": action = .allow
    case "limit": action = .limit(rates[rate]?.rate, isTotal: rates[rate]?.isTotal ?? false)
    case "hook": action = .hook
    default: return nil
    }
    var rule = Rule(name, action)
    var notes: [InputNote] = []
    for selector in RuleSelector.allCases {
      if let text = fields[selector.rawValue] {
        try? rule.match.set(selector, to: text, noting: &notes)
      }
      if let text = fields[not + selector.rawValue] {
        try? rule.exceptions.set(selector, to: text, noting: &notes)
      }
    }
    rule.isMonitored = fields["monitor"] != nil
    rule.expires = fields["expires"].flatMap { UInt64($0) }
    rule.note = fields["note"].flatMap { try? Note(String($0)) }
    return Row(rule: rule, number: number, rate: rate)
  }

  /// The name of each number.
  var names: [UInt16: RuleName] {
    Dictionary(rows.map { ($0.number, $0.rule.name) }, uniquingKeysWith: { one, _ in one })
  }

  /// The key of each number.
  var keys: [UInt16: AllowKey] {
    Dictionary(
      rows.compactMap { row in row.key.map { (row.number, $0) } },
      uniquingKeysWith: { one, _ in one })
  }

  var text: String { rows.map { Self.line($0) + "\n" }.joined() }

  private static func line(_ row: Row) -> String {
    let rule = row.rule
    if let key = row.key { return line(of: key, row) }
    if let group = row.group { return "group=\(group)\(separator)number=\(row.number)" }
    var fields = ["name=\(rule.name)", "then=\(rule.action.word)", "number=\(row.number)"]
    if row.rate != 0 { fields.append("rate=\(row.rate)") }
    for selector in RuleSelector.allCases {
      if let text = rule.match.text(of: selector) { fields.append("\(selector.rawValue)=\(text)") }
      if let text = rule.exceptions.text(of: selector) {
        fields.append("\(not)\(selector.rawValue)=\(text)")
      }
    }
    if rule.isMonitored { fields.append("monitor=") }
    if let expires = rule.expires { fields.append("expires=\(expires)") }
    if let note = rule.note { fields.append("note=\(note)") }
    return fields.joined(separator: String(separator))
  }
}

// MARK: - Several ports

extension RuleSource.Row {
  /// A row of a key.
  init(_ key: AllowKey, number: UInt16) {
    self.init(rule: Rule(.ofPorts, .allow), number: number, rate: 0, key: key)
  }

  /// A row of ports that rates are for.
  init(_ group: RateSelector.Port, number: UInt16) {
    self.init(rule: Rule(.ofPorts, .allow), number: number, rate: 0, group: group)
    rule.match.ports = RulePorts(group.ports.numbers, group.protocol)
  }

  /// What the datapath matches.
  func rule(_ direction: Direction) -> Rule {
    guard let key else { return rule }
    var rule = rule
    rule.match = RuleMatch(key, direction)
    return rule
  }
}

extension RuleMatch {
  /// The packets of a key.
  init(_ key: AllowKey, _ direction: Direction) {
    let peers = key.source.map { RuleAddresses([$0]) }
    if direction == .in { from = peers } else { to = peers }
    if let ports = key.ports {
      self.ports = RulePorts(ports.numbers, key.protocol)
    } else if let one = key.protocol {
      protocols = RuleProtocols([one])
    }
  }
}

extension RuleSource {
  private static func group(_ text: Substring, _ fields: [String: Substring]) -> Row? {
    guard let group = try? RateSelector.Port(text), group.isGroup,
      let number = fields["number"].flatMap({ UInt16($0) })
    else { return nil }
    return Row(group, number: number)
  }

  private static func key(_ text: Substring, _ fields: [String: Substring]) -> Row? {
    guard let key = try? AllowKey(text), key.hasSeveralPorts,
      let number = fields["number"].flatMap({ UInt16($0) })
    else { return nil }
    var row = Row(key, number: number)
    row.rule.expires = fields["expires"].flatMap { UInt64($0) }
    row.rate = fields["rate"].flatMap { UInt32($0) } ?? 0
    row.note = fields["note"].flatMap { UInt32($0) } ?? 0
    return row
  }

  private static func line(of key: AllowKey, _ row: Row) -> String {
    var fields = ["key=\(key)", "number=\(row.number)"]
    if let expires = row.rule.expires { fields.append("expires=\(expires)") }
    if row.rate != 0 { fields.append("rate=\(row.rate)") }
    if row.note != 0 { fields.append("note=\(row.note)") }
    return fields.joined(separator: String(separator))
  }
}

extension Rule {
  /// The selectors as options, without dashes: `["port": "53/udp"]`, in the order in which they are shown.
  public var selectors: [(word: String, value: String)] {
    RuleSelector.allCases.flatMap { selector -> [(word: String, value: String)] in
      [
        match.text(of: selector).map { (selector.word, $0) },
        exceptions.text(of: selector).map { ("not-" + selector.word, $0) },
      ].compactMap(\.self)
    }
  }

  /// `port 53/udp not-from 192.0.2.0/24`, or `all packets`.
  public var matchText: String {
    let texts = selectors.map { "\($0.word) \($0.value)" }
    return texts.isEmpty ? "all packets" : texts.joined(separator: " ")
  }

  /// `drop`, or `limit 10/s total`.
  public var actionText: String {
    switch action {
    case .drop, .allow, .hook: action.word
    case .limit(nil, _): "limit off"
    case .limit(let rate?, let isTotal): "limit \(rate.terms)" + (isTotal ? " total" : "")
    }
  }

  /// The words that describe it to an operator.
  public var words: [String] {
    [matchText, actionText]
      + Policy.Conditions(expires: expires, note: note, isMonitored: isMonitored).words
  }

  var text: String { words.joined(separator: ", ") }
}
