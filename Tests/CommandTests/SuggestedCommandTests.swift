import TestSupport
import Testing

/// Commands in messages are for the instance that the call was about.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct SuggestedCommandTests {
  @Test func theyHaveThePinRootThatWasGiven() throws {
    try Loaded.fresh { instance in
      let root = ["--pin-root", instance.root]
      let words = ["set-rate", "1000/s", "--confirm-within", "1m"]
      #expect(try instance.run(words + root).error.contains("is an option of"))
      #expect(try instance.run(["set-mode", "monitor"] + root).status == 0)
      let command = "aegisctl set-mode --pin-root \(instance.root) enforce\n"
      #expect(try instance.run(["status"] + root).output.contains(command))
      #expect(try instance.run(["status"]).output.contains("aegisctl set-mode enforce\n"))
      try DamagedTests.Loss.meta.inflict(on: instance.root)
      let damaged = try instance.run(["status"] + root)
      let hint =
        "hint: aegisctl repair --pin-root \(instance.root); or, to discard the policy: "
        + "aegisctl unload --pin-root \(instance.root) --force\n"
      #expect(damaged.error.hasSuffix(hint), "\(damaged.error)")
      let json = try instance.run(["status", "-o", "json"] + root).error
      #expect(json.contains("aegisctl repair --pin-root \(instance.root);"), "\(json)")
      #expect(try instance.run(["repair"] + root).status == 0)
    }
  }

  @Test func unknownOptionsNameTheVerbsThatHaveThem() throws {
    let within = try Aegisctl().run(["drop-ip", "192.0.2.1", "--confirm-within", "1m"])
    let verbs = "attach, set-default, set-mode, apply and switch"
    Refusal.check(within, 64, "unknown option \"--confirm-within\"")
    #expect(within.error.contains("hint: it is an option of \(verbs); usage: "), "\(within.error)")
  }

  /// Nobody gets past the guard by following a suggestion.
  @Test(arguments: ["--for", "--forc", "--farce"])
  func forceIsNeverSuggested(_ word: String) throws {
    let outcome = try Aegisctl().run(["drop-ip", "192.0.2.1", word, "10m"])
    #expect(outcome.status == 64 && !outcome.error.contains("--force"), "\(outcome.error)")
  }
}
