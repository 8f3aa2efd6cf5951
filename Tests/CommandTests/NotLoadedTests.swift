import Foundation
import TestSupport
import Testing

/// A command for each verb, with all it needs to get as far as the datapath.
enum EveryVerb {
  static let looking = [
    ["status"], ["stats"], ["stats", "lo"], ["metrics"], ["dump"], ["dump", "links"],
    ["dump", "lists"], ["dump", "drops", "--list", "jail"],
    ["diff", "-f", PolicySample.path], ["why", "192.0.2.1"],
    ["dump", "users"], ["stats", "--by", "user"], ["stats", "--by", "list"],
    ["dump", "rules"], ["stats", "--by", "rule"],
  ]
  static let changing = [
    ["attach", "lo"], ["detach", "lo"], ["detach", "--all"], ["set-default", "deny"],
    ["set-rate", "1000/s"], ["allow-key", "any"], ["allow-key", "--remove", "any"],
    ["drop-ip", "192.0.2.1"], ["drop-ip", "--remove", "192.0.2.1"], ["repair"],
    ["apply", "-f", PolicySample.path], ["set-mode", "monitor"], ["confirm"], ["rollback"],
    ["switch", "strict"],
    ["set-class", "domestic", "--country", "DE"], ["set-class", "domestic", "--remove"],
    ["set-rule", "dns", "--source-port", "53/udp", "--then", "drop"],
    ["set-rule", "dns", "--remove"], ["set-list", "watch", "--monitor"],
    ["set-list", "watch", "--remove"],
    ["feed", "watch", "-f", FeedSample.path], ["set-geo", "--remove"], ["set-relay", "--off"],
    ["set-hook", "--remove"],
    ["relay-user", "alice", "--to", "192.0.2.1:4500"], ["relay-user", "--remove", "alice"],
  ]
  /// Looking, with something to look at on standard input.
  static let reading = [["replay", "-"]]
  /// Changes something, and changes it back.
  static let measuring = [
    ["latency", "--for", "100ms"], ["latency", "lo", "--for", "100ms"],
    ["events", "--for", "100ms"],
  ]
  /// Looking for what is only there once something was changed.
  static let asking = [["relay-token", "alice"]]
  static let policy = looking + asking + reading + measuring + changing
  static let all = policy + [["load"], ["unload"], ["unload", "--force"]]
}

/// A file with a policy, kept between runs: it always says the same.
enum PolicySample {
  static let path: String = {
    let path = NSTemporaryDirectory() + "aegis-test-policy.yaml"
    let text = "apiVersion: aegis/v1\nkind: Policy\nspec: {default: allow}\n"
    try? text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }()
}

/// A file with an address, likewise.
enum FeedSample {
  static let path: String = {
    let path = NSTemporaryDirectory() + "aegis-test-feed.txt"
    try? "203.0.113.9\n".write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }()
}

@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct NotLoadedTests {
  /// A new verb belongs in the lists above; these need nothing loaded.
  @Test func everyVerbIsTried() {
    let others = ["completion", "demo", "doctor", "lint", "test", "tune"]
    #expect(Set(EveryVerb.all.map { $0[0] }).union(others) == Set(HelpTests.verbs))
  }

  @Test(arguments: EveryVerb.policy)
  func nothingIsLoaded(_ command: [String]) throws {
    let instance = Aegisctl()
    for arguments in [command]
      + (EveryVerb.changing.contains(command) ? [command + ["--dry-run"]] : [])
    {
      let outcome = try OwnNamespace.with { try instance.run(arguments, namespace: $0) }
      Refusal.check(outcome, 69, "nothing is loaded at \(instance.root)\nhint: aegisctl load\n")
    }
  }

  @Test(arguments: EveryVerb.all)
  func rootIsNotOnBPFFS(_ command: [String]) throws {
    try TemporaryDirectory.with { directory in
      let missing = directory.path + "/missing/aegis"
      let verb = command[0]
      // Nothing there is as good as unloaded.
      if verb != "unload" { try checkNotMounted(command, missing) }
      try checkNotMounted(command, directory.path)
    }
  }

  private func checkNotMounted(_ command: [String], _ root: String) throws {
    for arguments in [command + ["--pin-root", root + "/"], command] {
      let outcome = try OwnNamespace.with {
        try Aegisctl(root: root).run(arguments, namespace: $0)
      }
      let message =
        "\(root) is not on a BPF file system\nhint: mount -t bpf -o mode=700 bpf /sys/fs/bpf\n"
      Refusal.check(outcome, 69, message)
    }
  }

  /// Whatever else is there, it is not Aegis's to remove.
  @Test(arguments: [["unload"], ["unload", "--force"]])
  func unloadLeavesForeignFiles(_ command: [String]) throws {
    try TemporaryDirectory.with { directory in
      try directory.file("precious")
      let outcome = try Aegisctl(root: directory.path).run(command)
      Refusal.check(outcome, 69, "is not on a BPF file system")
      #expect(try Command(["ls", directory.path]).succeed() == "precious\n")
    }
  }

  /// By force whatever lies there goes, but not another instance.
  @Test func unloadLeavesForeignPins() throws {
    let instance = Aegisctl()
    let (foreign, inner) = (instance.root + "/foreign", Aegisctl(root: instance.root + "/inner"))
    defer { instance.cleanUp() }
    try Command(["mkdir", "-p", foreign]).succeed()
    for arguments in [["unload", "--force"], ["unload"]] {
      // Where nothing is ours, nothing is ours to remove.
      #expect(try instance.run(arguments).output.contains("unchanged"))
    }
    try Loaded.load(instance)
    try Loaded.load(inner)
    try instance.run(["unload"])
    #expect(try Command(["ls", instance.root]).run().output == "foreign\ninner\n")
    try Loaded.load(instance)
    try instance.run(["unload", "--force"])
    #expect(try Command(["ls", instance.root]).run().output == "inner\n")
    #expect(try inner.run(["status"]).status == 0)
    try inner.run(["unload"])
    #expect(try Command(["ls", instance.root]).run().output == "")
  }

  @Test func unloadByForceSparesTheRestOfAMount() throws {
    let load = "load -q " + Loaded.smallest.joined(separator: " ")
    let outcome = try PrivateMount.run(
      mode: "700",
      """
      aegisctl \(load) --pin-root $D; mkdir $D/other
      aegisctl unload --force --pin-root $D >/dev/null; echo $?; ls $D
      """)
    #expect(outcome.output.hasPrefix("0\n") && outcome.output.contains("\nother\n"), "\(outcome)")
  }

  @Test func thereIsNothingToUnload() throws {
    let outcome = try Aegisctl().run(["unload", "-o", "json"])
    #expect(outcome.status == 0)
    #expect(try outcome.json["changed"].bool == false)
  }

  @Test func flagBeatsEnvironment() throws {
    let (one, other) = (Aegisctl(), Aegisctl())
    let outcome = try one.run(["status", "--pin-root", other.root])
    #expect(outcome.error.contains("nothing is loaded at \(other.root)\n"))
    let standard = try one.run(["status"], environment: ["AEGIS_PIN_ROOT": ""])
    #expect(standard.status == 0 || standard.error.contains("at /sys/fs/bpf/aegis\n"))
  }
}
