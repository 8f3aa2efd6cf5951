import Foundation
import TestSupport
import Testing

/// The verb `lint`: it needs neither privileges nor anything that is loaded.
@Suite(.serialized)
struct PolicyLintTests {
  private static let policy = """
    apiVersion: aegis/v1
    kind: Policy
    spec:
      default: deny
      drops:
      - 198.51.100.0/24
      keys:
      - any:443/tcp
      - 198.51.100.9:22/tcp
      - {key: "192.0.2.0/24:443/tcp", note: partners}
      - 203.0.113.0/24
      out:
        default: allow
        drops: [203.0.113.0/25, 203.0.113.7]
    """

  private static let clean = """
    apiVersion: aegis/v1
    kind: Policy
    spec:
      default: deny
      drops: [{source: 198.51.100.0/24, expires: 2099-01-01T00:00:00Z}, 203.0.113.9]
      keys:
      - any:443/tcp
      - {key: "198.51.100.9:22/tcp", rate: 10/s, expires: 2100-01-01T00:00:00Z}
      - {key: "203.0.113.0/24:23/tcp", protect: true}
    """

  /// Runs the tool beside files, as somebody who may do nothing where that can be.
  private func run(
    _ arguments: [String], _ files: [String: String] = ["policy.yaml": Self.policy]
  ) throws -> Outcome {
    try TemporaryDirectory.with { directory in
      let copy = directory.path + "/aegisctl"
      try FileManager.default.copyItem(atPath: BuiltBinary.path("aegisctl"), toPath: copy)
      for (name, text) in files { _ = try directory.file(name, Data(text.utf8)) }
      try Command(["chmod", "-R", "a+rX", directory.path]).succeed()
      let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
      let user = geteuid() == 0 ? nobody : []
      let script = "cd \"$0\" && exec \"$@\""
      return try Command(user + ["sh", "-c", script, directory.path, copy] + arguments).run()
    }
  }

  @Test func rulesHaveLines() throws {
    let policy = """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        rules:
        - {name: scans, match: {tcpFlags: "syn,fin"}, then: drop}
        - {name: udp, match: {protocol: udp}, then: drop}
        - name: dns
          match: {port: 53/udp, length: 513-}
          then: drop
        - {name: never, match: {port: 80/tcp, protocol: udp}, then: drop}
      """
    let outcome = try run(["lint", "policy.yaml"], ["policy.yaml": policy])
    #expect(outcome.status == 1, "\(outcome)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2, "\(outcome.output)")
    #expect(
      lines.first?.hasPrefix("policy.yaml:7: spec.rules[2] \"dns\": ") == true
        && lines.first?.contains("rule \"udp\" (spec.rules[1], line 6)") == true,
      "\(outcome.output)")
    #expect(
      lines.last?.hasPrefix("policy.yaml:10: spec.rules[3] \"never\": ") == true,
      "\(outcome.output)")
  }

  @Test func linesNameBothPlaces() throws {
    let outcome = try run(["lint", "policy.yaml"])
    #expect(outcome.status == 1 && outcome.error == "", "\(outcome)")
    #expect(
      outcome.output == """
        policy.yaml:9: spec.keys[1] "198.51.100.9:22/tcp": is never used: the drop of 198.51.100.0/24 \
        (spec.drops[0], line 6) drops all of its packets
        policy.yaml:10: spec.keys[2] "192.0.2.0/24:443/tcp": is redundant: key any:443/tcp (spec.keys[0], line 8) \
        lets in everything that it does
        policy.yaml:14: spec.out.drops[1] "203.0.113.7": is within the drop of 203.0.113.0/25 \
        (spec.out.drops[0], line 14)

        """)
    let wide = try run(["lint", "policy.yaml", "-o", "wide"])
    #expect(wide.status == 1)
    #expect(
      wide.output.split(separator: "\n").map { $0.split(separator: "[").last } == [
        "warning, unreachable]", "warning, redundant]", "note, redundant]",
      ])
    let names = try run(["lint", "policy.yaml", "-o", "name"])
    #expect(names.output == "policy.yaml:9\npolicy.yaml:10\npolicy.yaml:14\n")
    let quiet = try run(["lint", "-q", "policy.yaml"])
    #expect(quiet.status == 1 && quiet.output == "" && quiet.error == "")
  }

  @Test func forPrograms() throws {
    let outcome = try run(["lint", "policy.yaml", "-o", "json"])
    #expect(outcome.status == 1)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(object["apiVersion"] as? String == "aegis/v1")
    #expect(object["kind"] as? String == "LintReport")
    #expect(object["warnings"] as? Int == 2 && object["notes"] as? Int == 1)
    let findings = try #require(object["findings"] as? [[String: Any]])
    #expect(findings.count == 3)
    #expect(findings[0]["code"] as? String == "unreachable")
    #expect(findings[0]["severity"] as? String == "warning")
    let place = findings[0]["place"] as? [String: Any]
    #expect(place?["file"] as? String == "policy.yaml" && place?["line"] as? Int == 9)
    #expect(place?["field"] as? String == "spec.keys[1]")
    let other = (findings[0]["others"] as? [[String: Any]])?.first
    #expect(other?["line"] as? Int == 6 && other?["field"] as? String == "spec.drops[0]")
    #expect(try run(["lint", "policy.yaml", "-o", "yaml"]).output.contains("kind: LintReport\n"))
  }

  @Test func nothingIsFound() throws {
    let outcome = try run(["lint", "policy.yaml"], ["policy.yaml": Self.clean])
    #expect(outcome.status == 0 && outcome.output == "" && outcome.error == "", "\(outcome)")
    let json = try run(["lint", "policy.yaml", "-o", "json"], ["policy.yaml": Self.clean])
    #expect(json.status == 0 && json.output.contains("\"findings\" : ["))
  }

  @Test func severalFiles() throws {
    let head = "apiVersion: aegis/v1\nkind: Policy\nspec:\n"
    let files = [
      "one.yaml": head + "  drops: [192.0.2.0/24]\n",
      "two.yaml": head + "  keys:\n  - 192.0.2.1:22/tcp\n",
    ]
    let outcome = try run(["lint", "one.yaml", "two.yaml"], files)
    #expect(outcome.status == 1)
    #expect(
      outcome.output == """
        two.yaml:5: spec.keys[0] "192.0.2.1:22/tcp": is never used: the drop of 192.0.2.0/24 (spec.drops[0], \
        one.yaml:4) drops all of its packets

        """)
  }

  /// What a program wrote is not the operator's to mend, but it hides keys as other entries do.
  @Test func filesOfLists() throws {
    let policy = """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        lists: [{name: feed, file: feed.txt}]
        keys: ["198.51.100.7:80/tcp"]
      """
    let files = ["policy.yaml": policy, "feed.txt": "198.51.100.0/24\n198.51.100.7\n"]
    let outcome = try run(["lint", "policy.yaml"], files)
    #expect(outcome.status == 1)
    #expect(
      outcome.output == """
        policy.yaml:5: spec.keys[0] "198.51.100.7:80/tcp": is never used: 198.51.100.0/24 of list feed \
        (spec.lists[0], line 4) drops all of its packets

        """)
  }

  @Test func whatExpiresHidesNothingThatLivesOn() throws {
    func policy(_ drop: String, _ key: String) -> [String: String] {
      [
        "policy.yaml": """
        apiVersion: aegis/v1
        kind: Policy
        spec:
          default: deny
          drops: [{source: 192.0.2.0/24\(drop)}]
          keys: [{key: "192.0.2.1:22/tcp"\(key)}]
        """
      ]
    }
    let (soon, later) = (", expires: 2099-01-01T00:00:00Z", ", expires: 2100-01-01T00:00:00Z")
    #expect(try run(["lint", "policy.yaml"], policy("", soon)).status == 1)
    #expect(try run(["lint", "policy.yaml"], policy(soon, soon)).status == 1)
    #expect(try run(["lint", "policy.yaml"], policy(later, soon)).status == 1)
    #expect(try run(["lint", "policy.yaml"], policy(soon, later)).status == 0)
    #expect(try run(["lint", "policy.yaml"], policy(soon, "")).status == 0)
    #expect(try run(["lint", "policy.yaml"], policy(", monitor: true", "")).status == 0)
  }

  @Test func badPolicyAndWords() throws {
    let bad = try run(["lint", "policy.yaml"], ["policy.yaml": "spec: 1"])
    #expect(bad.status == 65 && bad.output == "")
    #expect(try run(["lint"]).status == 64)
    #expect(try run(["lint", "-", "-"]).status == 64)
    #expect(try run(["lint", "nowhere.yaml"]).status == 65)
  }
}
