import Foundation
import TestSupport
import Testing

extension Kernel {
  struct ListTests {
    @Test func aHundredThousandAddresses() throws {
      let live = try Live.attached()
      var numbers: Set<UInt32> = []
      // 11.0.0.0 to 99.255.255.255: whole addresses of the sandbox are 10.x.
      while numbers.count < 100_000 { numbers.insert(.random(in: 11 << 24..<100 << 24)) }
      let addresses = numbers.map { number in
        [24, 16, 8, 0].map { "\(number >> $0 & 255)" }.joined(separator: ".")
      }
      let file = "/tmp/aegis-\(RandomName.hex(8)).txt"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try (addresses.joined(separator: "\n") + "\n").write(
        toFile: file, atomically: false, encoding: .utf8)

      let first = try live.ok(["drop-ip", "-f", file])
      #expect(first["counts"]["added"].int == 100_000)
      #expect(first["counts"].keys == ["added"])
      let one = try #require(addresses.randomElement())
      #expect(try live.ok(["drop-ip", "--remove", one])["counts"]["removed"].int == 1)
      #expect(try live.arrives(from: one))
      let again = try live.ok(["drop-ip", "-f", file])
      #expect(again["counts"]["added"].int == 1)
      #expect(again["counts"]["unchanged"].int == 99_999)
      let changed = again["items"].array.filter { $0["action"].string != "unchanged" }
      #expect(changed.map { $0["name"].string } == [one])
      #expect(try live.ok(["status"])["entries"]["drops"]["used"].int == 100_000)

      let receiver = try live.sandbox.receiver(port: 7000)
      let some = addresses.shuffled().prefix(50)
      let before = try live.stats()["drop.host"]
      for address in some { try live.sandbox.send(from: address, port: 7000, count: 2) }
      #expect(receiver.count() == 0)
      #expect(try live.stats()["drop.host"] == before + 100)
      let drops = try live.ok(["dump", "drops"])["drops"].array
      let hit = drops.filter { $0["hits"].int != 0 }.map { $0["name"].string ?? "" }
      #expect(Set(some).isSubset(of: hit))
      #expect(drops.count == 100_000)

      let lifted = try live.ok(["drop-ip", "--remove", "-f", file])
      #expect(lifted["counts"]["removed"].int == 100_000)
      #expect(try live.arrives(from: one))
    }

    @Test func aFullMapTakesNothingOfACall() throws {
      let live = try Live.attached(load: ["--max-drops", "10"])
      let hosts = (1...11).map { "192.0.2.\($0)" }
      #expect(try live.fails(1, ["drop-ip"] + hosts).contains("10"))
      #expect(try live.ok(["dump", "drops"])["drops"].array.isEmpty)
      #expect(try live.arrives(from: hosts[0]))
      #expect(try live.ok(["drop-ip"] + hosts.dropLast())["counts"]["added"].int == 10)
      try live.fails(1, ["drop-ip", hosts[10], "198.51.100.1"])
      #expect(try live.ok(["dump", "drops"])["drops"].array.count == 10)

      let receiver = try live.sandbox.receiver(port: 7000)
      try live.sandbox.send(from: hosts[3], port: 7000, count: 6)
      #expect(receiver.count() == 0)
      let replaced = try live.ok(["load", "--replace", "--max-drops", "20"])
      #expect(replaced["action"].string == "replaced")
      let drops = try live.ok(["dump", "drops"])["drops"]
      #expect(drops.array.count == 10)
      #expect(drops.first("name", hosts[3])["hits"].int == 6)
      #expect(try live.ok(["drop-ip"] + hosts)["counts"]["added"].int == 1)
      #expect(try !live.arrives(from: hosts[10]))
      #expect(try live.stats()["drop.host"] == 7)
      // What no longer fits is refused, and nothing is lost.
      try live.fails(1, ["load", "--replace", "--max-drops", "5"])
      #expect(try live.ok(["dump", "drops"])["drops"].array.count == 11)
      #expect(try !live.arrives(from: hosts[10]))
      try live.ok(["set-rate", "off"])
      #expect(try live.names().filter { $0.hasPrefix("gen") }.count <= 2)
    }

    @Test func thirtyCallersAtOnce() throws {
      let live = try Live.attached()
      let hosts = (1...30).map { "192.0.2.\($0)" }
      let calls = try hosts.map { host in
        try live.aegis.command(["drop-ip", host, "--note", "by \(host)"]).start()
      }
      for call in calls {
        let outcome = try call.wait()
        #expect(outcome.status == 0, "\(outcome)")
      }
      let drops = try live.ok(["dump", "drops"])["drops"].array
      #expect(drops.map { $0["name"].string } == hosts)
      #expect(drops.allSatisfy { $0["note"].string == "by " + ($0["name"].string ?? "") })
    }
  }
}
