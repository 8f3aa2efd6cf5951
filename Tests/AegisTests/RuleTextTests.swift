import Testing

@testable import Aegis

@Suite("Rules as text")
struct RuleTextTests {
  private static func read(_ selector: RuleSelector, _ text: String) throws -> RuleMatch {
    var match = RuleMatch()
    var notes: [InputNote] = []
    try match.set(selector, to: text, noting: &notes)
    return match
  }

  private static let good: [(RuleSelector, String, String)] = [
    (.from, "192.0.2.0/24", "192.0.2.0/24"),
    (.from, "192.0.2.1,list:a,2001:db8::/32", "192.0.2.1,2001:db8::/32,list:a"),
    (.to, "any", "0.0.0.0/0,::/0"), (.to, "list:b,list:a", "list:a,list:b"),
    (.protocol, "udp,TCP,47", "tcp,udp,gre"), (.port, "80", "80"),
    (.port, "443,80,8000-8099/tcp", "80,443,8000-8099/tcp"), (.port, "0", "0"),
    (.port, "-1023", "0-1023"), (.port, "1024-", "1024-65535"), (.port, "80,81", "80,81"),
    (.port, "1-3,4,5-9", "1-9"), (.sourcePort, "53/udp", "53/udp"),
    (.sourcePort, "0-65535", "0-65535"), (.class, "foreign,domestic", "domestic,foreign"),
    (.tcpFlags, "syn/fin,syn,rst,ack", "syn/fin,syn,rst,ack"), (.tcpFlags, "syn,ack", "syn,ack"),
    (.tcpFlags, "none/syn", "none/syn"), (.tcpFlags, "SYN", "syn"),
    (.icmp, "echo-request", "echo-request"), (.icmp, "8/0,3", "3,8/0"),
    (.icmp, "neighbor-solicitation", "neighbour-solicitation"), (.icmp, "255/255", "255/255"),
    (.length, "300-", "300-65535"), (.length, "65535", "65535"), (.hopLimit, "1-5", "1-5"),
    (.hopLimit, "255", "255"), (.dscp, "ef", "ef"), (.dscp, "cs1,46", "cs1,ef"),
    (.dscp, "0-63", "0-63"), (.vlan, "0", "0"), (.vlan, "7,4094", "7,4094"),
    (.fragment, "true", "true"), (.fragment, "false", "false"),
    (.interface, "eth0,lo", "eth0,lo"), (.socket, "established", "established"),
    (.socket, "established,none", "none,established"),
  ]

  @Test("each field is read, written and read again", arguments: good)
  func roundTrip(selector: RuleSelector, text: String, written: String) throws {
    let match = try Self.read(selector, text)
    #expect(match.text(of: selector) == written)
    #expect(try Self.read(selector, written) == match)
    for other in RuleSelector.allCases where other != selector {
      #expect(match.text(of: other) == nil)
    }
  }

  private static let bad: [(RuleSelector, [String])] = [
    (.from, ["", ",", "192.0.2.1,", "list:", "list:-a", "192.0.2.1/33", "x"]),
    (.protocol, ["", "tcp,", "256", "x"]),
    (
      .port,
      [
        "", "-", "99999", "65536", "80,,443", ",80", "80,", "90-80", "1-2-3", "a", "80/", "80/gre",
        "80/x", "+80", " 80", "0x50", "--", "80/tcp/udp", "/tcp",
      ]
    ),
    (.sourcePort, ["", "-", "70000"]), (.class, ["", ",", "a b"]),
    (.tcpFlags, ["", "none", "syn/", "/syn", "syn/none", "syn/ack", "x", "syn,", "none/none"]),
    (.icmp, ["", "x", "256", "8/256", "8/", "/0", "8,", "-1"]), (.length, ["", "-", "65536", "a"]),
    (.hopLimit, ["", "256", "-"]), (.dscp, ["", "64", "cs8", "af44", "-"]),
    (.vlan, ["", "4095", "-"]), (.fragment, ["", "yes", "True", "first"]),
    (.interface, ["", ".", "..", "a/b", "sixteen-letters-", "a b", "eth0,"]),
    (.socket, ["", "open", "Listen", "none,", "established/tcp"]),
  ]

  @Test("what is no value of a field is refused", arguments: bad)
  func refused(selector: RuleSelector, texts: [String]) {
    for text in texts {
      #expect(throws: InputError.self, "\(selector) \(text)") { try Self.read(selector, text) }
    }
  }

  private static func rule(_ number: UInt64) throws -> Rule {
    var generator = SplitMix64(seed: number)
    let action: Rule.Action = [.drop, .allow, .limit(nil, isTotal: false), .hook]
      .randomElement(using: &generator)!
    var rule = Rule(try RuleName("r\(number)"), action)
    for (selector, text, _) in good.shuffled(using: &generator).prefix(Int(number % 9)) {
      var notes: [InputNote] = []
      if Bool.random(using: &generator) {
        try rule.match.set(selector, to: text, noting: &notes)
      } else {
        try rule.exceptions.set(selector, to: text, noting: &notes)
      }
    }
    rule.isMonitored = Bool.random(using: &generator)
    if Bool.random(using: &generator) { rule.expires = generator.next() }
    let notes = ["a=b", "\u{301}combining", "!from=x, then=drop", "ends in =", "é🦊"]
    if Bool.random(using: &generator) {
      rule.note = try Note(notes.randomElement(using: &generator)!)
    }
    return rule
  }

  @Test("rules in a set are read as they were written")
  func source() throws {
    let rows = try (0..<256 as Range<UInt64>).map { number in
      RuleSource.Row(rule: try Self.rule(number), number: UInt16(number) * 2, rate: 0)
    }
    let again = RuleSource(parsing: RuleSource(rows).text[...], rates: [:]).rows
    #expect(again.count == rows.count)
    for (row, read) in zip(rows, again) {
      #expect(read.rule == row.rule)
      #expect(read.number == row.number && read.rate == row.rate)
    }
  }
}
