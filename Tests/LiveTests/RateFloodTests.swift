import CAegis
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// A flood of spoofed sources that a slow rule for one port is for.
  struct RateFloodTests {
    /// Sends so many frames a second, each from a source that was never seen, until it is told to stop.
    private final class SpoofedFlood: Sendable {
      private let isOver = Mutex(false)
      private let sent = Mutex(0)
      private let ended = DispatchSemaphore(value: 0)

      init(_ sandbox: TestSupport.Sandbox, port: UInt16, perSecond: Int) throws {
        let sender = try sandbox.frameSender()
        let host = sandbox.host.v4.split(separator: ".").compactMap { UInt8($0) }
        Thread { [self] in
          let start = ContinuousClock.now
          var count: UInt32 = 0
          while !isOver.withLock({ $0 }) {
            let due = Double(perSecond) * (start.duration(to: .now) / .seconds(1))
            while Double(count) < due {
              try? sender.send([Self.frame(number: count, to: host, port: port)])
              count += 1
            }
            sent.withLock { $0 = Int(count) }
            usleep(1000)
          }
          ended.signal()
        }.start()
      }

      /// UDP from 100.64.0.0/10.
      private static func frame(number: UInt32, to host: [UInt8], port: UInt16) -> [UInt8] {
        let source: [UInt8] = [
          100, 64 | UInt8(number >> 16 & 0x3f), UInt8(number >> 8 & 0xff), UInt8(number & 0xff),
        ]
        let ports: [UInt8] = [0x12, 0x34, UInt8(port >> 8), UInt8(port & 0xff)]
        return [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]
          + [0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0] + source + host + ports
          + [0, 26, 0, 0] + [UInt8](repeating: 0, count: 18)
      }

      var count: Int { sent.withLock { $0 } }

      func stop() {
        isOver.withLock { $0 = true }
        ended.wait()
      }
    }

    @Test("15,000 a second to a port with 10/m leave another port as it is")
    func anotherPortStaysOpen() throws {
      // So small a table that it is full within a second.
      let live = try Live.attached(load: ["--max-sources", "6144"])
      try live.ok(["set-rate", "10k/s"])
      try live.ok(["set-rate", "10/m", "--port", "9999/udp"])
      let listener = try live.sandbox.listener(port: 80)
      let flood = try SpoofedFlood(live.sandbox, port: 9999, perSecond: 15_000)
      defer { flood.stop() }
      let limit = ContinuousClock.now + .seconds(20)
      while flood.count < 30_000, ContinuousClock.now < limit { usleep(10_000) }
      #expect(flood.count >= 30_000)
      // A client that had sent nothing.
      let answered = try (0..<15).count { _ in
        let start = ContinuousClock.now
        return try live.sandbox.connects(to: 80) && start.duration(to: .now) < .seconds(1)
      }
      #expect(answered == 15)
      // Its lines are full all the same: one more that the rule is for is told so.
      let told = try live.run(["why", "192.0.2.9", "to", "9999/udp"]).output
      #expect(told.contains("in a shared bucket"), "\(told)")
      let other = try live.run(["why", "192.0.2.9", "to", "80"]).output
      #expect(!other.contains("shares"), "\(other)")
      #expect(try live.stats()["drop.rate"] > 10_000)
      withExtendedLifetime(listener) {}
    }

    /// Which lines of the limiter's table are whose.
    private func lines(_ live: Live) throws -> [Range<UInt32>] {
      let datapath = try Datapath(at: PinRoot(live.aegis.root))
      let capacity = try datapath.capacity()
      let rates = try StoredRates.read(datapath.root.current, abi: datapath.origin.abi)
      let own = try Settings.read(datapath).rates
      #expect(own.source.packets.first_line == 0)
      #expect(own.source.packets.line_mask == capacity.lines - 1)
      #expect(own.source.bytes.first_line == capacity.lines)
      let all =
        try [capacity.packetLines, capacity.byteLines]
        + rates.flatMap { one in
          // Each rate has some.
          let count = aegis_rates.kinds.count { one.rates[keyPath: $0.rate].interval != 0 }
          try #require(one.rates.lines.count == count)
          return one.rates.lines
        } + own.lines.filter { $0 != capacity.byteLines }
      for lines in all { #expect(lines.upperBound <= capacity.cells) }
      return all
    }

    private func expectDisjoint(_ live: Live, _ comment: Comment) throws {
      let sorted = try lines(live).sorted { $0.lowerBound < $1.lowerBound }
      for (left, right) in zip(sorted, sorted.dropFirst()) {
        #expect(left.upperBound <= right.lowerBound, comment)
      }
    }

    @Test(
      "whatever is set, taken away, applied, rolled back or resized: no rate has another's lines")
    func disjoint() throws {
      let live = try Live.attached(load: ["--max-sources", "600"])
      let rates = ["10/m", "1000/s", "1MB/s", "10kB/m"]
      let selectors = [
        [], ["--port", "53/udp"], ["--port", "80/tcp"], ["--from", "192.0.2.0/24"],
        ["--from", "198.51.100.7"], ["--from", "2001:db8::/32"],
        ["--port", "53/udp", "--from", "192.0.2.0/24"],
      ]
      let keys = ["any:443/tcp", "192.0.2.7:22/tcp", "198.51.100.0/24"]
      for round in 0..<60 {
        var words: [String]
        switch Int.random(in: 0..<10) {
        case 0:
          words = ["load", "--replace", "--max-sources", "\([6, 600, 6000].randomElement()!)"]
        case 1: words = ["allow-key", keys.randomElement()!, "--remove"]
        case 2, 3: words = ["allow-key", keys.randomElement()!, "--rate", rates.randomElement()!]
        case 4: words = ["set-rate", "off"] + selectors.randomElement()!
        case 5: words = ["load", "--rollback"]
        default:
          words = ["set-rate", rates.randomElement()!] + selectors.randomElement()!
          if Bool.random() { words.append("--total") }
          if Bool.random() { words += ["--algorithm", "per-cpu"] }
        }
        let outcome = try live.run(words)
        #expect([0, 1].contains(outcome.status), "\(words): \(outcome)")
        try expectDisjoint(live, "round \(round), after \(words)")
      }
      try live.ok(["set-rate", "off", "--all"])
      #expect(try live.rates().isEmpty)
      try expectDisjoint(live, "without rates")
    }

    @Test("lines that were another's owe nothing")
    func newLinesAreEmpty() throws {
      let live = try Live.attached(load: ["--max-sources", "6"])
      for port in [7001, 7002, 7003] as [UInt16] {
        try live.limit(3, "--port", "\(port)/udp")
        for last in 1...20 {
          #expect(try live.passes(1, from: "192.0.2.\(last)", port: port) == 1 || last > 6)
        }
        // Taken away and set for another port, in one call each and in one policy.
        try live.ok(["set-rate", "off", "--port", "\(port)/udp"])
      }
      var policy = Policy()
      for port in ["7004/udp", "7005/udp"] {
        policy.rates = [
          RateRule(try Rate("10/h", burst: 3), for: RateSelector(port: try RateSelector.Port(port)))
        ]
        let wanted = policy
        try live.inProcess { rates, session in
          let plan = try Plan(from: try Policy(of: rates.datapath), to: wanted, pruning: true)
          try PlanExecutor(rates.datapath).run(plan, in: session)
        }
        let number = try #require(UInt16(port.prefix(4)))
        #expect(try live.passes(5, from: "198.51.100.1", port: number) == 3)
        for last in 2...20 { _ = try live.passes(3, from: "198.51.100.\(last)", port: number) }
      }
    }

    @Test("'off' says what stays, and with --all nothing does")
    func offSaysWhatStays() throws {
      let live = try Live.attached()
      try live.ok(["set-rate", "1000/s"])
      try live.ok(["set-rate", "1MB/s", "--total"])
      try live.ok(["set-rate", "10/m", "--port", "53/udp"])
      try live.ok(["set-rate", "20/m", "--port", "53/udp", "--total"])
      let off = try live.ok(["set-rate", "off"])
      #expect(off["changed"].bool == true)
      #expect(off["remaining"].array.count == 3)
      let again = try live.run(["set-rate", "off"])
      #expect(again.output.contains("port 53/udp total  stays"), "\(again)")
      #expect(again.error.contains("set-rate off --all"))
      let port = try live.ok(["set-rate", "off", "--port", "53/udp"])
      #expect(port["remaining"].array.map(\.string) == ["rate 20/m burst 10 port 53/udp total"])
      let dry = try live.ok(["set-rate", "off", "--all", "--dry-run"])
      #expect(dry["items"].array.count == 2)
      #expect(try live.rates().count == 2)
      let all = try live.ok(["set-rate", "off", "--all"])
      #expect(all["items"].array.count == 2)
      #expect(all["remaining"].array.isEmpty)
      #expect(try live.rates().isEmpty)
      #expect(try live.ok(["set-rate", "off", "--all"])["changed"].bool == false)
      #expect(try live.passes(50) == 50)
    }
  }
}
