import CAegis
import Glibc
import Testing

@testable import Aegis
@testable import TestModel

extension DatapathTests {
  /// What the datapath tells of packets, and of how many.
  @Suite struct EventTests {
    private static let cases =
      LinkCases.tags + LinkCases.tooManyTags + LinkCases.others + LinkCases.control
      + IPv4Cases.headers + IPv4Cases.tooBig + IPv4Cases.fragments + IPv6Cases.headers
      + IPv6Cases.extensions + IPv6Cases.fragments
      + NeighbourCases.discovery + DropCases.v4 + DropCases.v6 + DropCases.precedence
      + KeyCases.shapes + KeyCases.nested + MonitorCases.all

    @Test("tells of every frame the reason that it counts, and its first bytes", arguments: cases)
    func agrees(_ test: FrameCase) throws {
      let datapath = try EventDatapath.under(test.policy)
      for frame in test.earlier { try datapath.run(frame) }
      _ = try datapath.take()
      try datapath.run(test.frame)
      let events = try datapath.events()
      try #require(events.count == 1)
      #expect(events[0].reason == test.reason, "\(test)")
      #expect(events[0].wouldDrop == test.wouldDrop, "\(test)")
      #expect(events[0].bytes == Array(test.frame.bytes.prefix(256)))
      #expect(events[0].length == test.frame.bytes.count)
      let all = UInt64(test.earlier.count + 1)
      #expect(try datapath.tally() == EventTally(matched: all, told: all))
    }

    @Test func fields() throws {
      let datapath = try EventDatapath.under(.allow)
      try datapath.run(Frame(IPv4(.tcp(443), from: "192.0.2.1")))
      try datapath.run(Frame(IPv6(.udp(53), from: "2001:db8::1"), tags: [Frame.vlan]))
      try datapath.run(Frame(IPv4(.icmp(3, 4))))
      try datapath.run(Frame(IPv6(.icmpv6(128)) { $0.extensions = [.hopByHop()] }))
      try datapath.run(Frame(IPv4(.icmp()) { $0.fragmentOffset = 8 }))
      try datapath.run(.arp())
      let events = try datapath.events()
      try #require(events.count == 6)
      #expect(events[0].source == "192.0.2.1" && events[0].destination == "198.51.100.1")
      #expect(events[0].protocol == .tcp)
      #expect((events[0].sourcePort, events[0].destinationPort) == (40000, 443))
      #expect(events[1].source == "2001:db8::1" && events[1].destination == "2001:db8::ff")
      #expect((events[1].sourcePort, events[1].destinationPort) == (40000, 53))
      #expect(events[1].link?.vlans == [100] && events[1].link?.etherType == 0x86dd)
      #expect(events[2].icmp == Event.ICMP(type: 3, code: 4))
      #expect(events[2].sourcePort == nil && events[2].destinationPort == nil)
      #expect(events[3].icmp == Event.ICMP(type: 128, code: 0))
      // What is behind a later fragment's header is not ICMP's.
      #expect(events[4].icmp == nil && events[4].protocol == .icmp)
      #expect(events[5].source == nil && events[5].protocol == nil)
      #expect(events[5].link?.etherType == Frame.arp)
      let times = events.map(\.time)
      #expect(times == times.sorted())
      #expect(abs(times[0] / 1_000_000_000 - Int64(time(nil))) <= 5)
    }

    @Test("names the entry that decided", arguments: rules)
    func rule(_ policy: Policy, _ frame: Frame, _ rule: String?) throws {
      let datapath = try EventDatapath.under(policy)
      try datapath.run(frame, count: 3)
      #expect(try datapath.events().last?.rule == rule, "\(policy)")
    }

    private static let four = Frame(IPv4(.udp(53), from: "192.0.2.1"))
    private static let six = Frame(IPv6(.tcp(443), from: "2001:db8::1"))

    private static let rules: [(Policy, Frame, String?)] = [
      (.allow, four, nil), (.deny, four, nil),
      (.allow.drop("192.0.2.1"), four, "192.0.2.1"),
      (.allow.drop("192.0.0.0/16"), four, "192.0.0.0/16"),
      (.allow.drop("192.0.0.0/16").drop("192.0.2.0/24", expired: true), four, "192.0.0.0/16"),
      (.allow.drop("::/0"), six, "::/0"), (.allow.drop("2001:db8::1"), six, "2001:db8::1"),
      (.allow.drop("192.0.2.0/24", monitored: true), four, "192.0.2.0/24"),
      (.allow.drop("192.0.2.1", monitored: true), four, "192.0.2.1"),
      (.allow.drop("192.0.2.0/24").monitoring, four, "192.0.2.0/24"),
      (.deny.monitoring, four, nil),
      (.deny.key("any:53/udp"), four, "any:53/udp"), (.deny.key("any/udp"), four, "any/udp"),
      (.deny.key("any:53"), four, "any:53"), (.deny.key("any"), four, "any"),
      (.deny.key("192.0.2.1:53"), four, "192.0.2.1:53"),
      (.deny.key("192.0.2.0/25/udp"), four, "192.0.2.0/25/udp"),
      (.deny.protect("[2001:db8::/32]:443/tcp"), six, "[2001:db8::/32]:443/tcp"),
      (.deny.protect("2001:db8::1"), six, "[2001:db8::1]"),
      (.allow.burst(1), four, "all"), (.allow.burst(1).rateMonitored, four, "all"),
      // The key took the place of the prefix that only monitors, but it is not what would have dropped.
      (.deny.key("any").drop("192.0.2.0/24", monitored: true), four, nil),
      (.allow.burst(9).drop("192.0.2.0/24", monitored: true), four, "192.0.2.0/24"),
    ]

    @Test("what leaves is told with the entry that names its destination")
    func leaving() throws {
      let (v4, v6) = (Frame(IPv4(.udp(53))), Frame(IPv6(.tcp(443))))
      for (policy, frame, reason, rule) in [
        (.allow, v4, "pass.default", nil),
        (.allow.drop("192.0.2.1"), v4, "pass.default", nil),
        (.allow.drop("198.51.100.1"), v4, "drop.host", "198.51.100.1"),
        (.allow.drop("198.51.100.0/24"), v4, "drop.prefix", "198.51.100.0/24"),
        (.allow.drop("2001:db8::ff"), v6, "drop.host", "2001:db8::ff"),
        (.deny.key("198.51.100.1:53/udp"), v4, "pass.key", "198.51.100.1:53/udp"),
        (.deny.key("[2001:db8::/64]:443/tcp"), v6, "pass.key", "[2001:db8::/64]:443/tcp"),
        (.allow.burst(1), v4, "drop.rate", "all"),
      ] as [(Policy, Frame, String, String?)] {
        let datapath = try EventDatapath.under(policy, .out)
        try datapath.run(frame, count: 2)
        let event = try #require(try datapath.events().last)
        #expect(event.direction == .out)
        #expect(event.reason.name == reason && event.rule == rule, "\(policy): \(event)")
        #expect(event.peer == event.destination && event.source != event.destination)
        #expect(event.destination == (event.source?.width == 32 ? "198.51.100.1" : "2001:db8::ff"))
        #expect(event.bytes == frame.bytes)
      }
    }

    @Test(arguments: Direction.allCases)
    func filtersDirection(_ direction: Direction) throws {
      let datapath = try EventDatapath.under(.allow, direction)
      for wanted in [nil, .in, .out] as [Direction?] {
        var filter = EventFilter()
        filter.direction = wanted
        try datapath.read(filter)
        try datapath.run(Self.four)
        let told = try datapath.events().map(\.direction)
        #expect(told == (wanted == nil || wanted == direction ? [direction] : []))
      }
    }

    @Test func filters() throws {
      let policy = Policy.allow.drop("192.0.2.1").drop("2001:db8::1", monitored: true)
      let frames = [
        Frame(IPv4(.udp(), from: "192.0.2.1")), Frame(IPv4(.udp(), from: "192.0.3.1")),
        Frame(IPv6(.udp(), from: "2001:db8::1")), Frame(IPv6(.udp(), from: "::")), .arp(),
      ]
      let datapath = try EventDatapath.under(policy)
      func told(_ change: (inout EventFilter) -> Void, ifindex: UInt32 = 0) throws -> [Int] {
        var filter = EventFilter()
        change(&filter)
        try datapath.read(filter, ifindex: ifindex)
        for frame in frames { try datapath.run(frame) }
        let told = try datapath.take().map { event in
          withUnsafeBytes(of: event.packet) { Array($0.prefix(Int(event.captured))) }
        }
        #expect(try datapath.tally().matched == UInt64(told.count))
        return frames.indices.filter { told.contains(frames[$0].bytes) }
      }
      #expect(try told { _ in } == [0, 1, 2, 3, 4])
      #expect(try told { $0.reasons = EventFilter.drops } == [0, 2])
      #expect(try told { $0.reasons = [Reason(AEGIS_DROP_HOST)] } == [0, 2])
      #expect(try told { $0.reasons = [Reason(AEGIS_PASS_DEFAULT)] } == [1, 2, 3])
      #expect(try told { $0.reasons = [Reason(AEGIS_PASS_ARP), Reason(AEGIS_DROP_RATE)] } == [4])
      #expect(try told { $0.source = "192.0.2.1" } == [0])
      #expect(try told { $0.source = "192.0.0.0/16" } == [0, 1])
      #expect(try told { $0.source = "0.0.0.0/0" } == [0, 1])
      #expect(try told { $0.source = "2001:db8::/32" } == [2])
      #expect(try told { $0.source = "::/0" } == [2, 3])
      // A test run comes by the loopback interface.
      #expect(try told({ _ in }, ifindex: 1) == [0, 1, 2, 3, 4])
      #expect(try told({ _ in }, ifindex: 2) == [])
    }
  }
}
