import Aegis

extension PolicyFields {
  static let rule = [
    PolicyField(
      "name", .text(), required: true,
      "A name of letters, digits, -, _ and . (at most 39 bytes), of its own in this direction.",
      expected: "a name such as dns-amplification", examples: ["dns-amplification"]),
    PolicyField(
      "match", .object(match(not: false)),
      """
      Which packets it is for. A packet must match every field that is given; without any, all packets do. In a \
      list, one value must match.
      """,
      expected: "a mapping with some of \(selectors)"),
    PolicyField(
      "not", .object(match(not: true)),
      """
      Packets that it is not for: those that match one of these fields. A packet that lacks what a field is \
      about, such as a port, does not match the rule either.
      """,
      expected: "a mapping with some of \(selectors)"),
    PolicyField(
      "then", .choice(["drop", "allow", "limit", "hook"]), required: true,
      """
      What happens to its packets. drop drops them. allow lets them pass like a key. limit leaves it to keys and \
      the default whether they pass, and holds them to the rate of this rule instead of any other. hook leaves that to \
      keys, the default and the rates, and gives those that pass to the hook, see set-hook; the hook gets no other \
      packets then. Only packets that come in are given to it.
      """, expected: "drop, allow, limit or hook", examples: ["drop"]),
    PolicyField(
      "rate", .text(),
      """
      The rate of a limit rule, for each source unless total is true; off holds its packets to no rate at all. \
      Only with limit, which needs it.
      """,
      expected: "a rate such as 1000/s, 50k/s, 600/m or 10Mbit/s, or off",
      examples: ["10/s", "off"]),
    burst,
    PolicyField(
      "total", .flag, "Limit all its packets together, not each source by itself.",
      expected: "true or false"),
    algorithm,
    PolicyField(
      "monitor", .flag, "Its packets are only counted, and go on to the next rule.",
      expected: "true or false"),
    note("ordered by the provider"),
    expires,
  ]

  private static let selectors = RuleSelector.allCases.map(\.rawValue).joined(separator: ", ")

  private static func match(not isNot: Bool) -> [PolicyField] {
    RuleSelector.allCases.map { selector in
      let shape = selector == .fragment ? PolicyField.Shape.flag : .scalars
      let examples = selector == .fragment ? [] : selector.examples
      return PolicyField(
        selector.rawValue, shape, isNot ? "As in match." : selector.summary,
        expected: selector.expected, examples: isNot ? [] : examples)
    }
  }
}

extension RuleSelector {
  /// For messages: "expected …".
  var expected: String {
    switch self {
    case .from, .to: "an address, a prefix, list:NAME or any"
    case .protocol: "a protocol such as udp"
    case .port, .sourcePort: "ports such as 80, 8000-8099 or 53/udp"
    case .class: "the name of a class such as domestic"
    case .tcpFlags: "flags such as syn/fin,syn,rst,ack"
    case .icmp: "a type of ICMP messages such as echo-request"
    case .length: "lengths in bytes such as 512-"
    case .hopLimit: "numbers such as 1-5"
    case .dscp: "a name such as cs1, or a number from 0 to 63"
    case .vlan: "a number from 0 to 4094"
    case .fragment: "true or false"
    case .interface: "the name of an interface such as eth0"
    case .socket: "established, listen or none"
    }
  }

  fileprivate var examples: [String] {
    switch self {
    case .from: ["192.0.2.0/24", "list:partners"]
    case .to: ["198.51.100.9"]
    case .protocol: ["udp"]
    case .port: ["80,8000-8099", "53/udp"]
    case .sourcePort: ["19/udp"]
    case .class: ["foreign"]
    case .tcpFlags: ["syn/fin,syn,rst,ack"]
    case .icmp: ["echo-request", "destination-unreachable/4"]
    case .length: ["512-"]
    case .hopLimit: ["1-5"]
    case .dscp: ["cs1"]
    case .vlan: ["7"]
    case .fragment: []
    case .interface: ["eth0"]
    case .socket: ["established"]
    }
  }

  fileprivate var summary: String {
    switch self {
    case .from:
      """
      The source address, also of a packet that leaves: addresses, prefixes and list:NAME, for a list of action \
      none.
      """
    case .to: "The destination address, as from."
    case .protocol: "The protocol behind IP and its extension headers, a name or a number."
    case .port:
      """
      The destination port: ports and ranges, perhaps with one protocol behind all of them. A packet without \
      ports does not match.
      """
    case .sourcePort: "The source port, as port."
    case .class: "The class of the source, or of the destination of a packet that leaves."
    case .tcpFlags:
      """
      SET/MASK: the TCP flags that must be set, of those that are looked at. Without a mask, all that are named \
      must be set.
      """
    case .icmp: "Types of ICMP and ICMPv6 messages, names or numbers, perhaps with /CODE."
    case .length: "The length of the IP packet with its header, in bytes."
    case .hopLimit: "The TTL, or the hop limit of IPv6."
    case .dscp: "The DSCP, a name such as ef or a number."
    case .vlan: "The number of the outermost VLAN; 0 is a packet that is in none."
    case .fragment: "Whether it is a fragment of a packet, also the first one."
    case .interface: "The interface that it comes in by, or leaves by."
    case .socket:
      """
      What it has to do with the sockets of this host: established is a TCP connection or a connected UDP socket, \
      listen a request, or a socket that takes what anybody sends. Only of packets that come in; a fragment, and \
      a packet of neither TCP nor UDP, does not match.
      """
    }
  }
}

/// A rule as a document declares it.
struct RuleEntryObject<Fields: Encodable>: Encodable {
  let name: String
  /// Absent if the rule is for all packets.
  let match: Fields?
  let not: Fields?
  let then: String
  /// Of a limit rule; `off` is no rate.
  let rate: String?
  let burst: UInt32?
  /// These are absent if they are false, or the default.
  let total: Bool?
  let algorithm: String?
  let monitor: Bool?
  let note: String?
  /// Absent if never.
  let expires: String?

  init(_ rule: Rule, _ clock: ClockReading, _ fields: (RuleMatch) -> Fields) {
    name = rule.name.text
    match = rule.match.isEmpty ? nil : fields(rule.match)
    not = rule.exceptions.isEmpty ? nil : fields(rule.exceptions)
    then = rule.action.word
    if case .limit(let limit, let isTotal) = rule.action {
      rate = limit.map { "\($0)" } ?? "off"
      burst = limit.flatMap { $0.algorithm == .fixedWindow ? nil : $0.burst }
      total = limit != nil && isTotal ? true : nil
      algorithm = limit.flatMap { $0.algorithm == .tokenBucket ? nil : $0.algorithm.rawValue }
    } else {
      (rate, burst, total, algorithm) = (nil, nil, nil, nil)
    }
    monitor = rule.isMonitored ? true : nil
    note = rule.note?.text
    expires = rule.expires.map { "\(clock.wallTime(of: $0))" }
  }
}

/// Fields of packets. One with several values is a list, except for ports with a protocol and for flags.
struct RuleFieldsObject: Encodable {
  private let match: RuleMatch

  init(_ match: RuleMatch) { self.match = match }

  func encode(to encoder: any Encoder) throws {
    try match.encode(to: encoder) { selector, text, container, key in
      let values = selector.values(in: text)
      if values.count > 1 {
        try container.encode(values, forKey: key)
      } else {
        try container.encode(values.first, forKey: key)
      }
    }
  }
}

extension RuleMatch {
  /// Encodes the fields that are stated.
  ///
  /// - Parameter each: Encodes the text of a field.
  func encode(
    to encoder: any Encoder,
    _ each: (
      RuleSelector, String, inout KeyedEncodingContainer<SchemaKey>, SchemaKey
    ) throws -> Void
  ) throws {
    var container = encoder.container(keyedBy: SchemaKey.self)
    for selector in RuleSelector.allCases {
      guard let text = text(of: selector) else { continue }
      let key = SchemaKey(stringValue: selector.rawValue)
      if selector == .fragment {
        try container.encode(isFragment, forKey: key)
      } else {
        try each(selector, text, &container, key)
      }
    }
  }
}

private enum RuleFieldValue: Encodable {
  case number(Int)
  case text(String)

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }
}

extension RuleSelector {
  /// Whether a value of digits is a number, and not a name.
  private var hasNumbers: Bool {
    switch self {
    case .protocol, .port, .sourcePort, .icmp, .length, .hopLimit, .dscp, .vlan: true
    case .from, .to, .class, .tcpFlags, .fragment, .interface, .socket: false
    }
  }

  fileprivate func values(in text: String) -> [RuleFieldValue] {
    let isWhole = self == .tcpFlags || [.port, .sourcePort].contains(self) && text.contains("/")
    let parts = isWhole ? [text[...]] : text.split(separator: ",")
    return parts.map { part in
      if hasNumbers, let number = Int(part) { return .number(number) }
      return .text(String(part))
    }
  }
}
