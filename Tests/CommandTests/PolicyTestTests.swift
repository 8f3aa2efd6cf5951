import Foundation
import TestSupport
import Testing

/// The verb `test`, and `why` with a policy file: they need neither privileges nor anything that is loaded.
@Suite(.serialized)
struct PolicyTestTests {
  private static let policy = """
    apiVersion: aegis/v1
    kind: Policy
    spec:
      default: deny
      rates:
      - {rate: 1000/s, burst: 200}
      drops:
      - 198.51.100.0/24
      - {source: 203.0.113.9, note: ssh guessing, monitor: true}
      keys:
      - any:443/tcp
      - {key: "203.0.113.7:22/tcp", protect: true}
    """

  private static let cases = """
    # what must hold
    from 198.51.100.7 to 443: drop drop.prefix
    from 203.0.113.7:40000 to 22/tcp: pass protected   # whoever is on the list

    from 203.0.113.8 to 22: drop
    from [2001:db8::1]:4000 to 443 length 100: pass key
    from 203.0.113.9 to 443: pass
    from 2001:db8::1: drop default
    """

  /// Runs the tool beside a policy, as somebody who may do nothing where that can be, in an empty directory.
  private func run(
    _ arguments: [String], policy: String = Self.policy, cases: String = Self.cases,
    files: [String: String] = [:]
  ) throws -> Outcome {
    try TemporaryDirectory.with { directory in
      let copy = directory.path + "/aegisctl"
      try FileManager.default.copyItem(atPath: BuiltBinary.path("aegisctl"), toPath: copy)
      try policy.write(toFile: directory.path + "/policy.yaml", atomically: true, encoding: .utf8)
      try cases.write(toFile: directory.path + "/cases.txt", atomically: true, encoding: .utf8)
      for (name, text) in files { _ = try directory.file(name, Data(text.utf8)) }
      try Command(["chmod", "-R", "a+rX", directory.path]).succeed()
      let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
      let user = geteuid() == 0 ? nobody : []
      let script = "cd \"$0\" && exec \"$@\""
      return try Command(user + ["sh", "-c", script, directory.path, copy] + arguments).run()
    }
  }

  @Test func allHold() throws {
    let outcome = try run(["test", "policy.yaml", "--cases", "cases.txt"])
    #expect(outcome.status == 0 && outcome.error == "", "\(outcome)")
    #expect(
      outcome.output.split(separator: "\n").map { $0.split(separator: " ") } == [
        ["passed", "6"], ["failed", "0"],
      ])
    #expect(try run(["test", "-q", "policy.yaml", "--cases", "cases.txt"]).output == "")
  }

  @Test func oneFails() throws {
    let cases = "from 203.0.113.9 to 443: drop host\nfrom 203.0.113.9 to 443: pass\n"
    let table = try run(["test", "policy.yaml", "--cases", "cases.txt"], cases: cases)
    #expect(table.status == 1)
    #expect(table.output.contains("cases.txt:1"))
    #expect(table.output.contains("pass pass.key, would be drop.host"))
    #expect(!table.output.contains("cases.txt:2"))
    let tap = try run(["test", "policy.yaml", "--cases", "cases.txt", "-o", "tap"], cases: cases)
    #expect(tap.status == 1)
    #expect(
      tap.output == """
        TAP version 14
        1..2
        not ok 1 - from 203.0.113.9 to 443/tcp: drop drop.host
          ---
          at: "cases.txt:1"
          expected: "drop drop.host"
          actual: "pass pass.key, would be drop.host: its source address is on the drop list"
          ...
        ok 2 - from 203.0.113.9 to 443/tcp: pass

        """)
    let junit = try run(
      ["test", "policy.yaml", "--cases", "cases.txt", "-o", "junit"], cases: cases)
    #expect(
      junit.output == """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="aegisctl test" tests="2" failures="1">
          <testcase classname="cases.txt:1" name="from 203.0.113.9 to 443/tcp: drop drop.host">
            <failure message="pass pass.key, would be drop.host: its source address is on the drop list"/>
          </testcase>
          <testcase classname="cases.txt:2" name="from 203.0.113.9 to 443/tcp: pass"/>
        </testsuite>

        """)
    let names = try run(
      ["test", "policy.yaml", "--cases", "cases.txt", "-o", "name"], cases: cases)
    #expect(names.output == "cases.txt:1\n")
    let json = try run(["test", "policy.yaml", "--cases", "cases.txt", "-o", "json"], cases: cases)
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["kind"] as? String == "Test" && object?["failed"] as? Int == 1)
  }

  @Test(arguments: [
    ("from 192.0.2.1 drop", "is not a case"), ("from 192.0.2: drop", "is not an IPv4 address"),
    ("to 22: drop", "names no source"), ("from 192.0.2.1 from 192.0.2.1: drop", "is not a packet"),
    ("from 192.0.2.1 to: drop", "is not a packet"),
    ("from 192.0.2.1: allow", "becomes of a packet"),
    ("from 192.0.2.1: drop hots", "did you mean drop.host?"),
    ("from 192.0.2.1: pass host", "is not a reason to pass"),
    ("from 192.0.2.1 length 9: pass", "is not a length"), ("# nothing", "has no case"),
  ])
  func badCases(_ line: String, _ message: String) throws {
    let outcome = try run(["test", "policy.yaml", "--cases", "cases.txt"], cases: line)
    #expect(outcome.status == 65 && outcome.output == "", "\(outcome)")
    #expect(outcome.error.contains(message) && outcome.error.contains("cases.txt"), "\(outcome)")
  }

  @Test func badPolicyAndWords() throws {
    let bad = try run(["test", "policy.yaml", "--cases", "cases.txt"], policy: "spec: 1")
    #expect(bad.status == 65 && bad.output == "")
    #expect(try run(["test", "policy.yaml"]).status == 64)
    #expect(try run(["test", "--cases", "cases.txt"]).status == 64)
    #expect(try run(["test", "-", "--cases", "-"]).status == 64)
    #expect(try run(["test", "nowhere.yaml", "--cases", "cases.txt"]).status == 65)
    #expect(try run(["why", "-f", "policy.yaml", "-i", "lo", "192.0.2.1"]).status == 64)
    #expect(try run(["why", "-f", "-", "-"]).status == 64)
    #expect(try run(["replay", "-f", "-", "-"]).status == 64)
  }

  @Test func whyByAFile() throws {
    let told = try run(["why", "-f", "policy.yaml", "203.0.113.9", "to", "443"])
    #expect(told.status == 0 && told.error == "", "\(told)")
    #expect(told.output.contains("note: ssh guessing, monitored only"))
    #expect(told.output.contains("pass.key"))
    let name = try run(["why", "-f", "policy.yaml", "198.51.100.1", "to", "443", "-o", "name"])
    #expect(name.output == "drop.prefix\n")
  }
}

/// Lists of a policy file.
extension PolicyTestTests {
  private static let withLists = """
    apiVersion: aegis/v1
    kind: Policy
    spec:
      drops: [192.0.2.1]
      lists:
      - {name: partners, action: none, entries: [192.0.2.2]}
      - {name: scanners, entries: [192.0.2.3, {source: 198.51.100.0/24, monitor: true}]}
      - {name: trial, monitor: true, file: trial.txt}
      - {name: away, direction: out, file: "./away"}
      - {name: over, expires: 2020-01-01T00:00:00Z, entries: [192.0.2.5]}
      - {name: jail}
    """

  private static let listCases = """
    from 192.0.2.1: drop host
    from 192.0.2.2: pass default
    from 192.0.2.3: drop host
    from 198.51.100.1: pass
    from 192.0.2.4: pass
    from 203.0.113.1: pass
    from 192.0.2.5: pass
    """

  private func runWithLists(_ arguments: [String]) throws -> Outcome {
    let files = ["trial.txt": "192.0.2.4\n", "away": "203.0.113.1\n"]
    return try run(arguments, policy: Self.withLists, cases: Self.listCases, files: files)
  }

  @Test func listsOfAFile() throws {
    let tested = try runWithLists(["test", "policy.yaml", "--cases", "cases.txt"])
    #expect(tested.status == 0, "\(tested)")
    #expect(
      tested.error
        == "note: policy.yaml:10: spec.lists[4]: list over has expired: its entries are left out\n")
    func reason(_ words: String...) throws -> String {
      try runWithLists(["why", "-f", "policy.yaml", "-o", "name"] + words).output
    }
    #expect(try reason("192.0.2.3") == "drop.host\n" && reason("192.0.2.4") == "pass.default\n")
    #expect(try reason("--out", "203.0.113.1") == "drop.host\n")
    #expect(try reason("--out", "192.0.2.3") == "pass.default\n")
    let trial = try runWithLists(["why", "-f", "policy.yaml", "192.0.2.4"])
    #expect(trial.output.contains("drop.host would drop it"))
  }

  @Test func replayWithLists() throws {
    let sources: [[UInt8]] = [
      [192, 0, 2, 3], [192, 0, 2, 4], [192, 0, 2, 9], [198, 51, 100, 1],
    ]
    // See pcap-savefile(5); packets of IP.
    var capture: [UInt32] = [0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 65535, 101]
    var bytes = capture.withUnsafeBytes(Array.init)
    for source in sources {
      let packet: [UInt8] =
        [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0] + source + [192, 0, 2, 254]
        + [0x30, 0x39, 0, 53, 0, 8, 0, 0]
      capture = [0, 0, UInt32(packet.count), UInt32(packet.count)]
      bytes += capture.withUnsafeBytes(Array.init) + packet
    }
    try TemporaryDirectory.with { directory in
      let file = try directory.file("sent.pcap", Data(bytes))
      try Command(["chmod", "-R", "a+rX", directory.path]).succeed()
      let told = try runWithLists(["replay", "-f", "policy.yaml", file, "-o", "json"])
      let object = try told.json
      #expect(object["packets"].int == 4, "\(told)")
      #expect(object["reasons"].first("reason", "drop.host")["packets"].int == 1)
      #expect(object["wouldDrop"].first("reason", "drop.host")["packets"].int == 1)
      #expect(object["wouldDrop"].first("reason", "drop.prefix")["packets"].int == 1)
    }
  }
}

/// Rules of a policy file.
extension PolicyTestTests {
  private static let withRules = """
    apiVersion: aegis/v1
    kind: Policy
    spec:
      default: deny
      lists:
      - {name: partners, action: none, entries: [192.0.2.0/28]}
      drops: [203.0.113.9]
      rules:
      - {name: trial, match: {port: 53}, then: drop, monitor: true, note: to come}
      - name: partners
        match: {from: "list:partners", port: [22, 443]}
        not: {from: 192.0.2.7}
        then: allow
        expires: 2096-12-01T08:00:00Z
      - {name: scan, match: {from: 192.0.2.0/24, protocol: tcp}, then: drop}
      - {name: ping, match: {icmp: echo-request}, then: limit, rate: 1/h, burst: 3}
      - {name: over, then: drop, expires: 2020-01-01T00:00:00Z}
      - {name: second, match: {port: 53}, then: drop}
      rates: [{rate: 5000/s}]
      keys: [any:443/tcp, any:53/udp, any/icmp]
    """

  private static let ruleCases = """
    from 203.0.113.9 to 443: drop host
    from 192.0.2.1 to 22/tcp: pass pass.rule
    from 192.0.2.7 to 443/tcp: drop drop.rule
    from 192.0.2.100 to 443/tcp: drop rule
    from 198.51.100.1 to 443/tcp: pass key
    from 198.51.100.1 to 53/udp: drop rule
    from 198.51.100.1: pass key
    """

  private func runWithRules(_ arguments: [String]) throws -> Outcome {
    try run(arguments, policy: Self.withRules, cases: Self.ruleCases)
  }

  @Test func rulesOfAFile() throws {
    let tested = try runWithRules(["test", "policy.yaml", "--cases", "cases.txt"])
    #expect(tested.status == 0, "\(tested)")
    #expect(
      tested.error == "note: policy.yaml:17: spec.rules[4]: rule over has expired: skipped\n")
    let partner = try runWithRules(["why", "-f", "policy.yaml", "192.0.2.1", "to", "22"])
    #expect(partner.output.contains("rules           continues  partners: allow ("), "\(partner)")
    #expect(partner.output.contains("matches from list:partners not-from 192.0.2.7 port 22,443"))
    let dns = try runWithRules(
      ["why", "-f", "policy.yaml", "198.51.100.1", "to", "53/udp", "-o", "json"])
    let steps = try dns.json["steps"].array.filter { $0["stage"].string == "rules" }
    #expect(steps.map { $0["result"].string } == ["would drop", "drops"])
    #expect(steps.map { $0["rule"]["name"].string } == ["trial", "second"])
    #expect(steps.first?["rule"]["note"].string == "to come")
    #expect(steps.map { $0["rule"]["monitor"].bool } == [true, false])
    let ping = try runWithRules(["why", "-f", "policy.yaml", "198.51.100.1", "-o", "json"])
    let bucket = try ping.json["steps"].first("stage", "rate")["buckets"][0]
    #expect(bucket["rule"]["rule"].string == "rule ping" && bucket["left"].int == 3)
    #expect(bucket["rule"]["by"].string == "its rule")
    let none = try runWithRules(["why", "-f", "policy.yaml", "198.51.100.1", "to", "443"])
    #expect(none.output.contains("rules           continues  no match"))
    let out = try runWithRules(["why", "-f", "policy.yaml", "--out", "192.0.2.100", "to", "443"])
    #expect(out.output.contains("pass.default") && !out.output.contains("rules"))
  }
}
