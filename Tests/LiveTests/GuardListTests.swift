import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Lists with lines that would cut somebody off.
  struct GuardListTests {
    private let client = GuardedHost.client

    @Test func linesThatTheGuardRefusesAreLeftOut() throws {
      let host = try GuardedHost()
      let list = """
        203.0.113.1
        \(client)
        192.0.2.0/24
        192.0.2.77
        198.51.100.0/24
        203.0.113.2
        """
      let refused = try host.run(["drop-ip", "-f", "-"], input: list)
      #expect(refused.status == 79)
      let dry = try host.run(["drop-ip", "-f", "-", "--skip-guarded", "--dry-run"], input: list)
      #expect(dry.status == 0)
      #expect(try host.live.ok(["dump", "drops"])["drops"].array.isEmpty)
      let outcome = try host.run(["drop-ip", "-f", "-", "--skip-guarded"], input: list)
      #expect(outcome.status == 0, "\(outcome.error)")
      for (line, entry) in [(2, client), (3, "192.0.2.0/24"), (5, "198.51.100.0/24")] {
        #expect(
          outcome.error.contains("note: standard input:\(line): skipped \(entry): it would cut"))
      }
      // The session by its lines, the name server by the last one.
      #expect(outcome.error.contains("SSH session"))
      #expect(outcome.error.contains(GuardedHost.nameServer))
      // What a line that was left out would have covered is there.
      #expect(try names(host) == ["192.0.2.77", "203.0.113.1", "203.0.113.2"])
    }

    @Test func argumentsAreStillRefused() throws {
      let host = try GuardedHost()
      let outcome = try host.run(
        ["drop-ip", client, "-f", "-", "--skip-guarded"], input: "203.0.113.1\n")
      #expect(outcome.status == 79)
      #expect(try names(host).isEmpty)
    }

    @Test func replacedListsKeepWhatIsNotGuarded() throws {
      let host = try GuardedHost()
      try host.live.ok(["drop-ip", "203.0.113.9"])
      let outcome = try host.run(
        ["drop-ip", "--replace-all", "-f", "-", "--skip-guarded"],
        input: "203.0.113.1\n\(client)\n")
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(try names(host) == ["203.0.113.1"])
    }

    @Test func keysThatLetSomebodyInStay() throws {
      let host = try GuardedHost()
      try host.live.ok(["allow-key", "any:22/tcp", "any/udp", "any:80/tcp"])
      try host.live.ok(["set-default", "deny"])
      let list = "any:22/tcp\nany:80/tcp\n"
      let remove = ["allow-key", "--remove", "-f", "-"]
      #expect(try host.run(remove, input: list).status == 79)
      let outcome = try host.run(remove + ["--skip-guarded"], input: list)
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.error.contains("standard input:1: skipped any:22/tcp"))
      let keys = try host.live.ok(["dump", "keys"])["keys"].array.map { $0["name"].string }
      #expect(keys == ["any/udp", "any:22/tcp"])
    }

    private func names(_ host: GuardedHost) throws -> [String] {
      try host.live.ok(["dump", "drops"])["drops"].array.compactMap { $0["name"].string }
    }
  }
}
