import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What the operator sees of apply and diff.
  struct ApplyTests {
    private static let head = "apiVersion: aegis/v1\nkind: Policy\n"

    @Test func dryRunChangesNothing() throws {
      let live = try Live.attached()
      let text = Self.head + "spec: {default: allow, drops: [192.0.2.7], rates: [{rate: 10/s}]}\n"
      let plan = try live.ok(["apply", "-f", "-", "--dry-run"], input: text)
      #expect(plan["kind"].string == "Plan" && plan["dryRun"].bool == true)
      #expect(plan["changed"].bool == true && plan["counts"]["added"].int == 2)
      #expect(try live.arrives(from: "192.0.2.7"))
      #expect(try live.ok(["dump", "rates"])["rates"].array.isEmpty)
      let made = try live.ok(["apply", "-f", "-"], input: text)
      #expect(made["items"].array.map { $0["name"].string } == ["packets all", "192.0.2.7"])
      #expect(try live.ok(["dump", "rates"])["rates"][0]["rate"].string == "10/s")
    }

    @Test func directoriesAreOnePolicy() throws {
      let live = try Live.attached()
      let directory = "/tmp/aegis-\(RandomName.hex(8))"
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: false)
      defer { try? FileManager.default.removeItem(atPath: directory) }
      let files = [
        "a.yaml": Self.head + "spec: {default: allow, drops: [192.0.2.7]}\n",
        "b.yml": Self.head + "spec: {drops: [192.0.2.8]}\n",
        "c.json": #"{"apiVersion":"aegis/v1","kind":"Policy","spec":{"keys":["any:7/udp"]}}"#,
        "d.txt": "not a policy", ".e.yaml": "nor this",
      ]
      for (name, text) in files {
        try text.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
      }
      let plan = try live.ok(["apply", "-f", directory])
      #expect(plan["counts"]["added"].int == 3 && plan["counts"]["unchanged"].int == 1)
      try (Self.head + "spec: {default: deny}\n").write(
        toFile: "\(directory)/f.yaml", atomically: false, encoding: .utf8)
      let said = try live.fails(65, ["apply", "-f", directory])
      #expect(said.contains("\(directory)/f.yaml:3: spec.default: "))
      #expect(said.contains("from \(directory)/a.yaml:3, which has \"allow\""))
      #expect(try live.ok(["status"])["defaultAction"].string == "allow")
    }

    @Test func whatHasExpiredIsLeftOutAndSaidSo() throws {
      let live = try Live.attached()
      let text =
        Self.head + "spec: {drops: [{source: 192.0.2.7, expires: \"2020-01-01T00:00:00Z\"}]}\n"
      let outcome = try live.run(["apply", "-f", "-", "-o", "json"], input: text)
      #expect(outcome.status == 0)
      #expect(
        outcome.error == "note: standard input:3: spec.drops[0]: 192.0.2.7 has expired: skipped\n")
      #expect(try outcome.json["changed"].bool == false)
    }

    /// The same that `lint` warns about, and only that.
    @Test func whatHasNoEffectIsSaid() throws {
      let live = try Live.attached()
      let text =
        Self.head + "spec: {default: allow, drops: [192.0.2.0/24], keys: [192.0.2.7, any:7/udp]}\n"
      let outcome = try live.run(["apply", "-f", "-"], input: text)
      #expect(outcome.status == 0)
      #expect(
        outcome.error == """
          note: standard input:3: spec.keys[0] "192.0.2.7": is never used: the drop of 192.0.2.0/24 \
          (spec.drops[0], line 3) drops all of its packets

          """)
      let quiet = try live.run(["apply", "-f", "-", "-q"], input: text)
      #expect(quiet.status == 0 && quiet.error == "" && quiet.output == "")
    }

    @Test func refusesToLockOut() throws {
      let live = try Live.attached()
      let ssh = ["SSH_CONNECTION": "192.0.2.50 40000 192.0.2.1 22"]
      for (spec, isRefused) in [
        ("default: deny", true), ("drops: [192.0.2.0/24]", true),
        ("default: deny, keys: [\"192.0.2.50:22/tcp\", \"any/udp\"]", false),
        ("default: deny, drops: [192.0.2.50], keys: [\"192.0.2.50:22/tcp\"]", true),
        ("drops: [192.0.2.0/24], keys: [{key: \"any:22/tcp\", protect: true}]", false),
        ("default: deny, mode: monitor, keys: []", false),
      ] {
        let outcome = try live.aegis.run(
          ["apply", "-f", "-", "--prune", "--dry-run"], input: Self.head + "spec: {\(spec)}\n",
          environment: ssh, namespace: live.sandbox.host.namespace)
        #expect(outcome.status == (isRefused ? 79 : 0), "\(spec): \(outcome)")
        if isRefused { #expect(outcome.error.contains("192.0.2.50:22/tcp"), "\(outcome)") }
      }
      let forced = try live.aegis.run(
        ["apply", "-f", "-", "--force"], input: Self.head + "spec: {default: deny}\n",
        environment: ssh, namespace: live.sandbox.host.namespace)
      #expect(forced.status == 0)
    }
  }
}
