import Aegis
import Foundation
import TestSupport
import Testing

@testable import TestModel

extension Kernel {
  /// The drop list changes in place, grows and is replaced, while packets come from sources that are on it all the time.
  struct DropSwapTests {
    private static let rounds = Machine.few(60, atLeast: 12)
    private static let watched = [
      "192.0.2.1", "198.51.100.0/24", "2001:db8:1::1", "2001:db8:2::/48",
    ]
    private static let sources = ["192.0.2.1", "198.51.100.7"]
    private static let sources6 = ["2001:db8:1::1", "2001:db8:2::9"]

    /// As many entries of each family, which no other round has.
    private static func list(_ count: Int, _ round: Int) -> [String] {
      (0..<count).flatMap { number in
        [
          "10.\(round % 200).\(number / 256).\(number % 256)",
          "2001:db8:\(String(100 + round, radix: 16)):\(String(number, radix: 16))::/64",
        ]
      }
    }

    private static func text(_ list: [String]) -> String { list.joined(separator: "\n") + "\n" }

    @Test("who is on the list all the time never comes through, and every packet is counted")
    func underFlow() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let pair = try VethPair(live.sandbox, number: 1)
      try live.ok(["attach", pair.interface])
      try live.ok(["drop-ip"] + Self.watched)
      let frames =
        try Self.sources.map { Frame(IPv4(.udp(), from: try IPAddress($0))) }
        + Self.sources6.map { Frame(IPv6(.udp(), from: try IPAddress($0))) }
      let met = try pair.passage(of: 0).met
      let flow = PairFlow((0..<8).flatMap { _ in frames }, over: pair)
      defer { _ = flow.stop() }
      for round in 1...Self.rounds {
        switch round % 4 {
        // In place, beyond the room of the table, in place of the list, and away.
        case 0: try live.ok(["drop-ip"] + Self.list(3, round))
        case 1: try live.ok(["drop-ip", "-f", "-"], input: Self.text(Self.list(40 * round, round)))
        case 2:
          try live.ok(
            ["drop-ip", "--replace-all", "-f", "-"],
            input: Self.text(Self.watched + Self.list(500, round)))
        default:
          try live.ok(
            ["drop-ip", "--remove", "-f", "-"], input: Self.text(Self.list(500, round - 1)))
        }
      }
      let sent = flow.stop()
      Thread.sleep(forTimeInterval: 0.2)
      let came = try pair.passage(of: 0).met - met
      let drops = try live.ok(["dump", "drops"])["drops"]
      let hits = Self.watched.map { drops.first("name", $0)["hits"].int ?? 0 }
      print("\(Self.rounds) changes: \(sent) sent, \(came) came, \(hits) hits")
      #expect(hits.reduce(0, +) == came)
      #expect(Set(hits).count == 1, "\(hits)")
      #expect(try live.names("drop").allSatisfy { $0.hasSuffix("v4") || $0.hasSuffix("v6") })
      #expect(try live.names("drop").count == 2)
    }

    @Test("a pin of a table that is lost is found again, and its head too", arguments: [4, 6])
    func repaired(family: Int) throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9", "2001:db8::/32", "--note", "kept"])
      let name = try #require(try live.names("drop").first { $0.hasSuffix("v\(family)") })
      let path = live.aegis.root + "/drop/" + name
      try FileManager.default.removeItem(atPath: path)
      let dry = try live.run(["repair", "--dry-run", "-o", "json"])
      #expect(dry.status == 1 && dry.output.contains("drop/" + name), "\(dry)")
      #expect(try live.ok(["repair"])["changed"].bool == true)
      #expect(try live.ok(["repair"])["changed"].bool == false)
      #expect(
        try live.ok(["dump", "drops"])["drops"].array.map { $0["note"].string } == ["kept", "kept"])
      #expect(try !live.arrives(from: "192.0.2.9"))
    }
  }
}
