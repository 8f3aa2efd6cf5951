import Foundation
import TestSupport
import Testing

extension Kernel {
  struct ImportTests {
    @Test func whatItselfDumpsIsWhatItTakes() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["drop-ip", "192.0.2.1", "198.51.100.0/24", "--note", "a feed"])
      try live.ok(["drop-ip", "2001:db8::1", "--ttl", "1h"])
      try live.ok(["allow-key", "any:443/tcp", "--rate", "50/s", "--burst", "70"])
      try live.ok(["allow-key", "192.0.2.9:22/tcp", "--protect", "--ttl", "2h"])
      // A host in a prefix of another kind, and a rate that only monitors.
      try live.ok(["drop-ip", "198.51.100.7", "203.0.113.0/24", "--monitor", "--note", "trial"])
      try live.ok(["apply", "-f", "-"], input: Self.monitoredKey)
      let dump = try live.run(["dump", "-o", "json"]).output
      let policy = try live.run(["dump", "-o", "yaml"]).output
      #expect(try live.ok(["drop-ip", "-f", "-"], input: dump)["changed"].bool == false)
      #expect(try live.ok(["allow-key", "-f", "-"], input: dump)["changed"].bool == false)
      #expect(try live.ok(["apply", "--prune", "-f", "-"], input: policy)["changed"].bool == false)
      try live.ok(["unload", "--force"])
      try live.ok(["load"])
      #expect(try live.ok(["drop-ip", "-f", "-"], input: dump)["counts"]["added"].int == 5)
      #expect(try live.ok(["allow-key", "-f", "-"], input: dump)["counts"]["added"].int == 4)
      // A key whose rate only monitors still lets in.
      try live.ok(["set-default", "deny"])
      let why = try live.ok(["why", "[2001:db8::1:53]:1000", "to", "10/udp"])
      #expect(why["reason"].string == "pass.key")
      let before = try JSON(parsing: dump)
      let after = try live.ok(["dump"])
      for part in ["drops", "keys"] {
        #expect(after[part].array.count == before[part].array.count)
        for (old, new) in zip(before[part].array, after[part].array) {
          for member in ["name", "note", "rate", "algorithm"] {
            #expect(old[member].string == new[member].string)
          }
          #expect(old["burst"].int == new["burst"].int)
          #expect(old["protected"].bool == new["protected"].bool)
          #expect(old["monitor"].bool == new["monitor"].bool)
          let left = [old, new].map { $0["remainingMilliseconds"].int }
          #expect((left[0] == nil) == (left[1] == nil))
          #expect(abs((left[0] ?? 0) - (left[1] ?? 0)) < 5000)
        }
      }
    }

    private static let monitoredKey = """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        keys:
        - {key: "[2001:db8::1:53]/udp", rate: 7/s, burst: 9, monitor: true, note: trial}
        - {key: "any:9/udp", rate: 700/m, algorithm: fixed-window}

      """

    @Test func aDumpMakesAnEntryWhatItWas() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["drop-ip", "192.0.2.1"])
      try live.ok(["allow-key", "any:1/udp"])
      let dump = try live.run(["dump", "-o", "json"]).output
      try live.ok(["drop-ip", "192.0.2.1", "--monitor", "--note", "x", "--ttl", "1h"])
      try live.ok(["allow-key", "any:1/udp", "--rate", "5/s", "--note", "x", "--ttl", "1h"])
      try live.ok(["drop-ip", "-f", "-"], input: dump)
      try live.ok(["allow-key", "-f", "-"], input: dump)
      #expect(try live.run(["dump", "-o", "json"]).output == dump)
      #expect(try Picture(of: live).strayRates == 0)
      // What the command says goes before.
      try live.ok(["drop-ip", "-f", "-", "--monitor", "--note", "y"], input: dump)
      let drop = try live.ok(["dump", "drops"])["drops"][0]
      #expect(drop["monitor"].bool == true && drop["note"].string == "y")
    }

    @Test func aMonitoredDropOfADumpCutsNobodyOff() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "\(live.peer)", "--monitor"])
      let dump = try live.run(["dump", "drops", "-o", "json"]).output
      try live.ok(["drop-ip", "--remove", live.peer])
      let outcome = try live.aegis.run(
        ["drop-ip", "-f", "-"], input: dump, namespace: live.sandbox.host.namespace)
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(try live.arrives(from: live.peer))
      let enforced = dump.replacing("\"monitor\" : true", with: "\"monitor\" : false")
      let refused = try live.aegis.run(
        ["drop-ip", "-f", "-"], input: enforced, namespace: live.sandbox.host.namespace)
      #expect(refused.status == 79, "\(refused.error)")
    }

    @Test func timesOfTheCommandGoBeforeThoseOfTheList() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let list =
        "create s hash:ip timeout 600\nadd s 192.0.2.1 comment \"own\"\nadd s 192.0.2.2 timeout 0"
      try live.ok(["drop-ip", "-f", "-"], input: list)
      var drops = try live.ok(["dump", "drops"])["drops"]
      #expect((590_000...600_000).contains(drops[0]["remainingMilliseconds"].int ?? 0))
      #expect(drops[0]["note"].string == "own")
      #expect(drops[1]["remainingMilliseconds"].int == nil)
      #expect(try live.ok(["dump", "--expiring", "11m"])["drops"].array.count == 1)
      #expect(try live.ok(["dump", "--expiring", "9m"])["drops"].array.isEmpty)
      #expect(try live.ok(["dump", "--expiring", "9m"])["links"].array.isEmpty)
      try live.ok(["drop-ip", "-f", "-", "--ttl", "1h", "--note", "theirs"], input: list)
      drops = try live.ok(["dump", "drops"])["drops"]
      for drop in drops.array {
        #expect((3_590_000...3_600_000).contains(drop["remainingMilliseconds"].int ?? 0))
        #expect(drop["note"].string == "theirs")
      }
    }

    @Test func anEndIsOnlyMovedLater() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      func left() throws -> Int? {
        try live.ok(["dump", "drops"])["drops"][0]["remainingMilliseconds"].int.map { $0 / 60_000 }
      }
      try live.ok(["drop-ip", "192.0.2.1", "--ttl", "1h", "--extend"])
      #expect(try left() == 59)
      #expect(
        try live.ok(["drop-ip", "192.0.2.1", "--ttl", "5m", "--extend"])["changed"].bool == false)
      #expect(try left() == 59)
      try live.ok(["drop-ip", "192.0.2.1", "--ttl", "2h", "--extend"])
      #expect(try left() == 119)
      try live.ok(["drop-ip", "192.0.2.1"])
      #expect(
        try live.ok(["drop-ip", "192.0.2.1", "--ttl", "2h", "--extend"])["changed"].bool == false)
      #expect(try left() == nil)
    }

    @Test func aNoteThatIsThereSurvivesExtending() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      func note() throws -> String? { try live.ok(["dump", "drops"])["drops"][0]["note"].string }
      try live.ok(["drop-ip", "192.0.2.1", "--ttl", "1h"])
      try live.ok(["drop-ip", "192.0.2.1", "--ttl", "2h", "--extend", "--note", "first"])
      #expect(try note() == "first")
      for ttl in ["1h", "3h"] {
        try live.ok(["drop-ip", "192.0.2.1", "--ttl", ttl, "--extend", "--note", "second"])
        #expect(try note() == "first")
      }
      let list = "create s hash:ip timeout 9000 comment\nadd s 192.0.2.1 comment \"third\"\n"
      try live.ok(["drop-ip", "-f", "-", "--extend"], input: list)
      #expect(try note() == "first")
      try live.ok(["drop-ip", "192.0.2.1", "--note", "last"])
      #expect(try note() == "last")
    }

    @Test func anEndByTheWallClock() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let time = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 3600))
      #expect(try live.ok(["drop-ip", "192.0.2.1", "--until", time])["counts"]["added"].int == 1)
      let left = try live.ok(["dump", "drops"])["drops"][0]["remainingMilliseconds"].int ?? 0
      #expect((3_595_000...3_600_000).contains(left))
      #expect(try live.ok(["drop-ip", "192.0.2.1", "--until", time])["changed"].bool == false)
      let key = ["allow-key", "any:22/tcp", "--until", time]
      #expect(try live.ok(key)["counts"]["added"].int == 1)
      #expect(try live.ok(key)["changed"].bool == false)
    }

    @Test func anExpiredEntryMakesRoom() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "10"])
      try live.ok(["drop-ip", "--ttl", "1s"] + (1...5).map { "192.0.2.\($0)" })
      Thread.sleep(forTimeInterval: 1.1)
      #expect(
        try live.ok(["drop-ip"] + (6...15).map { "192.0.2.\($0)" })["counts"]["added"].int == 10)
      // The same before a sweep is due: what was swept just now puts the next off.
      try live.ok(["drop-ip", "--remove", "192.0.2.6", "192.0.2.7"])
      try live.ok(["drop-ip", "192.0.2.1", "192.0.2.2", "--ttl", "50ms"])
      Thread.sleep(forTimeInterval: 0.06)
      #expect(try live.ok(["drop-ip", "192.0.2.3", "192.0.2.4"])["counts"]["added"].int == 2)
    }
  }
}
