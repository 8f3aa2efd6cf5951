import BPF
import CAegis
import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension DatapathTests {
  /// The drop list changes while packets come from addresses that are on it all the time.
  @Suite struct DropFlipTests {
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    /// Two million, or a hundred million with AEGIS_EXHAUSTIVE=1.
    private static let lookUps: UInt64 = isExhaustive ? 100_000_000 : 2_000_000
    /// Entries of a list that takes the place of another.
    private static let size = isExhaustive ? 1_000_000 : 20_000

    private static let watched = [
      "192.0.2.1", "198.51.100.0/24", "2001:db8:1::1", "2001:db8:2::/48",
    ]
    private static let sources: [IPAddress] = [
      "192.0.2.1", "198.51.100.7", "2001:db8:1::1", "2001:db8:2::9",
    ]

    /// Half of each family, and half of them in every list.
    private static func list(_ number: Int) -> String {
      var text = watched.joined(separator: "\n") + "\n"
      for place in 0..<size / 2 {
        let other = place % 2 == 0 ? place : place + (number + 1) * size
        text += "10.\(other >> 16 & 255).\(other >> 8 & 255).\(other & 255)\n"
        let (high, low) = (other >> 16, other & 0xffff)
        text += "2001:db8:\(String(0x100 + high, radix: 16)):\(String(low, radix: 16))::/64\n"
      }
      return text
    }

    @Test("no look-up misses them, and each is counted once")
    func underFlow() throws {
      let pinned = try PinnedDatapath(sources: 6000, drops: 4_000_000)
      let aegis = Aegisctl(root: pinned.root.path)
      func run(_ words: [String], _ input: String? = nil) throws {
        let outcome = try aegis.command(words).run(input: input, timeout: 300)
        try #require(outcome.status == 0, "\(words): \(outcome)")
      }
      try run(["drop-ip"] + Self.watched)
      let frames = Self.sources.map { source -> [UInt8] in
        let isIPv6 = source.width == 128
        return isIPv6
          ? Frame(IPv6(.udp(), from: source)).bytes : Frame(IPv4(.udp(), from: source)).bytes
      }
      let flow = try TestFlow(pinned.datapath, frames, each: 10_000)
      var round = 0
      while flow.judged < Self.lookUps || round < 8 {
        round += 1
        switch round % 4 {
        case 1: try run(["drop-ip", "--replace-all", "-f", "-"], Self.list(round))
        // In place, beyond the room of the table, and away.
        case 2: try run(["drop-ip", "203.0.113.\(round % 200)", "2001:db8:3::\(round % 200)"])
        case 3: try run(["drop-ip", "-f", "-"], Self.list(round))
        default: try run(["drop-ip", "--remove", "203.0.113.\((round - 2) % 200)"])
        }
      }
      let judged = try flow.stop()
      let map: PerCPUMap<aegis_counters> = try pinned.datapath.perCPU(AEGIS_MAP_counters)
      let totals = Totals(try map.values(at: AEGIS_BLOCK_OTHER))
      let dropped =
        totals[Reason(AEGIS_DROP_HOST)].packets + totals[Reason(AEGIS_DROP_PREFIX)].packets
      #expect(dropped == judged)
      let entries = try DropList(Datapath(at: pinned.root)).entries()
      let hits = Self.watched.map { name in
        entries.first { "\($0.element)" == name }.map(\.hits) ?? 0
      }
      #expect(hits.reduce(0, +) == judged, "\(hits)")
      print("\(round) changes under \(judged) look-ups: none missed")
    }
  }
}
