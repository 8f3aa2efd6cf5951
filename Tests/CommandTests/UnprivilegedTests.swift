import Foundation
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct UnprivilegedTests {
  @Test(arguments: [["--help"], ["--version"]] + HelpTests.verbs.map { [$0, "--help"] })
  func helpWorks(_ command: [String]) throws {
    try Nobody.with(Aegisctl()) { run in
      let outcome = try run(command)
      #expect(outcome.status == 0)
      #expect(outcome.output == (try Aegisctl().run(command).output))
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionScriptsWork(_ shell: String) throws {
    try Nobody.with(Aegisctl()) { run in
      let outcome = try run(["--generate-completion-script", shell])
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("aegisctl"))
    }
  }

  @Test(arguments: EveryVerb.all)
  func nothingLoaded(_ command: [String]) throws {
    let instance = Aegisctl()
    defer { instance.cleanUp() }
    try Nobody.with(instance) { run in
      if command[0] == "unload", Self.isMountVisible {
        // There is nothing to unload, and they may see that.
        #expect(try run(command).status == 0)
      } else {
        checkNotPermitted(try run(command))
      }
      #expect(!FileManager.default.fileExists(atPath: instance.root), "it was left behind")
    }
  }

  private static let isMountVisible: Bool = {
    let outcome = try? Command(
      ["setpriv", "--reuid", "65534", "--clear-groups", "test", "-x", "/sys/fs/bpf"]
    ).run()
    return outcome?.status == 0
  }()

  @Test(arguments: EveryVerb.all)
  func loaded(_ command: [String]) throws {
    try Loaded.fresh { instance in
      let before = try instance.run(["dump", "-o", "json"]).output
      try Nobody.with(instance) { run in
        checkNotPermitted(try run(command))
        let withoutDryRun =
          EveryVerb.looking + EveryVerb.asking + EveryVerb.reading + EveryVerb.measuring
        if !withoutDryRun.contains(command) {
          checkNotPermitted(try run(command + ["--dry-run"]))
        }
      }
      #expect(try instance.run(["dump", "-o", "json"]).output == before)
    }
  }

  /// It looks at what anybody may see, and names the rest.
  @Test func doctorSaysWhatItCouldNotLookAt() throws {
    try Nobody.with(Aegisctl()) { run in
      let outcome = try run(["doctor", "lo", "-o", "json"])
      #expect(outcome.status == 1)
      let items = try outcome.json["items"].array
      let checks = items.filter { $0["level"].string != "ok" }.map { $0["check"].string }
      #expect(checks == ["capabilities", "not-checked", "native-mode"], "\(outcome)")
      #expect(
        items.first { $0["check"].string == "not-checked" }?["message"].string?
          .contains("map.lpm-trie") == true)
      #expect(items.contains { $0["check"].string == "mtu" && $0["subject"].string == "lo" })
    }
  }

  /// An entry that is wrong is said to be wrong, whoever asks.
  @Test func badInputIsToldToAnybody() throws {
    try Nobody.with(Aegisctl()) { run in
      Refusal.check(try run(["drop-ip", "192.0.2.1/24"]), 65, "has host bits set")
      Refusal.check(try run(["set-rate", "fast"]), 65, "has no period")
    }
  }

  @Test func unreadableListIsNamed() throws {
    try TemporaryDirectory.with { directory in
      let list = try directory.file("list", Data("192.0.2.1\n".utf8))
      try Command(["chmod", "600", list]).succeed()
      try Command(["chmod", "755", directory.path]).succeed()
      try Nobody.with(Aegisctl()) { run in
        let message = "cannot read \(list): Permission denied"
        Refusal.check(try run(["drop-ip", "-f", list]), 65, message)
      }
    }
  }

  private func checkNotPermitted(
    _ outcome: Outcome, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let message = outcome.error.contains("not permitted") ? "not permitted" : "Permission denied"
    Refusal.check(outcome, 77, message, sourceLocation: sourceLocation)
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count == 2, "\(outcome.error)", sourceLocation: sourceLocation)
    #expect(lines.last?.hasPrefix("hint: run it as root") == true, sourceLocation: sourceLocation)
  }
}
