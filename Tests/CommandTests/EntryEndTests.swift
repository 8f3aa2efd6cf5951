import Foundation
import TestSupport
import Testing

/// A change of an entry says when the entry expires.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct EntryEndTests {
  private static let address = "198.51.100.77"

  @Test(arguments: [("drop-ip", address), ("allow-key", "any:53/udp")])
  func isSaid(_ verb: String, _ entry: String) throws {
    try Loaded.fresh { instance in
      func says(_ words: [String], _ pattern: String) throws {
        let outcome = try instance.run([verb, entry] + words)
        let line = "^\(NSRegularExpression.escapedPattern(for: entry))  \(pattern)\n$"
        let isSaid = outcome.output.range(of: line, options: .regularExpression) != nil
        #expect(isSaid, "\(words): \(outcome)")
      }
      let hour = "(1h|59m5\\ds)"
      try says(["--ttl", "1h", "--dry-run"], "added \\(dry run\\)  expires in \(hour)")
      try says(["--ttl", "1h"], "added  expires in \(hour)")
      try says(["--ttl", "2h"], "updated  expires in (2h|1h59m), was \(hour)")
      try says([], "updated  never expires, was (2h|1h59m)")
      try says([], "unchanged  never expires")
      try says(["--ttl", "1h"], "updated  expires in \(hour), was never")
      try says(["--remove"], "removed")
      try says(["--remove"], verb == "drop-ip" ? "not on the list" : "not a key")
      try says([], "added  never expires")
    }
  }

  @Test func programsReadBothTimes() throws {
    try Loaded.fresh { instance in
      func item(_ words: [String]) throws -> JSON {
        try instance.run(["drop-ip", Self.address, "-o", "json"] + words).json["items"][0]
      }
      let first = try item(["--ttl", "1h"])
      let expires = try #require(first["expires"].string)
      #expect(first["expiredBefore"].isNull)
      let format = ISO8601DateFormatter()
      format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
      let date = try #require(
        format.date(from: expires) ?? ISO8601DateFormatter().date(from: expires))
      #expect(abs(date.timeIntervalSinceNow - 3600) < 30)
      let second = try item([])
      #expect(second["action"].string == "updated" && second["expires"].isNull)
      #expect(second["expiredBefore"].string != nil)
      try instance.run(["drop-ip", Self.address, "--ttl", "1h"])
      let gone = try item(["--remove"])
      #expect(gone["expires"].isNull && gone["expiredBefore"].string != nil)
      #expect(try item(["--remove"])["action"].string == "unchanged")
    }
  }

  @Test func manyThatAreNotThereAreCounted() throws {
    try Loaded.fresh { instance in
      let many = (1...30).map { "192.0.2.\($0)" }
      try instance.run(["drop-ip", "192.0.2.1"])
      let outcome = try instance.run(["drop-ip", "--remove"] + many)
      #expect(outcome.output == "30 entries  1 removed, 29 not on the list\n")
    }
  }
}
