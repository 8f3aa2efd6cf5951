import Testing

@testable import Aegis
@testable import aegisctl

/// What dump writes is read again as what it was.
@Suite struct DumpRoundTripTests {
  private static let clock = PolicyReaderTests.clock

  @Test(.timeLimit(.minutes(10))) func tenThousandPoliciesInYAML() throws {
    for seed in 0..<10_000 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let policy = try random.declaredPolicy(Self.clock)
      let text = try YAMLText.text(
        ofJSON: JSONText.compact(PolicyObject(policy, clock: Self.clock)))
      var reader = PolicyReader(clock: Self.clock)
      reader.read(Array(text.utf8), named: "dump.yaml")
      try #require(reader.errors.isEmpty && reader.notes.isEmpty, "seed \(seed): \(text)")
      let read = reader.policy
      #expect(
        read.defaultAction == policy.defaultAction && read.mode == policy.mode
          && read.replies == policy.replies, "\(seed)")
      #expect(read.sourcePrefix == policy.sourcePrefix, "\(seed)")
      #expect(read.rates.map(Set.init) == policy.rates.map(Set.init), "\(seed)")
      #expect(read.drops == policy.drops && read.keys == policy.keys, "\(seed)")
      #expect(read.rules == policy.rules, "\(seed)\n\(text)")
      #expect(read.lists == policy.lists && read.listed == policy.listed, "\(seed)")
    }
  }

  @Test func usersOfTheRelay() throws {
    var random = SplitMix64(seed: 1)
    var users: [RelayUser] = []
    for number in 0..<5000 {
      let request = try random.user("user\(number)", Self.clock)
      users.append(try #require(RelayUser(request.name, at: number, request.user(generation: 1))))
    }
    let text = try YAMLText.text(
      ofJSON: JSONText.compact(PolicyObject(Policy(), users: users, clock: Self.clock)))
    var reader = PolicyReader(clock: Self.clock)
    reader.read(Array(text.utf8), named: "dump.yaml")
    try #require(reader.errors.isEmpty && reader.notes.isEmpty, "\(reader.errors)")
    random = SplitMix64(seed: 1)
    for (number, read) in (reader.users ?? []).enumerated() {
      #expect(try read == random.user("user\(number)", Self.clock))
    }
    #expect(reader.users?.count == users.count)
  }

  @Test(.timeLimit(.minutes(10))) func tenThousandListsInJSON() throws {
    for seed in 0..<10_000 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let policy = try random.declaredPolicy(ClockReading.now())
      var report = DumpReport(part: .all)
      report.drops = try (policy.drops ?? [:]).map { try random.entry($0.key, $0.value) }
      report.keys = try (policy.keys ?? [:]).map {
        try random.entry($0.key.key, $0.value, protected: $0.key.isProtected)
      }
      let text = Array(try JSONText.pretty(report.object).utf8)
      try Self.check(ListFile.drops(text), report.drops, "seed \(seed)")
      try Self.check(ListFile.keys(text), report.keys, "seed \(seed)")
    }
  }

  private static func check<Element>(
    _ contents: ListContents<Element>, _ entries: [Aegis.Entry<Element>], _ comment: Comment
  ) throws {
    try #require(contents.errors.isEmpty && contents.notes.isEmpty, comment)
    try #require(contents.entries.count == entries.count, comment)
    for (read, entry) in zip(contents.stated, entries) {
      let clock = ClockReading.now()
      let terms = read.terms
      #expect(read.element == entry.element, comment)
      #expect(terms.isWhole && terms.note == entry.note, comment)
      #expect(terms.rate == entry.rate && terms.isMonitored == entry.isMonitored, comment)
      #expect(terms.isProtected == entry.isProtected, comment)
      #expect((terms.end == nil) == (entry.expires == nil), comment)
      guard let expires = entry.expires, let end = terms.end else { continue }
      // Two clocks are read one after the other.
      let apart = end.milliseconds - clock.wallTime(of: expires).milliseconds
      try #require(abs(apart) <= 50, "\(comment): \(apart) ms")
    }
  }

  @Test(arguments: [
    #"{"name": "192.0.2.1", "monitor": 1}"#, #"{"name": "192.0.2.1", "note": 5}"#,
    #"{"name": "192.0.2.1", "expires": "tomorrow"}"#,
    #"{"name": "192.0.2.1", "rate": "5/s", "algorithm": "leaky"}"#,
    #"{"name": "192.0.2.1", "monitor": true}"#, #"{"name": "192.0.2.1", "burst": 5}"#,
    #"{"name": "192.0.2.1", "algorithm": "per-cpu"}"#,
    #"{"name": "192.0.2.1", "rate": "5/s", "protected": true}"#,
    #"{"name": "192.0.2.1", "rate": "5/s", "burst": 5, "algorithm": "fixed-window"}"#,
    #"{"name": "192.0.2.1", "remainingMilliseconds": -1}"#, #"{"note": "none"}"#,
  ])
  func whatIsWrongIsRefused(_ entry: String) {
    let text = #"{"kind": "Dump", "keys": [{"name": "any:1/tcp"}, \#(entry)]}"#
    let contents = ListFile.keys(Array(text.utf8))
    #expect(contents.errors.map(\.place) == [.element("keys", 1)])
    #expect(contents.elements.map(\.description) == ["any:1/tcp"])
  }

  @Test(arguments: [#""rate": "5/s""#, #""burst": 5"#, #""protected": true"#])
  func whatOnlyAKeyHasIsRefusedOfADrop(_ member: String) {
    let text = #"{"kind": "Dump", "drops": [{"name": "192.0.2.1", \#(member)}]}"#
    let contents = ListFile.drops(Array(text.utf8))
    #expect(contents.errors.map(\.place) == [.element("drops", 0)] && contents.entries.isEmpty)
  }

  @Test func whatHasExpiredIsLeftOutAndNoted() {
    let text = """
      {"kind": "Dump", "drops": [{"name": "192.0.2.1", "expires": "2020-01-01T00:00:00Z",
      "remainingMilliseconds": 5000}, {"name": "192.0.2.2", "remainingMilliseconds": 5000}]}
      """
    let contents = ListFile.drops(Array(text.utf8))
    #expect(contents.elements.map(\.description) == ["192.0.2.2"])
    #expect(contents.notes.map(\.note.description) == [#""192.0.2.1": has expired: skipped"#])
    #expect(contents.stated.first?.terms.lifetime == .milliseconds(5000))
  }
}

extension SplitMix64 {
  fileprivate mutating func user(_ name: String, _ clock: ClockReading) throws -> RelayUserRequest {
    let port = UInt16.random(in: 1...UInt16.max, using: &self)
    let isV6 = Bool.random(using: &self)
    let expires = expiry(clock)
    // As many of each size as of any other.
    let most = UInt64(1) << UInt64.random(in: 4...23, using: &self)
    let period = Rate.Period.allCases.randomElement(using: &self) ?? .second
    let rate = try Rate(
      packets: .random(in: 1...most, using: &self), period: period,
      burst: .random(using: &self) ? nil : .random(in: 1...15, using: &self))
    return try RelayUserRequest(
      RelayName(name), to: RelayEndpoint(isV6 ? "[2001:db8::7]:\(port)" : "192.0.2.1:\(port)"),
      rate: port % 10 == 0 ? nil : rate, expires: expires)
  }

  fileprivate mutating func declaredPolicy(_ clock: ClockReading) throws -> Policy {
    var policy = Policy()
    policy.defaultAction = PolicyDefaults.Default.allCases.randomElement(using: &self)
    policy.replies = .random(using: &self)
    policy.mode = PolicyDefaults.Mode.allCases.randomElement(using: &self)
    policy.sourcePrefix = Policy.SourcePrefix(
      v4: .random(in: 1...32, using: &self), v6: .random(in: 1...128, using: &self))
    policy.drops = [:]
    policy.keys = [:]
    policy.lists = [:]
    for number in 0..<Int.random(in: 0...3, using: &self) {
      let name = try ListName("list-\(number)")
      policy.lists?[name] = NamedList(
        action: .random(using: &self) ? .drop : .none,
        directions: Directions.allCases.randomElement(using: &self) ?? .in,
        isMonitored: .random(using: &self), note: try note(), expires: expiry(clock))
      // The entries of some are not declared.
      for _ in 0..<Int.random(in: 0...3, using: &self) {
        policy.listed[name, default: [:]][prefix()] = Policy.Conditions(
          expires: expiry(clock), note: try note(), isMonitored: .random(using: &self))
      }
    }
    var rates: [RateSlot: RateRule] = [:]
    for _ in 0..<Int.random(in: 0...4, using: &self) {
      policy.drops?[prefix()] = Policy.Conditions(
        expires: expiry(clock), note: try note(), isMonitored: .random(using: &self))
      let isProtected = Bool.random(using: &self)
      let key = try key()
      if policy.keys?[Policy.Key(key, isProtected: !isProtected)] == nil {
        policy.keys?[Policy.Key(key, isProtected: isProtected)] = Policy.Conditions(
          expires: expiry(clock), note: try note(), rate: isProtected ? nil : try maybeRate())
      }
      guard let rate = try maybeRate() else { continue }
      let selector = RateSelector(
        port: .random(using: &self)
          ? nil : try RateSelector.Port("\(Int.random(in: 1...9, using: &self))/sctp"),
        prefix: .random(using: &self) ? nil : prefix())
      let rule = RateRule(rate, for: selector, isTotal: .random(using: &self))
      rates[rule.slot] = rule
    }
    policy.rates = Array(rates.values)
    policy.rules = try (0..<Int.random(in: 0...3, using: &self)).map {
      try rule("rule-\($0)", clock)
    }
    return policy
  }

  private mutating func rule(_ name: String, _ clock: ClockReading) throws -> Rule {
    var rule = Rule(try RuleName(name), .random(using: &self) ? .drop : .allow)
    if Bool.random(using: &self) {
      var rate = try maybeRate()
      rate?.isMonitored = false
      rule.action = .limit(rate, isTotal: rate != nil && .random(using: &self))
    }
    rule.match = try match()
    rule.exceptions = try match()
    (rule.isMonitored, rule.note, rule.expires) = (.random(using: &self), try note(), expiry(clock))
    return rule
  }

  private static let values: [RuleSelector: [String]] = [
    .protocol: ["udp", "6", "tcp", "gre", "icmpv6", "253"],
    .port: ["80", "8000-8099", "0-65535", "443", "81"], .sourcePort: ["53", "1-1023"],
    .class: ["foreign", "known-1", "5"], .icmp: ["echo-request", "3/4", "42", "packet-too-big"],
    .length: ["512-", "-100", "60"], .hopLimit: ["1-5", "64"], .dscp: ["cs1", "ef", "7", "1-3"],
    .vlan: ["0", "7", "8", "9"], .interface: ["eth0", "7", "veth-a.1"],
    .socket: ["established", "listen", "none"],
  ]

  private mutating func match() throws -> RuleMatch {
    var match = RuleMatch()
    var notes: [InputNote] = []
    for selector in RuleSelector.allCases where Int.random(in: 0..<4, using: &self) == 0 {
      var text: String
      switch selector {
      case .from, .to:
        let lists = Bool.random(using: &self) ? ["list:seen", "list:fail2ban-sshd"] : []
        text = (["\(prefix())", "\(prefix())"] + lists).joined(separator: ",")
      case .fragment: text = Bool.random(using: &self) ? "true" : "false"
      case .tcpFlags:
        text =
          ["syn", "syn/fin,syn,rst,ack", "none/fin,syn", "fin,psh,urg"]
          .randomElement(using: &self) ?? "syn"
      default:
        let values = (Self.values[selector] ?? []).shuffled(using: &self)
        text = values.prefix(.random(in: 1...3, using: &self)).joined(separator: ",")
        if [.port, .sourcePort].contains(selector), Bool.random(using: &self) { text += "/udp" }
      }
      try match.set(selector, to: text, noting: &notes)
    }
    return match
  }

  fileprivate mutating func entry<Element>(
    _ element: Element, _ conditions: Policy.Conditions, protected: Bool = false
  ) throws -> Aegis.Entry<Element> {
    let now = ClockReading.now().boottime
    return Aegis.Entry(
      element: element, expires: conditions.expires,
      remaining: conditions.expires.map { .nanoseconds(Int64($0 - now)) }, hits: next() >> 1,
      note: conditions.note, isProtected: protected, isMonitored: conditions.isMonitored,
      rate: conditions.rate)
  }

  private mutating func prefix() -> Prefix {
    let isV4 = Bool.random(using: &self)
    // Short groups, so that an address often ends like one with a port.
    let bits = UInt128(next() & 0xf0ff_00ff_0fff_0022) << 64 | UInt128(next() & 0xff_0022)
    let address = isV4 ? IPAddress.v4(UInt32(truncatingIfNeeded: next())) : .v6(bits)
    let length =
      Bool.random(using: &self) ? address.width : Int.random(in: 0...address.width, using: &self)
    return Prefix(address: address, length: length) ?? Prefix(address)
  }

  private mutating func key() throws -> AllowKey {
    let source = Int.random(in: 0..<4, using: &self) == 0 ? nil : prefix()
    let hasPort = Bool.random(using: &self)
    let number = UInt8.random(in: 1...255, using: &self)
    let known = [TransportProtocol.tcp, .udp, .sctp].randomElement(using: &self)
    let either = Bool.random(using: &self) ? nil : TransportProtocol(rawValue: number)
    return try AllowKey(
      source: source, port: hasPort ? .random(in: 1...UInt16.max, using: &self) : nil,
      protocol: hasPort ? (number < 64 ? nil : known) : either)
  }

  private mutating func expiry(_ clock: ClockReading) -> UInt64? {
    if Bool.random(using: &self) { return nil }
    // In whole milliseconds by the wall clock, as it is written.
    let end =
      (clock.realtime + 60_000_000_000) / 1_000_000 + Int64.random(in: 0...1 << 34, using: &self)
    guard case .ahead(let moment) = clock.moment(of: WallTime(milliseconds: end)) else {
      return nil
    }
    return moment
  }

  private static let scalars: [String] = [
    "a", "Z", " ", "#", ":", "'", "\"", "\\", "é", "日", "\u{1f525}", "\u{feff}", "\u{a0}",
    "\u{202e}", "-", "[", "{", "~", "&", "*", "!", "|", ">", "%", "@", "`", "?", ",", "null", "0o7",
    "true", "1e3", "=", "<<",
  ]

  private mutating func note() throws -> Note? {
    if Bool.random(using: &self) { return nil }
    let text = (0..<Int.random(in: 1...12, using: &self)).map { _ in
      Self.scalars.randomElement(using: &self) ?? ""
    }.joined()
    return try? Note(text)
  }

  private mutating func maybeRate() throws -> Rate? {
    if Bool.random(using: &self) { return nil }
    let unit = Rate.Unit.allCases.randomElement(using: &self) ?? .packets
    let period = Rate.Period.allCases.randomElement(using: &self) ?? .second
    var rate = try Rate(
      .random(in: 1...1_000_000, using: &self), unit, period: period,
      burst: Bool.random(using: &self) ? nil : .random(in: 1...5000, using: &self))
    rate.algorithm = Rate.Algorithm.allCases.randomElement(using: &self) ?? .tokenBucket
    if rate.algorithm == .fixedWindow { rate.burst = nil }
    rate.isMonitored = .random(using: &self)
    return (try? rate.validate()) == nil ? nil : rate
  }
}
