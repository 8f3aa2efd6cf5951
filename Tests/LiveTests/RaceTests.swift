import Foundation
import Linux
import TestSupport
import Testing

extension Kernel {
  /// Several callers at once: one of them changes something, and the others find it done.
  struct RaceTests {
    private func together(_ count: Int, _ arguments: [String], _ live: Live) throws -> [JSON] {
      let calls = try (0..<count).map { _ in
        try live.aegis.command(
          arguments + ["-o", "json"], namespace: live.sandbox.host.namespace
        ).start()
      }
      return try calls.map { call in
        let outcome = try call.wait()
        #expect(outcome.status == 0, "\(arguments): \(outcome)")
        return try outcome.json
      }
    }

    @Test func everyVerbOfTheLinkCycle() throws {
      let live = Live(try Sandbox(ipv6: false))
      for _ in 0..<3 {
        for arguments in [
          ["load"], ["attach", live.interface], ["drop-ip", "192.0.2.9"],
          ["allow-key", "any:53/udp"], ["set-default", "deny", "--force"], ["set-rate", "1M/s"],
          ["detach", live.interface],
        ] {
          let changes = try together(6, arguments, live).map { $0["changed"].bool }
          #expect(changes.count { $0 == true } == 1, "\(arguments)")
        }
        let unloads = try together(6, ["unload", "--force"], live).map { $0["changed"].bool }
        #expect(unloads.count { $0 == true } == 1)
        #expect(!FileManager.default.fileExists(atPath: live.aegis.root))
      }
    }

    @Test func loadsAndUnloadsAgainstEachOther() throws {
      let live = Live(try Sandbox(ipv6: false))
      let calls = try (0..<16).map { index in
        try live.aegis.command(index.isMultiple(of: 2) ? ["load"] : ["unload", "--force"]).start()
      }
      for call in calls {
        let outcome = try call.wait()
        #expect([0, 69].contains(outcome.status), "\(outcome)")
      }
      try live.ok(["load"])
      #expect(try live.names() == ["current", "gen1", "links"])
      #expect(try live.run(["status"]).status == 0)
    }

    @Test func entriesAddedWhileItIsReplacedAreKept() throws {
      let live = try Live.attached()
      let hosts = (1...24).map { "192.0.2.\($0)" }
      var calls: [RunningCommand] = []
      for (index, host) in hosts.enumerated() {
        calls.append(try live.aegis.command(["drop-ip", host]).start())
        if index.isMultiple(of: 4) {
          let size = "\(3000 + index)"
          calls.append(
            try live.aegis.command(["load", "--replace", "--max-drops", size]).start())
        }
      }
      for call in calls {
        let outcome = try call.wait()
        #expect(outcome.status == 0, "\(outcome)")
      }
      #expect(try live.ok(["dump", "drops"])["drops"].array.map { $0["name"].string } == hosts)
      for host in hosts.prefix(3) { #expect(try !live.arrives(from: host)) }
      #expect(try live.names().filter { $0.hasPrefix("gen") }.count <= 2)
    }

    @Test func aCallerWaitsForTheOneBeforeAndNoLonger() throws {
      let live = try Live.attached()
      do {
        let lock = try FileSystem.lock(live.aegis.root, timeout: .zero)
        let start = Date()
        let said = try live.fails(75, ["drop-ip", "192.0.2.9", "--timeout", "100ms"])
        #expect((0.1..<2).contains(Date().timeIntervalSince(start)))
        #expect(said.contains(live.aegis.root))
        // Who only looks does not wait.
        #expect(try live.run(["status"]).status == 0)
        let waiting = try live.aegis.command(["drop-ip", "192.0.2.10"]).start()
        Thread.sleep(forTimeInterval: 0.2)
        #expect(try live.ok(["dump", "drops"])["drops"].array.isEmpty)
        _ = consume lock
        #expect(try waiting.wait().status == 0)
      }
      #expect(try live.ok(["dump", "drops"])["drops"][0]["name"].string == "192.0.2.10")
    }
  }
}
