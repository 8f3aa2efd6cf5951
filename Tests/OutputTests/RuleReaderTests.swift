import Testing

@testable import Aegis
@testable import aegisctl

/// `rules:` of policy files.
@Suite struct RuleReaderTests {
  private static func read(_ rules: String) -> PolicyReader {
    PolicyReaderTests.read(PolicyReaderTests.head + "spec:\n  rules:\n" + rules)
  }

  @Test func everyField() throws {
    let reader = Self.read(
      """
        - name: amplification
          match: {from: [192.0.2.0/24, "list:partners"], to: 198.51.100.9, protocol: [udp, 6],
            port: [80, 8000-8099], sourcePort: [53/udp, 123/udp], class: foreign,
            length: 300-, hopLimit: 1-5, dscp: [cs1, 3], vlan: 7, fragment: false, interface: eth0}
          not: {from: [192.0.2.7], port: "80,443/tcp"}
          then: drop
          monitor: true
          note: 7
          expires: "2027-01-15T08:00:01.5Z"
        - {name: xmas, match: {protocol: tcp, tcpFlags: [fin, psh, urg]}, then: drop}
        - {name: ping, match: {icmp: [echo-request, 3/4]}, then: limit, rate: 10/s, burst: 20,
           total: true}
        - {name: over, then: allow, expires: "2027-01-15T08:00:00Z"}
        - {name: bulk, then: limit, rate: 'off'}
        - {name: inspect, match: {port: 53/udp}, then: hook, monitor: true}
        - {name: all, then: allow}

      """)
    #expect(reader.errors.map(\.message) == [])
    #expect(reader.notes == ["policy.yaml:17: spec.rules[3]: rule over has expired: skipped"])
    let rules = reader.policy.rules ?? []
    #expect(rules.map(\.name.text) == ["amplification", "xmas", "ping", "bulk", "inspect", "all"])
    #expect(
      rules.map(\.matchText) == [
        "from 192.0.2.0/24,list:partners not-from 192.0.2.7 to 198.51.100.9 protocol tcp,udp "
          + "port 80,8000-8099 not-port 80,443/tcp source-port 53,123/udp class foreign "
          + "length 300-65535 hop-limit 1-5 dscp 3,cs1 vlan 7 fragment false interface eth0",
        "protocol tcp tcp-flags fin,psh,urg", "icmp 3/4,echo-request",
        "all packets", "port 53/udp", "all packets",
      ])
    #expect(
      rules.map(\.actionText) == [
        "drop", "drop", "limit 10/s burst 20 total", "limit off", "hook", "allow",
      ])
    #expect(try rules[0].isMonitored && rules[0].note == Note("7"))
    #expect(rules[0].expires == 6_500_000_000)
    #expect(rules[4].action == .hook && rules[4].isMonitored)
    #expect(reader.policy.out == nil && reader.policy.rates == nil)
  }

  @Test func algorithmsAndBytes() throws {
    let reader = Self.read(
      """
        - {name: a, then: limit, rate: 600/m, algorithm: fixed-window, monitor: true}
        - {name: b, then: limit, rate: 10Mbit/s, burst: 1MB, algorithm: per-cpu}

      """)
    #expect(reader.errors.map(\.message) == [])
    let rules = reader.policy.rules ?? []
    guard case .limit(let first?, false) = rules[0].action,
      case .limit(let second?, false) = rules[1].action
    else { return #expect(Bool(false), "\(rules)") }
    #expect(first.algorithm == .fixedWindow && !first.isMonitored && rules[0].isMonitored)
    #expect(second.algorithm == .perCPU && second.burst == 1_000_000)
  }

  /// In the order of the files; each direction has its own names.
  @Test func severalDocuments() {
    var reader = PolicyReader(clock: PolicyReaderTests.clock)
    let rules = [
      "spec: {rules: [{name: b, then: drop}], out: {rules: [{name: b, then: allow}]}}",
      "spec: {rules: [{name: a, then: drop}]}", "spec: {rules: []}",
      "spec: {rules: [{name: b, then: drop}]}",
    ]
    for (number, text) in rules.enumerated() {
      reader.read(Array((PolicyReaderTests.head + text + "\n").utf8), named: "\(number).yaml")
    }
    #expect(
      reader.errors.map(\.message) == [
        "3.yaml:3: spec.rules[0]: there is another rule \"b\" at 0.yaml:3"
      ])
    #expect(reader.policy.rules?.map(\.name.text) == ["b", "a"])
    #expect(reader.policy.out?.rules?.map(\.action) == [.allow])
  }

  @Test func mappedAddressesAreNoted() {
    let reader = Self.read("  - {name: a, match: {from: ['::ffff:192.0.2.1']}, then: drop}\n")
    #expect(reader.errors.map(\.message) == [])
    #expect(
      reader.notes == [
        "policy.yaml:5: spec.rules[0].match.from[0]: \"::ffff:192.0.2.1\": read as the IPv4 address "
          + "192.0.2.1"
      ])
  }

  @Test func whatIsWritten() throws {
    let text = """
        - {name: a, match: {from: [192.0.2.1, "list:l"], to: "::1", protocol: udp, port: [80, 90-99],
           sourcePort: 53/udp, tcpFlags: syn, dscp: [cs1, 3], fragment: true, interface: "7"},
           not: {icmp: 8, vlan: [1, 2]}, then: limit, rate: 5/s, burst: 7}
        - {name: b, then: drop, monitor: true, note: x}
        - {name: c, match: {port: [80/tcp, 443/tcp]}, then: limit, rate: 'off'}
        - {name: d, then: hook}

      """
    let policy = Self.read(text).policy
    let written = try JSONText.compact(PolicyObject(policy, clock: PolicyReaderTests.clock))
    let rules = [
      #"{"burst":7,"match":{"dscp":[3,"cs1"],"fragment":true,"from":["192.0.2.1","list:l"],"#
        + #""interface":"7","port":[80,"90-99"],"protocol":"udp","sourcePort":"53/udp","#
        + #""tcpFlags":"syn","to":"::1"},"name":"a","not":{"icmp":8,"vlan":[1,2]},"#
        + #""rate":"5/s","then":"limit"}"#,
      #"{"monitor":true,"name":"b","note":"x","then":"drop"}"#,
      #"{"match":{"port":"80,443/tcp"},"name":"c","rate":"off","then":"limit"}"#,
      #"{"name":"d","then":"hook"}"#,
    ]
    #expect(
      written == #"{"apiVersion":"aegis/v1","kind":"Policy","spec":{"rules":["#
        + rules.joined(separator: ",") + "]}}")
  }
}
