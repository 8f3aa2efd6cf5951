import Foundation
import TestSupport
import Testing

/// What `--confirm-within` says: by when, and the command that confirms.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct ConfirmationTests {
  static let policy = "apiVersion: aegis/v1\nkind: Policy\nspec: {drops: [192.0.2.7]}\n"
  static let nothing = "note: nothing was changed, so there is nothing to confirm\n"

  @Test func attachSaysWhenAndHow() throws {
    let live = Live(try Sandbox())
    try live.ok(["load"])
    try check(live, ["attach", live.interface], nil)
  }

  @Test func applySaysWhenAndHow() throws {
    let live = try Live.attached()
    try check(live, ["apply", "-f", "-"], Self.policy)
  }

  @Test(arguments: [["set-default", "deny"], ["set-mode", "monitor"]])
  func verbsSayWhenAndHow(_ words: [String]) throws {
    let live = try Live.attached()
    try check(live, words, nil)
    // Back to what was before it.
    try live.ok(["load", "--replace"])
    let before = try live.ok(["status"])
    try live.ok([words[0], words[0] == "set-mode" ? "enforce" : "allow", "--confirm-within", "1h"])
    try live.ok(["rollback", "--force"])
    let after = try live.ok(["status"])
    #expect(after["defaultAction"].string == before["defaultAction"].string)
    #expect(after["mode"].string == before["mode"].string && after["secondsToConfirm"].isNull)
  }

  /// After `attach` nothing brings an earlier policy back: everybody who changes something is told.
  @Test func afterTheDeadlineOfAttachEveryChangeSaysSo() throws {
    let live = Live(try Sandbox())
    try live.ok(["load"])
    try live.ok(["attach", live.interface, "--confirm-within", "1ms"])
    for words in [["drop-ip", "192.0.2.7"], ["set-rate", "1000/s"], ["set-mode", "monitor"]] {
      let outcome = try live.run(words)
      #expect(
        outcome.status == 0 && outcome.error.hasPrefix("note: all packets pass"), "\(outcome)")
    }
    #expect(try live.run(["status"]).output.contains("ALL PACKETS PASS since the deadline"))
    #expect(try live.fails(1, ["rollback"]).contains("aegisctl detach"))
    let again = try live.run(["attach", live.interface])
    #expect(again.status == 0 && again.error.hasPrefix("note: the policy is enforced again"))
    #expect(try live.run(["drop-ip", "192.0.2.8"]).error == "")
  }

  private func check(_ live: Live, _ words: [String], _ input: String?) throws {
    let within = ["--confirm-within", "1h"]
    let trial = try live.run(words + within + ["--dry-run"], input: input)
    #expect(trial.status == 0 && trial.error == "", "\(trial.error)")

    let outcome = try live.run(words + within + ["-o", "json"], input: input)
    #expect(outcome.status == 0)
    let command = "aegisctl confirm --pin-root \(live.aegis.root)"
    let deadline = try #require(try outcome.json["deadline"].string)
    #expect(try outcome.json["confirm"].string == command)
    #expect(outcome.error.hasPrefix("note: all packets pass from \(deadline) on, "))
    #expect(outcome.error.hasSuffix(": \(command)\n"))
    let seconds = try #require(ISO8601DateFormatter().date(from: deadline)).timeIntervalSinceNow
    #expect(3500...3600 ~= seconds)

    // Again: what waits still waits, as long as it did.
    let again = try live.run(words + ["--confirm-within", "2h", "-o", "json"], input: input)
    #expect(try again.json["deadline"].string == deadline)
    #expect(again.error.hasPrefix("note: nothing was changed; confirm the earlier change before"))

    let confirm = command.split(separator: " ").dropFirst().map(String.init)
    #expect(try live.run(confirm).output.contains("confirmed"))
    let late = try live.run(words + within + ["-o", "json"], input: input)
    #expect(late.error == Self.nothing)
    #expect(try late.json["deadline"].isNull && late.json["changed"].bool == false)
    #expect(try live.ok(["status"])["secondsToConfirm"].isNull)
    #expect(try live.run(words + within + ["-q"], input: input).error == "")
  }

  @Test func aFailureLeavesWhatWaits() throws {
    let live = Live(try Sandbox())
    try live.ok(["load"])
    try live.ok(["attach", live.interface, "--confirm-within", "1h"])
    try live.fails(69, ["attach", "aegis-none", "--confirm-within", "1s"])
    let left = try #require(try live.ok(["status"])["secondsToConfirm"].double)
    #expect(left > 3000)
  }

  @Test func aFailureAloneLeavesNothingToConfirm() throws {
    let live = try Live.attached()
    let outcome = try live.run(["attach", "aegis-none", "--confirm-within", "1s"])
    #expect(outcome.status == 69 && !outcome.error.contains("confirm"))
    #expect(try live.ok(["status"])["secondsToConfirm"].isNull)
  }
}
