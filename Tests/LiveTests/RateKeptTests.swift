import Foundation
import Glibc
import TestSupport
import Testing

extension Kernel {
  /// Rates through a replacement, and through calls that die.
  struct RateKeptTests {
    private let prefix = "192.0.2.0/24"

    private func prepared() throws -> (live: Live, rates: [String]) {
      let live = try Live.attached()
      try live.limit(3)
      try live.ok(["set-rate", "10kB/h", "--burst", "50000"])
      try live.limit(40, "--total")
      try live.limit(5, "--from", prefix)
      try live.limit(11, "--port", "7002/udp", "--from", prefix)
      return (live, try live.rates())
    }

    @Test func aReplacementKeepsThem() throws {
      let (live, rates) = try prepared()
      #expect(rates.count == 5)
      try live.ok(["set-rate", "--source-prefix", "24,56"])
      try live.limit(7, "--port", "7000/udp")
      let all = try live.rates()
      #expect(all.count == 6)
      #expect(try live.passes(20, from: "198.51.100.1") == 7)
      for sources in [4096, 100_000, 65_536] {
        let replaced = try live.ok(["load", "--replace", "--max-sources", "\(sources)"])
        #expect(replaced["action"].string == "replaced")
        #expect(try live.rates() == all)
      }
      try live.ok(["set-rate", "off", "--total"])
      try live.ok(["set-rate", "--reset"])
      #expect(try live.passes(20, from: "198.51.100.1", port: 7001) == 3)
      #expect(try live.passes(20, from: "198.51.100.2", port: 7001) == 0)
      #expect(try live.passes(20, from: "198.51.100.1") == 7)
      #expect(try live.passes(20, from: "192.0.2.1", port: 7001) == 5)
      #expect(try live.passes(20, from: "192.0.2.2", port: 7001) == 0)
      #expect(try live.passes(20, from: "192.0.2.1", port: 7002) == 11)
      try live.ok(["set-rate", "off", "--port", "7000/udp"])
      let rest = all.filter { !$0.contains("total") && $0 != "10/h 7 source 7000/udp" }
      #expect(try live.rates() == rest)
    }

    @Test func aCallThatDiesLeavesOldOrNew() throws {
      let (live, rates) = try prepared()
      try live.ok(["set-rate", "off", "--total"])
      let rest = rates.filter { !$0.contains("total") }
      let start = Date()
      try live.ok(["set-rate", "off", "--port", "7000/udp"])
      let time = Date().timeIntervalSince(start) * 1.1
      var known = try live.rates()
      for round in 1...20 {
        // A rule comes, changes and goes.
        let wanted = round % 3 == 0 ? "off" : "10/h 1\(round % 3) source 7000/udp"
        let change = wanted == "off" ? ["off"] : ["10/h", "--burst", "1\(round % 3)"]
        let arguments = ["set-rate"] + change + ["--port", "7000/udp"]
        let after = rest + (wanted == "off" ? [] : [wanted])
        let call = try live.aegis.command(arguments).start()
        let delay = Double.random(in: 0...time)
        Thread.sleep(forTimeInterval: delay)
        call.signal(SIGKILL)
        _ = try call.wait()
        let comment: Comment = "\(arguments) killed after \(delay) s"
        let found = try live.rates().sorted()
        #expect(found == known.sorted() || found == after.sorted(), comment)
        #expect(try live.passes(20, from: "198.51.100.\(round)", port: 7001) == 3, comment)
        let next = try live.run(arguments)
        #expect(next.status == 0, "\(comment): \(next)")
        known = try live.rates()
        #expect(known.sorted() == after.sorted(), comment)
        let burst = wanted == "off" ? 3 : 10 + round % 3
        #expect(try live.passes(20, from: "203.0.113.\(round)") == burst, comment)
      }
    }
  }
}
