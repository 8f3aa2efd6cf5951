import Aegis
import TestSupport
import Testing

@testable import TestModel

extension Kernel {
  /// Which class frames of every kind are counted under.
  struct ClassFrameTests {
    private static let domestic4: IPAddress = "192.0.2.1"
    private static let domestic6: IPAddress = "2001:db8:1::1"

    private static let cases: [(name: String, frame: Frame, className: String)] = [
      ("UDP", Frame(IPv4(.udp(), from: domestic4)), "domestic"),
      ("TCP", Frame(IPv4(.tcp(), from: domestic4)), "domestic"),
      ("ICMP", Frame(IPv4(.icmp(), from: domestic4)), "domestic"),
      ("another protocol", Frame(IPv4(.other(47), from: domestic4)), "domestic"),
      ("of another country", Frame(IPv4(.udp(), from: "203.0.113.1")), "foreign"),
      ("of no country", Frame(IPv4(.udp(), from: "100.64.0.1")), "foreign"),
      ("a tag", Frame(IPv4(.udp(), from: domestic4), tags: [Frame.vlan]), "domestic"),
      (
        "two tags", Frame(IPv4(.udp(), from: domestic4), tags: [Frame.serviceVLAN, Frame.vlan]),
        "domestic"
      ),
      (
        "IP options", Frame(IPv4(.udp(), from: domestic4) { $0.options = [1, 1, 1, 1] }),
        "domestic"
      ),
      (
        "the first fragment", Frame(IPv4(.udp(), from: domestic4) { $0.hasMoreFragments = true }),
        "domestic"
      ),
      (
        "a later fragment", Frame(IPv4(.other(17), from: domestic4) { $0.fragmentOffset = 100 }),
        "domestic"
      ),
      ("UDP over IPv6", Frame(IPv6(.udp(), from: domestic6)), "domestic"),
      ("suspicious IPv6", Frame(IPv6(.udp(), from: "2001:db8:2::1")), "suspicious"),
      ("foreign IPv6", Frame(IPv6(.udp(), from: "2001:db8:3::1")), "foreign"),
      ("a tag and IPv6", Frame(IPv6(.udp(), from: domestic6), tags: [Frame.vlan]), "domestic"),
      (
        "extension headers",
        Frame(IPv6(.udp(), from: domestic6) { $0.extensions = [.hopByHop(), .destination()] }),
        "domestic"
      ),
      (
        "a first fragment of IPv6",
        Frame(IPv6(.udp(), from: domestic6) { $0.extensions = [.fragment(0, more: true)] }),
        "domestic"
      ),
      (
        "a later fragment of IPv6",
        Frame(IPv6(.other(17), from: domestic6) { $0.extensions = [.fragment(100, more: false)] }),
        "domestic"
      ),
      // Nothing after the IP header is read, nor is its class looked up.
      (
        "half a header of UDP", Frame(IPv4(.udp().truncated(to: 4), from: domestic4)),
        Live.noClass
      ),
      ("ARP", Frame.arp(), Live.noClass),
      ("neither IP nor ARP", Frame(0x88b5, .zeros(46)), Live.noClass),
      ("a tag before what is not IP", Frame(0x88b5, .zeros(46), tags: [Frame.vlan]), Live.noClass),
      ("version 5", Frame(IPv4(.udp(), from: domestic4) { $0.version = 5 }), Live.noClass),
      (
        "half a header of IPv4", Frame(IPv4(.udp(), from: domestic4)).truncated(to: 14 + 10),
        Live.noClass
      ),
      (
        "half a header of IPv6", Frame(IPv6(.udp(), from: domestic6)).truncated(to: 14 + 20),
        Live.noClass
      ),
    ]

    private static func attached() throws -> (Live, VethPair) {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      // Nobody says anything there but the test.
      let pair = try VethPair(live.sandbox, number: 1)
      try live.ok(["attach", pair.interface])
      try live.nameClasses()
      return (live, pair)
    }

    @Test("frames with an IP header have the class of its address, and others none")
    func everyKind() throws {
      let (live, pair) = try Self.attached()
      // Whatever the verdict is.
      for policy in ["allow", "deny"] {
        try live.ok(["set-default", policy])
        for one in Self.cases {
          let counted = try pair.packetsByClass(live, of: [one.frame, one.frame])
          #expect(counted == [one.className: 2], "\(one.name), \(policy)")
        }
      }
      let stats = try live.stats(pair.interface)
      let classes = try live.classStats().values
      #expect(stats.passed == classes.reduce(0) { $0 + $1.passed })
      #expect(stats.dropped == classes.reduce(0) { $0 + $1.dropped })
      #expect(stats.bytes == classes.reduce(0) { $0 + $1.passedBytes + $1.droppedBytes })
    }

    @Test("dropped sources have their class")
    func drops() throws {
      let (live, pair) = try Self.attached()
      let frame = Frame(IPv4(.udp(), from: Self.domestic4))
      try live.ok(["drop-ip", "192.0.2.0/24"])
      #expect(try pair.packetsByClass(live, of: [frame, frame, frame]) == ["domestic": 3])
      #expect(try live.classStats()["domestic"]?.dropped == 3)
    }

    @Test("at a wire too, also if nothing else is asked; what comes in by a trusted port has none")
    func wired() throws {
      let live = try GatewayLive.joined()
      let frame = GatewayFrames.ipv4(from: [192, 0, 2, 1])
      #expect(try live.classStats().isEmpty)
      try live.nameClasses()
      for trusted in ["none", live.right.port] {
        try live.attach(["--trust", trusted])
        for end in [live.left, live.right] {
          let counted = try live.packetsByClass {
            let came = try live.crossing([frame, frame, frame], from: end)
            #expect(came.count == 3)
          }
          #expect(counted == [end.port == trusted ? Live.noClass : "domestic": 3])
        }
      }
    }

    @Test("a rate by class limits tagged frames and every fragment")
    func limited() throws {
      let (live, pair) = try Self.attached()
      try live.limit(4, "--class", "domestic")
      let frames = [
        Frame(IPv4(.udp(), from: Self.domestic4), tags: [Frame.vlan]),
        Frame(IPv4(.udp(), from: Self.domestic4) { $0.hasMoreFragments = true }),
        Frame(IPv4(.other(17), from: Self.domestic4) { $0.fragmentOffset = 100 }),
      ]
      #expect(try pair.packetsByClass(live, of: frames + frames + frames) == ["domestic": 9])
      #expect(try live.classStats()["domestic"]?.passed == 4)
      #expect(try live.classStats()["domestic"]?.dropped == 5)
    }
  }
}

extension VethPair {
  /// Sends frames; returns how many packets of each class were counted.
  fileprivate func packetsByClass(_ live: Live, of frames: [Frame]) throws -> [String: Int] {
    let before = try passage(of: 0).met
    return try live.packetsByClass {
      try send(frames)
      try LatencyCase.wait { try passage(of: 0).met == before + frames.count }
    }
  }
}
