import Aegis
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import TestModel

extension Kernel {
  /// Changes of who is in which class, while packets come.
  struct ClassSwapTests {
    enum Change: CaseIterable, CustomTestStringConvertible {
      case countries, prefixes, policies, program

      var testDescription: String { "\(self)" }
    }

    private static let frames = (0..<32).map { number in
      number % 2 == 0
        ? Frame(IPv4(.udp(), from: "192.0.2.1")) : Frame(IPv6(.udp(), from: "2001:db8:1::1"))
    }
    private static let rounds = Machine.few(60, atLeast: 10)

    private static func ranges(_ code: String) -> String {
      "192.0.2.0,192.0.2.255,\(code)\n2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,\(code)\n"
    }

    private static func policy(_ domestic: String, _ suspicious: String) -> String {
      """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        classes:
        - {name: domestic, countries: [\(domestic)]}
        - {name: suspicious, countries: [\(suspicious)]}

      """
    }

    private static func command(
      _ change: Change, _ round: Int, _ files: [String]
    ) -> (arguments: [String], input: String?) {
      let isOdd = round % 2 == 1
      switch change {
      case .countries:
        return (["set-geo", files[round % 2]], nil)
      case .prefixes:
        let prefixes = isOdd ? ["--prefix", "192.0.2.0/25,2001:db8:1::/64"] : []
        return (["set-class", "suspicious", "--country", "KP"] + prefixes, nil)
      case .policies:
        let policy = isOdd ? policy("KP", "DE") : policy("DE", "KP")
        return (["apply", "-f", "-", "--prune", "--force"], policy)
      case .program:
        return round % 6 == 5
          ? (["load", "--replace", "--max-drops", "\(1000 + round)"], nil)
          : (["set-geo", files[round % 2]], nil)
      }
    }

    @Test(
      "every packet has the class of before or after, and is counted once",
      arguments: Change.allCases)
    func underFlow(_ change: Change) throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let pair = try VethPair(live.sandbox, number: 1)
      try live.ok(["attach", pair.interface])
      try TemporaryDirectory.with { directory in
        let files = try ["DE", "KP"].map { code in
          try directory.file(code, Self.ranges(code).utf8)
        }
        try live.ok(["set-geo", files[0]])
        try live.ok(["apply", "-f", "-", "--force"], input: Self.policy("DE", "KP"))
        let before = try live.classStats()
        let met = try pair.passage(of: 0).met
        let flow = PairFlow(Self.frames, over: pair)
        defer { _ = flow.stop() }
        for round in 1...Self.rounds {
          let (arguments, input) = Self.command(change, round, files)
          let said = try live.ok(arguments, input: input)
          if change != .program { #expect(said["changed"].bool == true, "round \(round)") }
        }
        let sent = flow.stop()
        Thread.sleep(forTimeInterval: 0.2)
        let came = try pair.passage(of: 0).met - met
        let after = try live.classStats()
        func counted(_ name: String) -> Int {
          (after[name]?.packets ?? 0) - (before[name]?.packets ?? 0)
        }
        print(
          "\(change): \(sent) sent, \(came) came, domestic \(counted("domestic")), "
            + "suspicious \(counted("suspicious"))")
        #expect(counted("foreign") == 0)
        #expect(counted(Live.noClass) == 0)
        #expect(counted("domestic") + counted("suspicious") == came)
        #expect(counted("domestic") > came / 10)
        #expect(counted("suspicious") > came / 10)
        // What finds no room in the ring never came to the program.
        #expect(came > sent * 9 / 10)
        #expect(came <= sent)
      }
    }
  }
}
