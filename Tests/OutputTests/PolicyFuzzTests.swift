import Aegis
import Foundation
import Testing

@testable import aegisctl

/// Texts near to policies: whatever they are, they are read or refused with a message.
@Suite struct PolicyFuzzTests {
  /// AEGIS_FUZZ says how many.
  private static let rounds =
    ProcessInfo.processInfo.environment["AEGIS_FUZZ"].flatMap { Int($0) } ?? 2000

  private static let seeds = [
    PolicyReaderTests.head + """
      spec:
        default: deny
        sourcePrefix: {v4: 24, v6: 56}
        rates: [{rate: 1000/s, burst: 200}, {rate: 2MB/s, port: 53/udp, total: true}]
        drops:
        - 192.0.2.1
        - {source: 2001:db8::/32, note: "x y", expires: 2027-03-15T09:00:00+01:00}
        keys: [any:443/tcp, {key: '203.0.113.7:22/tcp', protect: true}]
        lists:
        - {name: jail, direction: both, expires: 2027-03-15T09:00:00+01:00}
        - {name: seen, action: none, entries: [192.0.2.1, {source: '::1', monitor: true}]}
        rules:
        - {name: a, match: {from: [192.0.2.1, "list:seen"], port: [80, 443], dscp: cs1}, then: drop}
        - {name: b, not: {icmp: echo-request}, then: limit, rate: 5/s, burst: 7, note: x}

      """,
    #"{"apiVersion":"aegis/v1","kind":"Policy","spec":{"drops":["192.0.2.1",{"source":"::1"}]}}"#,
  ]

  private static let pieces =
    [
      "[", "]", "{", "}", ":", ": ", "- ", "\n", "\t", "'", "\"", "|", ">", "&a", "*a", "!!int ",
      "? ",
      "#", "---\n", "...\n", "%YAML 1.1\n", "\u{feff}", "\u{0}", "null", "~", "0", "-1", "1e9",
      "\\u12",
      "18446744073709551616", "drops", "spec", "9999-12-31T23:59:60Z", "::", "/129", "<<: ",
    ].map { Array($0.utf8) } + [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]]

  @Test(.timeLimit(.minutes(30))) func mutations() throws {
    var random = SystemRandomNumberGenerator()
    let seed = ProcessInfo.processInfo.environment["AEGIS_FUZZ_SEED"].flatMap { UInt64($0) }
    var generator = Xorshift(state: seed ?? random.next())
    let first = generator.state
    var refused = 0
    for round in 0..<Self.rounds {
      let text = Self.mutated(&generator)
      var reader = PolicyReader(clock: PolicyReaderTests.clock)
      reader.read(text, named: "fuzz.yaml")
      let errors = reader.errors
      refused += errors.isEmpty ? 0 : 1
      let isSaid = errors.allSatisfy { error in
        error.message.hasPrefix("fuzz.yaml:") && error.message.count > 14 && error.kind == .badInput
      }
      #expect(isSaid, "seed \(first), round \(round): \(errors)")
      if errors.isEmpty { try Self.survives(reader.policy, "seed \(first), round \(round)") }
    }
    // Neither all nor none, or the mutations are no good.
    #expect(refused > Self.rounds / 10 && refused < Self.rounds)
  }

  /// What is read can be written and read again.
  private static func survives(_ policy: Policy, _ comment: Comment) throws {
    let clock = PolicyReaderTests.clock
    let text = try YAMLText.text(ofJSON: JSONText.compact(PolicyObject(policy, clock: clock)))
    var reader = PolicyReader(clock: clock)
    reader.read(Array(text.utf8), named: "again.yaml")
    #expect(reader.errors.isEmpty, comment)
    #expect(reader.policy.says(policy), comment)
  }

  private static func mutated(_ random: inout Xorshift) -> [UInt8] {
    var text = Array((seeds.randomElement(using: &random) ?? "").utf8)
    for _ in 0...Int.random(in: 0...3, using: &random) {
      let at = Int.random(in: 0...text.count, using: &random)
      let length = min(text.count - at, Int.random(in: 0...12, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0: text.removeSubrange(at..<at + length)
      case 1: text.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
      case 2: text.insert(contentsOf: text[at..<at + length], at: at)
      default:
        if at < text.count { text[at] = .random(in: 0 ... .max, using: &random) }
      }
    }
    return text
  }
}

/// Marsaglia's generator: the same seed gives the same texts.
private struct Xorshift: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    if state == 0 { state = 88_172_645_463_325_252 }
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
