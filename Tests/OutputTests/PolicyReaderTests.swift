import Aegis
import Testing

@testable import aegisctl

@Suite struct PolicyReaderTests {
  static let clock = ClockReading(realtime: 1_800_000_000_000_000_000, boottime: 5_000_000_000)
  static let head = "apiVersion: aegis/v1\nkind: Policy\n"

  static func read(_ texts: String...) -> PolicyReader {
    var reader = PolicyReader(clock: clock)
    for (number, text) in texts.enumerated() {
      reader.read(Array(text.utf8), named: "\(number == 0 ? "policy" : "other").yaml")
    }
    return reader
  }

  @Test func everyField() throws {
    let reader = Self.read(
      Self.head + """
        spec:
          default: deny
          mode: monitor
          sourcePrefix: {v4: 24, v6: 56}
          rates:
          - rate: 1000/s
            burst: 200
          - {rate: 2MB/s, port: 53/udp, from: 10.0.0.0/8, total: true, algorithm: fixed-window, monitor: true}
          drops:
          - 192.0.2.1
          - source: 2001:db8::/32
            note: 2024
            expires: 2027-01-15T09:00:00+01:00
            monitor: true
          keys:
          - any:443/tcp
          - {key: "203.0.113.7:22/tcp", protect: true, note: me, expires: "2027-01-15T08:00:01.5Z"}
          - {key: any:53/udp, rate: 50/s, burst: 5, monitor: true}

        """)
    #expect(reader.errors.map(\.message) == [])
    #expect(reader.notes.count == 1)
    let policy = reader.policy
    #expect(policy.defaultAction == .deny && policy.mode == .monitor)
    #expect(policy.sourcePrefix == Policy.SourcePrefix(v4: 24, v6: 56))
    var window = try Rate("2MB/s")
    window.algorithm = .fixedWindow
    window.isMonitored = true
    let selector = RateSelector(
      port: try RateSelector.Port("53/udp"), prefix: try Prefix("10.0.0.0/8"))
    #expect(
      policy.rates == [
        RateRule(try Rate("1000/s", burst: 200)), RateRule(window, for: selector, isTotal: true),
      ])
    // 08:00:00 is now: as good as passed.
    #expect(policy.drops == [try Prefix("192.0.2.1"): Policy.Conditions()])
    var rate = try Rate("50/s", burst: 5)
    rate.isMonitored = true
    #expect(
      policy.keys == [
        Policy.Key(try AllowKey("any:443/tcp"), isProtected: false): Policy.Conditions(),
        Policy.Key(try AllowKey("203.0.113.7:22/tcp"), isProtected: true): Policy.Conditions(
          expires: 6_500_000_000, note: try Note("me")),
        Policy.Key(try AllowKey("any:53/udp"), isProtected: false): Policy.Conditions(rate: rate),
      ])
  }

  @Test func jsonIsYAML() throws {
    let reader = Self.read(
      #"{"apiVersion":"aegis/v1","kind":"Policy","spec":{"drops":["192.0.2.1"],"keys":[]}}"#)
    #expect(reader.errors.isEmpty)
    #expect(reader.policy.drops?.count == 1)
    #expect(reader.policy.keys == [:] && reader.policy.rates == nil)
  }

  @Test(arguments: ["\u{feff}%@", "\u{feff}---\n%@", "\u{feff}%@---\n%@", "%@\u{feff}---\n%@"])
  func byteOrderMarks(_ form: String) throws {
    let text = form.replacing("%@", with: Self.head + "spec: {drops: [192.0.2.1]}\n")
    let reader = Self.read(text)
    #expect(reader.errors.map(\.message) == [])
    #expect(reader.policy.drops?.count == 1)
  }

  @Test func aByteOrderMarkWithinATextStays() throws {
    let reader = Self.read(
      Self.head + "spec: {drops: [{source: 192.0.2.1, note: \"a\u{feff}b\"}]}\n")
    #expect(reader.errors.map(\.message) == [])
    #expect(reader.policy.drops?[try Prefix("192.0.2.1")]?.note == (try Note("a\u{feff}b")))
  }

  /// YAML 1.2, 10.3.2.
  @Test(
    arguments: [
      ("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false),
      ("FALSE", false), ("yes", nil), ("on", nil), ("tRUE", nil), ("1", nil), ("'true'", nil),
      ("~", nil), ("", nil),
    ] as [(String, Bool?)])
  func booleans(text: String, expected: Bool?) throws {
    let reader = Self.read(
      Self.head + "spec:\n  drops:\n  - source: 192.0.2.1\n    monitor: \(text)\n")
    #expect(reader.errors.isEmpty == (expected != nil))
    #expect(reader.policy.drops?.values.first?.isMonitored == expected)
  }

  @Test(
    arguments: [
      ("32", 32), ("+32", 32), ("0o17", 15), ("0x1f", 31), ("0x1F", 31), ("010", nil), ("08", nil),
      ("0o", nil), ("0o8", nil), ("0x", nil), ("0x-1", nil), ("-1", nil), ("1e1", nil),
      ("16.0", nil), ("'16'", nil), ("\"16\"", nil), ("~", nil), ("0b11", nil), ("1_0", nil),
    ] as [(String, Int?)])
  func numbers(text: String, expected: Int?) throws {
    let reader = Self.read(Self.head + "spec: {sourcePrefix: {v4: \(text), v6: 64}}\n")
    #expect(reader.errors.isEmpty == (expected != nil))
    #expect(reader.policy.sourcePrefix?.v4 == expected)
  }

  @Test func mappedHostsAndUnbracketedKeysAreNoted() throws {
    let reader = Self.read(
      Self.head + """
        spec:
          drops: ["::ffff:192.0.2.1"]
          keys:
          - "2001:db8::1:22/tcp"
          - {key: "2001:db8::2:22"}
          - "[2001:db8::3:22]/tcp"

        """)
    #expect(reader.errors.map(\.message) == [])
    #expect(
      reader.notes == [
        #"policy.yaml:4: spec.drops[0]: "::ffff:192.0.2.1": read as the IPv4 address 192.0.2.1"#,
        """
        policy.yaml:6: spec.keys[0]: "2001:db8::1:22/tcp": read as the address in \
        [2001:db8::1:22]/tcp, without a port
        """,
        """
        policy.yaml:7: spec.keys[1].key: "2001:db8::2:22": read as the address in \
        [2001:db8::2:22], without a port
        """,
      ])
  }

  @Test(arguments: [
    "drops: ['::ffff:0:0/96']", "keys: ['[::ffff:0:0/96]:22']",
    "rates: [{rate: 1/s, from: '::ffff:0:0/96'}]",
  ])
  func mappedPrefixesAreRefused(part: String) throws {
    let reader = Self.read(Self.head + "spec: {\(part)}")
    #expect(reader.errors.count == 1)
    #expect(reader.errors.first?.hint?.contains("if you mean IPv4, write 0.0.0.0/0") == true)
  }

  @Test func severalAreOne() throws {
    let one = Self.head + "spec: {default: deny, drops: [192.0.2.1, 192.0.2.1]}\n"
    let other = Self.head + "spec: {default: deny, drops: [192.0.2.2, 192.0.2.1]}\n"
    let reader = Self.read(one + "---\n" + other + "---\n", other)
    #expect(reader.errors.isEmpty)
    #expect(reader.policy.drops?.count == 2)
  }

  @Test(arguments: PolicyMistake.all)
  func mistake(_ mistake: PolicyMistake) throws {
    let reader = Self.read(mistake.text)
    #expect(reader.errors.map(\.message) == [mistake.message])
    #expect(reader.errors.allSatisfy { $0.kind == .badInput })
    #expect(reader.errors.first?.hint == mistake.hint)
  }

  @Test func conflictsNameBothPlaces() throws {
    let other = Self.head + "spec:\n  default: deny\n  drops:\n  - {source: 192.0.2.1, note: x}\n"
    let reader = Self.read(Self.head + "spec: {default: allow, drops: [192.0.2.1]}", other)
    #expect(
      reader.errors.map(\.message) == [
        #"other.yaml:4: spec.default: "deny" differs from policy.yaml:3, which has "allow""#,
        #"other.yaml:6: spec.drops[0]: "192.0.2.1" is declared differently at policy.yaml:3"#,
      ])
  }

  @Test func allMistakesAreNamedInTheirOrder() throws {
    let reader = Self.read(
      Self.head + "spec:\n  keys: [x:y]\n  drops: [a,\n    b]\n  default: perhaps\n")
    let lines = reader.errors.map { $0.message.split(separator: ":")[1] }
    #expect(lines == ["4", "5", "6", "7"])
  }
}
