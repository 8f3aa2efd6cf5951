import TestSupport
import Testing

/// What is loaded and not in the files stays, and is counted.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct RemainingTests {
  private static let policy = "{apiVersion: aegis/v1, kind: Policy, spec: {drops: [203.0.113.9]}}"

  @Test func isNoted() throws {
    try Loaded.fresh { instance in
      try instance.run(["drop-ip", "203.0.113.1", "203.0.113.9"])
      try instance.run(["allow-key", "any:1/tcp"])
      let one = "note: 1 loaded entry is not in the files and stays (diff --prune lists it)\n"
      let several =
        "note: 3 loaded entries are not in the files and stay (diff --prune lists them)\n"
      func check(_ words: [String], _ note: String, _ status: Int32 = 0) throws {
        let outcome = try instance.run(words + ["-f", "-"], input: Self.policy)
        #expect(outcome.error == note && outcome.status == status, "\(words): \(outcome)")
      }
      try check(["diff"], one)
      try check(["apply", "--dry-run"], one)
      try instance.run(["drop-ip", "203.0.113.2", "203.0.113.3"])
      try check(["diff", "-o", "wide"], several)
      for words in [
        ["diff", "-q"], ["diff", "-o", "json"], ["apply"], ["apply", "--dry-run", "-q"],
      ] {
        try check(words, "")
      }
      try check(["diff", "--prune"], "", 1)
      try check(["apply", "--dry-run", "--prune"], "")
      for (words, count) in [
        (["diff"], 3), (["apply", "--dry-run"], 3), (["apply"], 3), (["apply", "--prune"], 0),
        (["diff"], 0),
      ] {
        let outcome = try instance.run(words + ["-f", "-", "-o", "json"], input: Self.policy)
        #expect(try outcome.json["remaining"].int == count, "\(words)")
      }
      try check(["diff"], "")
    }
  }
}
