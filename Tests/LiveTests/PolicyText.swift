/// Random documents, the same for the same seed.
struct PolicyText {
  private var state: UInt64
  /// What a class of the document claims.
  private var taken: Set<String> = []

  init(seed: UInt64) {
    state = seed
  }

  /// Declares everything. Times are years ahead of `now`, in seconds since the Unix epoch.
  mutating func document(now: Int) -> String {
    var lines = ["apiVersion: aegis/v1", "kind: Policy", "spec:"]
    lines.append("  default: \(pick(["allow", "deny"]))")
    lines.append("  replies: \(pick(["true", "false"]))")
    lines.append("  mode: \(pick(["enforce", "enforce", "monitor"]))")
    lines.append("  sourcePrefix: {v4: \(pick([8, 24, 32])), v6: \(pick([48, 64, 128]))}")
    let names = unique(0...3) { "class-\($0.number(1...5))" }
    lines.append("  classes:\(list(names) { $0.addressClass($1) })")
    taken = []
    lines.append("  rates: [\(rates(names).joined(separator: ", "))]")
    lines.append(
      "  rules:\(list(unique(0...6) { "rule-\($0.number(1...9))" }) { $0.rule($1, names, now) })")
    lines.append("  drops:\(list(unique(0...30) { $0.prefix() }) { $0.drop($1, now) })")
    lines.append("  keys:\(list(unique(0...12) { $0.key() }) { $0.key($1, now) })")
    return lines.joined(separator: "\n") + "\n"
  }

  private mutating func list(
    _ names: [String], _ item: (inout PolicyText, String) -> String
  ) -> String {
    if names.isEmpty { return " []" }
    return names.map { "\n  - " + item(&self, $0) }.joined()
  }

  /// Whatever another class has is left out.
  private mutating func addressClass(_ name: String) -> String {
    let countries = unique(0...2) { $0.pick(["AT", "de", "FR", "IT"]) }
      .filter { taken.insert($0).inserted }
    let prefixes = unique(0...5) { $0.prefix() }.filter { taken.insert($0).inserted }
    return
      "{name: \(name), countries: [\(countries.joined(separator: ", "))], prefixes: ["
      + prefixes.map { "\"\($0)\"" }.joined(separator: ", ") + "]}"
  }

  private mutating func rule(_ name: String, _ classes: [String], _ now: Int) -> String {
    var match = chance(2) ? ["from: [\"\(prefix())\", \"\(prefix())\"]"] : []
    if chance(2) {
      match.append("port: \(pick(["53/udp", "443", "[80, 8000-8099]", "'80,443/tcp'"]))")
    }
    if chance(4) { match.append("protocol: \(pick(["udp", "[tcp, 17]", "gre"]))") }
    if chance(4) { match.append("class: \(pick(classes + ["foreign"]))") }
    if chance(4) { match.append("length: \(pick(["512-", "60", "-1000"]))") }
    if chance(6) { match.append("tcpFlags: \(pick(["syn", "'syn/fin,syn,rst,ack'"]))") }
    if chance(6) { match.append("icmp: \(pick(["echo-request", "[8, 0]", "3/4"]))") }
    if chance(6) { match.append("fragment: \(pick(["true", "false"]))") }
    var parts = ["name: \(name)", "match: {\(match.joined(separator: ", "))}"]
    if chance(3) { parts.append("not: {to: \"\(prefix())\", sourcePort: \(number(1...9))}") }
    if chance(2) {
      parts.append("then: limit")
      let burst = chance(2) ? ", burst: \(number(1...500))" : ""
      let total = chance(3) ? ", total: true" : ""
      parts.append(chance(5) ? "rate: 'off'" : "rate: \(rate())\(burst)\(total)")
    } else {
      parts.append("then: \(pick(["drop", "allow"]))")
    }
    parts += conditions(now) + (chance(4) ? ["monitor: true"] : [])
    return "{\(parts.joined(separator: ", "))}"
  }

  private mutating func drop(_ name: String, _ now: Int) -> String {
    let rest = conditions(now) + (chance(4) ? ["monitor: true"] : [])
    return item("source", name, rest)
  }

  private mutating func key(_ name: String, _ now: Int) -> String {
    var rest = conditions(now)
    if chance(3) {
      rest.append("protect: true")
    } else if chance(2) {
      rest += ["rate: \(rate())"] + (chance(2) ? ["burst: \(number(1...500))"] : [])
      if chance(4) { rest.append("monitor: true") }
    }
    return item("key", name, rest)
  }

  private func item(_ field: String, _ name: String, _ rest: [String]) -> String {
    if rest.isEmpty { return "\"\(name)\"" }
    return "{\(([field + ": \"\(name)\""] + rest).joined(separator: ", "))}"
  }

  private mutating func conditions(_ now: Int) -> [String] {
    let notes = ["ssh", "'#1: yes'", "\"Pr\u{fc}fung \u{65e5}\"", "2024", "\"a\\u202eb\""]
    var parts = chance(2) ? ["note: \(pick(notes))"] : []
    // In 2030 to 2059, with an offset or a fraction now and then.
    if chance(2) {
      let zone = pick(["Z", "Z", ".125Z", "+02:00", "-09:30"])
      let (month, day) = (number(1...12), number(1...28))
      let time = "\(two(number(0...23))):\(two(number(0...59))):\(two(number(0...59)))"
      parts.append("expires: 20\(number(30...59))-\(two(month))-\(two(day))T\(time)\(zone)")
    }
    return parts
  }

  private mutating func rates(_ classes: [String]) -> [String] {
    unique(0...7) { text in
      if text.chance(2) {
        let total = text.chance(3) ? ", total: true" : ""
        return "class: \(text.pick(classes + ["foreign"]))\(total), \(text.pick(["P", "B"]))"
      }
      var selector = text.chance(2) ? ["port: \(text.pick(["53/udp", "443/tcp"]))"] : []
      if text.chance(2) { selector.append("from: \"\(text.prefix())\"") }
      if text.chance(3) { selector.append("total: true") }
      selector.append(text.pick(["P", "B"]))
      return selector.joined(separator: ", ")
    }.map { selector in
      let isPackets = selector.hasSuffix("P")
      let rate = isPackets ? self.rate() : "\(number(1...900))\(pick(["Mbit", "MB"]))/s"
      let rest = selector.dropLast().split(separator: ", ").map { ", " + $0 }.joined()
      let how = pick([
        "", ", burst: \(isPackets ? number(1...900) : number(1514...9000))",
        ", algorithm: fixed-window", ", monitor: true",
      ])
      return "{rate: \(rate)\(rest)\(how)}"
    }
  }

  private mutating func rate() -> String {
    pick(["\(number(1...999))/s", "\(number(1...99))k/s", "\(number(60...999))/m"])
  }

  private mutating func prefix() -> String {
    switch number(0...4) {
    case 0: "2001:db8:\(hex())::/\(pick([48, 52]))"
    case 1: "2001:db8::\(hex())"
    case 2: "10.\(number(0...255)).0.0/\(pick([16, 20, 24]))"
    default: "11.\(number(0...255)).\(number(0...255)).\(number(0...255))"
    }
  }

  private mutating func key() -> String {
    let port = number(1...65535)
    let proto = pick(["tcp", "udp", "sctp"])
    switch number(0...3) {
    case 0: return "any:\(port)/\(proto)"
    case 1: return "[\(prefix6())]:\(port)/\(proto)"
    case 2: return "12.0.\(number(0...255)).0/24:\(port)"
    default: return "13.0.0.\(number(0...255))/\(pick(["icmp", "tcp", "gre"]))"
    }
  }

  private mutating func prefix6() -> String { "2001:db8:\(hex())::/48" }

  private mutating func hex() -> String { String(number(1...65535), radix: 16) }

  private mutating func unique(
    _ counts: ClosedRange<Int>, _ make: (inout PolicyText) -> String
  ) -> [String] {
    var names: [String] = []
    for _ in 0..<number(counts) {
      let name = make(&self)
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private mutating func chance(_ of: Int) -> Bool { number(0...of - 1) == 0 }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[number(0...values.count - 1)]
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return range.lowerBound + Int(state >> 33) % range.count
  }
}
