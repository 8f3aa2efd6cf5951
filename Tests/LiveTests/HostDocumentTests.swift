import Foundation
import TestSupport
import Testing

extension Kernel {
  /// `kind: Host`: capacities and interfaces in a file.
  struct HostDocumentTests {
    private static func host(_ spec: String) -> String {
      "---\napiVersion: aegis/v1\nkind: Host\nspec: \(spec)\n"
    }

    private static func policy(_ spec: String) -> String {
      "---\napiVersion: aegis/v1\nkind: Policy\nspec: \(spec)\n"
    }

    private static let small = "capacities: {drops: 64, keys: 64, sources: 96}"

    private func unloaded() throws -> Live { Live(try Sandbox()) }

    private func apply(
      _ live: Live, _ text: String, _ words: [String] = []
    ) throws -> Outcome {
      try live.run(["apply", "-f", "-"] + words, input: text)
    }

    @Test func applyLoadsAppliesAndAttaches() throws {
      let live = try unloaded()
      let text =
        Self.policy("{drops: [192.0.2.7]}")
        + Self.host("{\(Self.small), interfaces: [\(live.interface)]}")

      let difference = try live.run(["diff", "-f", "-", "-o", "json"], input: text)
      #expect(difference.status == 1, "\(difference)")
      #expect(
        try difference.json["items"].array.map { $0["part"].string } == [
          "datapath", "interface", "drop",
        ])
      #expect(try apply(live, text, ["--dry-run"]).status == 0)
      try live.fails(69, ["status"])

      let made = try apply(live, text)
      #expect(made.status == 0 && made.error == "", "\(made)")
      #expect(try !live.arrives(from: "192.0.2.7") && live.arrives())
      let status = try live.ok(["status"])
      #expect(status["entries"]["drops"]["capacity"].int == 64)
      #expect(status["interfaces"][0]["name"].string == live.interface)

      let again = try apply(live, text, ["-o", "json"])
      #expect(try again.status == 0 && again.json["changed"].bool == false, "\(again)")
      #expect(try again.json["counts"]["unchanged"].int == 2)
      #expect(try live.run(["diff", "-f", "-"], input: text).status == 0)
    }

    @Test func pruneDetachesWhatIsNotDeclared() throws {
      let live = try Live.attached()
      let other = Self.host("{interfaces: [lo]}")
      #expect(try apply(live, other).status == 0)
      #expect(try live.ok(["status"])["interfaces"].array.count == 2)
      let pruned = try apply(live, other, ["--prune", "-o", "json"])
      #expect(pruned.status == 0, "\(pruned)")
      #expect(try pruned.json["items"][0]["action"].string == "removed")
      #expect(try live.ok(["status"])["interfaces"].array.map { $0["name"].string } == ["lo"])
      // With a name that is wrong, nothing is detached.
      #expect(try apply(live, Self.host("{interfaces: [aegis-none]}"), ["--prune"]).status == 69)
      #expect(try live.ok(["status"])["interfaces"].array.count == 1)
      // A document without interfaces does not manage them.
      #expect(try apply(live, Self.host("{}"), ["--prune"]).status == 0)
      #expect(try live.ok(["status"])["interfaces"].array.count == 1)
    }

    @Test func capacitiesChangeOnlyWhenAsked() throws {
      let live = try Live.attached(load: ["--max-drops", "64", "--max-keys", "64"])
      let text = Self.policy("{drops: [192.0.2.7]}") + Self.host("{capacities: {drops: 128}}")
      let first = try apply(live, text)
      #expect(first.status == 0, "\(first)")
      #expect(
        first.error == "note: capacity: drops is 64, declared 128; to change it: apply --replace\n")
      #expect(try !live.arrives(from: "192.0.2.7"))
      let replaced = try apply(live, text, ["--replace"])
      #expect(replaced.status == 0 && replaced.error == "", "\(replaced)")
      #expect(try live.ok(["status"])["entries"]["drops"]["capacity"].int == 128)
      #expect(try !live.arrives(from: "192.0.2.7"))
    }

    @Test func whatIsMissingIsAnErrorButNotAtBoot() throws {
      let live = try unloaded()
      let text = Self.host("{\(Self.small), interfaces: [aegis-none, \(live.interface)]}")
      let outcome = try apply(live, text)
      #expect(
        outcome.status == 69 && outcome.error.contains("no interface aegis-none"), "\(outcome)")
      #expect(try live.ok(["status"])["interfaces"].array.count == 1)
      let boot = try apply(live, text, ["--at-boot"])
      #expect(boot.status == 0, "\(boot)")
      #expect(boot.error == "note: there is no interface aegis-none yet\n")
    }

    @Test("at boot a file that names no interface of this host is told at once")
    func namesNone() throws {
      let live = try unloaded()
      let text = Self.host("{\(Self.small), interfaces: [aegis-none]}")
      let boot = try apply(live, text, ["--at-boot"])
      #expect(
        boot.status == 0 && boot.error.hasPrefix("warning: no interface is attached yet"), "\(boot)"
      )
      #expect(boot.error.contains("hint: there are: \(live.interface)"), "\(boot)")
      #expect(try live.run(["status"]).output.contains("nothing: every packet passes"))
    }

    @Test func patternsMatchNoLoopback() throws {
      let live = try unloaded()
      let match = "{match: '*', mode: generic}"
      #expect(try apply(live, Self.host("{\(Self.small), interfaces: [\(match)]}")).status == 0)
      let interfaces = try live.ok(["status"])["interfaces"].array
      #expect(interfaces.map { $0["name"].string } == [live.interface])
      #expect(interfaces.map { $0["mode"].string } == ["generic"])
    }

    /// A reboot: what was saved is read again by a kernel that has nothing.
    @Test func bansComeBackWithTheirTimeAfterABoot() throws {
      let live = try unloaded()
      let text =
        Self.policy("{default: allow, drops: [{source: 192.0.2.8, note: declared}]}")
        + Self.host("{\(Self.small), interfaces: [\(live.interface)]}")
      #expect(try apply(live, text).status == 0)
      try live.ok(["drop-ip", "192.0.2.7", "--ttl", "1h", "--note", "ban"])
      try live.ok(["drop-ip", "192.0.2.9", "--ttl", "1ms"])
      try live.ok(["drop-ip", "192.0.2.8", "--note", "by hand"])
      try TemporaryDirectory.with { directory in
        let state = try directory.file("state.yaml")
        let saved = try live.run(["dump", "host", "-o", "yaml", "--file", state])
        #expect(saved.status == 0 && saved.output == "", "\(saved)")
        let mode = try FileManager.default.attributesOfItem(atPath: state)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        // What is no file stays what it is.
        let pipe = "\(directory.path)/pipe"
        try Command(["mkfifo", pipe]).succeed()
        try live.fails(1, ["dump", "host", "-o", "yaml", "--file", pipe])
        try Command(["test", "-p", pipe]).succeed()
        let link = "\(directory.path)/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: state)
        try live.fails(1, ["dump", "host", "-o", "yaml", "--file", link])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == state)
        try live.ok(["unload", "--force"])

        let boot = ["--at-boot", "--restore", state]
        let outcome = try apply(live, text, boot)
        #expect(outcome.status == 0 && outcome.error == "", "\(outcome)")
        #expect(try !live.arrives(from: "192.0.2.7"))
        let drops = try live.ok(["dump", "drops"])["drops"].array
        #expect(drops.map { $0["name"].string } == ["192.0.2.7", "192.0.2.8"])
        #expect(drops.map { $0["note"].string } == ["ban", "declared"])
        #expect(3_590_000...3_600_000 ~= (drops[0]["remainingMilliseconds"].int ?? 0))
        // What was loaded since is newer than what was saved.
        try live.ok(["drop-ip", "--remove", "192.0.2.7"])
        #expect(try apply(live, text, boot).status == 0)
        #expect(try live.ok(["dump", "drops"])["drops"].array.count == 1)

        // A mistake in the files: the state of before, and an error.
        try live.ok(["unload", "--force"])
        let broken = try apply(live, text + "nonsense: 1\n", boot)
        #expect(
          broken.status == 65 && broken.error.contains("applying the last state"), "\(broken)")
        #expect(broken.error.contains("\"nonsense\" is not a field"))
        #expect(try !live.arrives(from: "192.0.2.7"))
        #expect(try live.ok(["status"])["interfaces"].array.count == 1)

        // Neither can be read, or there is none yet.
        try live.ok(["unload", "--force"])
        try "broken: [".write(toFile: state, atomically: false, encoding: .utf8)
        #expect(try apply(live, text, boot).error.contains("warning: nothing is restored from"))
        try live.ok(["unload", "--force"])
        #expect(try apply(live, text + "nonsense: 1\n", boot).status == 65)
        try live.fails(69, ["status"])
        #expect(try apply(live, text, ["--at-boot", "--restore", state + "-none"]).error == "")
      }
    }

    /// The state of before is worth more than half of a new one.
    @Test func aFullDiskKeepsTheStateOfBefore() throws {
      let live = try Live.attached(load: ["--max-drops", "1024", "--max-keys", "64"])
      let list = (1...1000).map { "10.0.\($0 / 250).\($0 % 250)\n" }.joined()
      try live.ok(["drop-ip", "-f", "-"], input: list)
      try TemporaryDirectory.with { directory in
        let script = """
          mount -t tmpfs -o size=8k aegis-test "$1" && echo before >"$1/state"
          status=0
          "$2" dump host -o yaml --file "$1/state" --pin-root "$3" || status=$?
          ls -A "$1"; cat "$1/state"; exit $status
          """
        let outcome = try Command(
          [
            "unshare", "--mount", "sh", "-uc", script, "sh", directory.path,
            BuiltBinary.path("aegisctl"), live.aegis.root,
          ], namespace: live.sandbox.host.namespace
        ).run()
        #expect(outcome.status == 1 && outcome.output == "state\nbefore\n", "\(outcome)")
        #expect(outcome.error.contains("No space left on device"), "\(outcome)")
      }
    }

    @Test func whatIsDumpedIsReadAgain() throws {
      let live = try Live.attached(load: ["--max-drops", "64", "--max-keys", "64"])
      try live.ok(["drop-ip", "192.0.2.7"])
      let text = try live.run(["dump", "host", "-o", "yaml"]).output
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: text).status == 0, "\(text)")
      try live.fails(64, ["dump", "host"])
      try live.ok(["unload", "--force"])
      #expect(try apply(live, text).status == 0)
      #expect(try live.run(["dump", "host", "-o", "yaml"]).output == text)
    }

    /// As the unit for interfaces that come late does: the policy stays as it is.
    @Test func attachTakesTheInterfacesOfAFile() throws {
      let live = try unloaded()
      try live.ok(["load", "--max-drops", "64", "--max-keys", "64"])
      let text =
        Self.policy("{drops: [192.0.2.7]}")
        + Self.host("{interfaces: [aegis-none, \(live.interface)]}")
      let outcome = try live.run(["attach", "-f", "-"], input: text)
      #expect(outcome.status == 0 && outcome.error == "", "\(outcome)")
      #expect(try live.arrives(from: "192.0.2.7"))
      #expect(try live.ok(["status"])["interfaces"].array.count == 1)
      #expect(try live.run(["attach", "-f", "-"], input: text).status == 0)
      try live.fails(65, ["attach", "-f", "-"], input: Self.policy("{}"))
      try live.fails(64, ["attach", live.interface, "-f", "-"], input: text)
    }

    @Test func aForeignProgramStays() throws {
      let live = try unloaded()
      let foreign = try ForeignProgram()
      let attach = [
        "bpftool", "net", "attach", "xdp", "pinned", foreign.pin, "dev", live.interface,
      ]
      #expect(try live.sandbox.run(in: .host, attach).status == 0)
      let text =
        Self.policy("{drops: [192.0.2.7]}")
        + Self.host("{\(Self.small), interfaces: [\(live.interface), lo]}")
      let outcome = try apply(live, text, ["--at-boot"])
      #expect(outcome.status == 73 && outcome.error.contains("already runs"), "\(outcome)")
      #expect(try live.ok(["status"])["interfaces"].array.map { $0["name"].string } == ["lo"])
    }
  }
}
