import Foundation
import Synchronization
import TestSupport
import Testing

extension Kernel {
  /// What rates by class admit of a flood that is more than all of them allow.
  struct ClassAccuracyTests {
    enum Kind: CaseIterable, CustomTestStringConvertible {
      case packets, bytes, total

      var testDescription: String { "\(self)" }
    }

    /// With UDP, IPv4 and Ethernet headers.
    private static let frame = 106
    private static let tolerance = 0.002
    /// Packets a second; for half a second nothing is lost to a sender that does not run.
    private static let rates = [("domestic", 20_000), ("suspicious", 500), ("foreign", 2000)]

    /// A sender, and when it sent.
    private final class Sender: Sendable {
      private let times = Mutex([Double]())
      private let ended = DispatchSemaphore(value: 0)

      init(_ live: Live, on cpu: Int, from sources: [String], for seconds: Double) {
        let sandbox = live.sandbox
        Thread { [self] in
          try? sandbox.inside(.peer) {
            // The thread that sends inherits it.
            try RateAlgorithmTests.pin(to: cpu)
            try sandbox.flood(from: sources, port: 7000) { self.wants(seconds) }
          }
          ended.signal()
        }.start()
      }

      /// Remembers the first time it is asked, and the last two.
      private func wants(_ seconds: Double) -> Bool {
        let now = Monotonic.seconds()
        return times.withLock { times in
          times = [times.first ?? now, times.last ?? now, now]
          return now < times[0] + seconds
        }
      }

      /// The start, and two times between which it sent its last packets.
      func wait() throws -> [Double] {
        ended.wait()
        return try times.withLock { try #require($0.count == 3 ? $0 : nil) }
      }
    }

    private static func sources(of name: String, _ count: Int) -> [String] {
      let network = ["domestic": "192.0.2", "suspicious": "198.51.100", "foreign": "100.64.0"]
      return (1...count).map { "\(network[name] ?? "").\($0)" }
    }

    @Test(
      "admitted ÷ allowed is 1 for each of three classes, from one CPU and from two",
      arguments: Kind.allCases, [1, 2])
    func admitted(_ kind: Kind, cpus: Int) throws {
      // A machine that is busy with something else sends less.
      for share in [1, 4, 16] {
        let results = try Self.results(kind, cpus: cpus, share)
        guard results.allSatisfy({ $0.offered > 1.5 }) else { continue }
        for result in results {
          print("\(kind), \(cpus) CPUs: \(result)")
          #expect(result.most < 1 + Self.tolerance, "\(result.name)")
          #expect(result.least > 1 - Self.tolerance, "\(result.name)")
        }
        return
      }
      Issue.record("the flood is too small")
    }

    /// What was admitted of what is allowed until the last packet, and until the one before it; and what was offered.
    private struct Result {
      let name: String
      let most: Double
      let least: Double
      let offered: Double
    }

    /// - Parameter share: Divides the rates.
    private static func results(_ kind: Kind, cpus: Int, _ share: Int) throws -> [Result] {
      let live = try Live.attached()
      try live.nameClasses()
      let unit = kind == .bytes ? frame : 1
      let rates = rates.map { ($0.0, $0.1 / share) }
      for (name, rate) in rates {
        try live.ok(
          [
            "set-rate", "\(rate * unit)\(kind == .bytes ? "B" : "")/s", "--burst",
            "\(rate * unit / 2)", "--class", name,
          ] + (kind == .total ? ["--total"] : []))
      }
      // ARP is done.
      #expect(try live.arrives(from: "203.0.113.1"))
      let before = try live.classStats()
      let all = rates.flatMap { sources(of: $0.0, kind == .total ? 2 : 1) }
      let senders = (0..<cpus).map { Sender(live, on: $0, from: all, for: 4) }
      let times = try senders.map { try $0.wait() }
      Thread.sleep(forTimeInterval: 0.2)
      let after = try live.classStats()
      #expect(after[Live.noClass] == before[Live.noClass])

      let start = times.map { $0[0] }.min() ?? 0
      let (least, most) = (times.map { $0[1] }.max() ?? 0, times.map { $0[2] }.max() ?? 0)
      return try rates.map { name, rate in
        let (first, last) = (try #require(before[name]), try #require(after[name]))
        let admitted =
          Double(
            kind == .bytes ? last.passedBytes - first.passedBytes : last.passed - first.passed)
          / Double(unit)
        func allowed(_ end: Double) -> Double { Double(rate) * (0.5 + end - start) }
        return Result(
          name: name, most: admitted / allowed(most), least: admitted / allowed(least),
          offered: Double(last.packets - first.packets) / allowed(most))
      }
    }
  }
}
