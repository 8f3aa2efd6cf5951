import CAegis
import Testing

@testable import Aegis
@testable import aegisctl

@Suite struct EventTests {
  /// 2026-11-26T10:15:54.808964123Z
  private static let moment: Int64 = 1_795_688_154_808_964_123
  private static let ethernet: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]

  private static func event(
    _ reason: aegis_reason, would: aegis_reason? = nil, interface: String = "eth0",
    _ change: (inout aegis_event) -> Void = { _ in }, isBare: Bool = false,
    bytes: [UInt8] = ethernet + [8, 0]
  ) -> Event {
    var event = aegis_event()
    event.reason = reason.rawValue
    event.would_drop = would?.rawValue ?? 0
    event.length = 74
    event.time = 5
    event.captured = UInt16(bytes.count)
    withUnsafeMutableBytes(of: &event.packet) { $0.copyBytes(from: bytes) }
    change(&event)
    let clock = ClockReading(realtime: moment, boottime: 5)
    return Event(
      event, at: clock, interface: interface, rate: event.rates == 0 ? nil : "port 53/udp",
      isBare: isBare)
  }

  private static func udp(_ event: inout aegis_event) {
    event.family = UInt8(AEGIS_FAMILY_V4.rawValue)
    event.source = IPAddress.v4(0xc000_0209).octets
    event.destination = IPAddress.v4(0x0a00_0001).octets
    event.protocol = 17
    event.source_port = UInt16(5353).bigEndian
    event.destination_port = UInt16(53).bigEndian
  }

  private static func v6(_ event: inout aegis_event) {
    event.family = UInt8(AEGIS_FAMILY_V6.rawValue)
    event.source = IPAddress.v6(0x2001_0db8 << 96 | 1).octets
    event.destination = IPAddress.v6(0x2001_0db8 << 96 | 2).octets
    event.protocol = 6
    event.source_port = UInt16(40000).bigEndian
    event.destination_port = UInt16(443).bigEndian
  }

  private static let samples = [
    event(AEGIS_DROP_HOST, udp),
    event(
      AEGIS_DROP_RATE,
      {
        udp(&$0)
        $0.rates = 7
      }),
    event(AEGIS_PASS_DEFAULT, v6),
    event(AEGIS_PASS_MONITORED, would: AEGIS_DROP_DEFAULT, udp),
    event(
      AEGIS_PASS_DEFAULT,
      {
        udp(&$0)
        ($0.protocol, $0.source_port, $0.destination_port, $0.transport) = (1, 0, 0, 14)
      }, bytes: ethernet + [8, 0, 3, 4]),
    event(AEGIS_PASS_ARP, bytes: ethernet + [0x81, 0, 0, 5, 8, 6]),
    event(AEGIS_DROP_NOT_IP, bytes: ethernet + [0x88, 0xb5]),
    event(AEGIS_DROP_MALFORMED, bytes: [2, 0, 0, 0]),
  ]

  private func text(
    _ format: EventFormat, _ events: [Event] = samples, isColourful: Bool = false
  ) throws -> String {
    var printer = EventPrinter(format, interfaces: ["eth0"], isColourful: isColourful)
    return printer.header + (try printer.text(events))
  }

  @Test func table() throws {
    #expect(
      try text(.table) == """
        TIME (UTC)    IFACE  DIR  REASON           RULE                BYTES  SOURCE               DESTINATION
        10:15:54.808  eth0   in   drop.host        192.0.2.9              74  192.0.2.9:5353       10.0.0.1:53/udp
        10:15:54.808  eth0   in   drop.rate        port 53/udp            74  192.0.2.9:5353       10.0.0.1:53/udp
        10:15:54.808  eth0   in   pass.default     -                      74  [2001:db8::1]:40000  [2001:db8::2]:443/tcp
        10:15:54.808  eth0   in   would-drop.default  -                      74  192.0.2.9:5353       10.0.0.1:53/udp
        10:15:54.808  eth0   in   pass.default        -                      74  192.0.2.9            10.0.0.1/icmp type 3 code 4
        10:15:54.808  eth0   in   pass.arp            -                      74  02:00:00:00:00:02    02:00:00:00:00:01/arp
        10:15:54.808  eth0   in   drop.not-ip         -                      74  02:00:00:00:00:02    02:00:00:00:00:01/0x88b5
        10:15:54.808  eth0   in   drop.malformed      -                      74  -                    -

        """)
  }

  @Test func wide() throws {
    let lines = try text(.wide).split(separator: "\n")
    #expect(
      lines[0].split(separator: " ").suffix(5) == [
        "MAC", "CLASS", "SOURCE", "DESTINATION", "MEANING",
      ])
    #expect(lines[1].hasPrefix("2026-11-26T10:15:54.808964Z  eth0   in   drop.host "))
    #expect(
      lines[1].hasSuffix("10.0.0.1:53/udp               its source address is on the drop list"))
    #expect(lines[4].contains("would-drop.default"))
    #expect(
      lines[4].hasSuffix(
        "passed: no key names it and the default is deny, but that is only monitored"))
    #expect(lines[6].contains("     74  -           5     02:00:00:00:00:02  "))
  }

  @Test("a rule is named where it decided, or would have dropped, and not where it only limits")
  func rules() throws {
    let name = try RuleName("amplification")
    for (reason, would, rule) in [
      (AEGIS_DROP_RULE, nil, "rule amplification"), (AEGIS_PASS_RULE, nil, "rule amplification"),
      (AEGIS_PASS_DEFAULT, AEGIS_DROP_RULE, "rule amplification"),
      (AEGIS_PASS_MONITORED, AEGIS_DROP_RULE, "rule amplification"),
      (AEGIS_PASS_DEFAULT, nil, nil), (AEGIS_DROP_DEFAULT, nil, nil),
      (AEGIS_DROP_RATE, nil, "rule ping"), (AEGIS_DROP_RATE, AEGIS_DROP_RULE, "rule ping"),
    ] as [(aegis_reason, aegis_reason?, String?)] {
      var event = aegis_event()
      (event.reason, event.would_drop) = (reason.rawValue, would?.rawValue ?? 0)
      event.rule = 5
      let told = Event(
        event, at: ClockReading(realtime: Self.moment, boottime: 5), interface: "eth0",
        rate: "rule ping", matched: "rule \(name)")
      #expect(told.rule == rule, "\(reason) \(String(describing: would))")
      #expect(EventObject(told).rule == rule)
    }
  }

  @Test("the list is that of the entry that decided, or would have, also behind a key")
  func lists() throws {
    let found = UInt64(3) << UInt64(AEGIS_FOUND_LIST_SHIFT)
    let name = try ListName("fail2ban-sshd")
    for (reason, would, list) in [
      (AEGIS_DROP_HOST, nil, name), (AEGIS_PASS_KEY, AEGIS_DROP_PREFIX, name),
      (AEGIS_PASS_MONITORED, AEGIS_DROP_HOST, name), (AEGIS_DROP_DEFAULT, nil, nil),
      (AEGIS_PASS_KEY, AEGIS_DROP_RATE, nil),
    ] as [(aegis_reason, aegis_reason?, ListName?)] {
      var event = aegis_event()
      (event.reason, event.would_drop) = (reason.rawValue, would?.rawValue ?? 0)
      event.found = found
      let clock = ClockReading(realtime: Self.moment, boottime: 5)
      let shown = Event(event, at: clock, interface: "eth0", rate: nil, list: name)
      #expect(shown.list == list)
      let json = try text(.json, [shown])
      #expect(json.contains(#""list":"fail2ban-sshd""#) == (list != nil), "\(json)")
      #expect(try text(.wide, [shown]).contains(" fail2ban-sshd ") == (list != nil))
    }
    let manual = Self.event(AEGIS_DROP_HOST, Self.udp)
    #expect(manual.list == .manual)
  }

  @Test func colours() throws {
    let lines = try text(.table, isColourful: true).split(separator: "\n")
    #expect(!lines[0].contains("\u{1b}"))
    #expect(lines[1].contains("  \u{1b}[31mdrop.host\u{1b}[0m        192.0.2.9"))
    #expect(lines[3].contains("\u{1b}[32mpass.default\u{1b}[0m"))
    #expect(lines[4].contains("\u{1b}[33mwould-drop.default\u{1b}[0m"))
    #expect(try text(.json, isColourful: true).contains("\u{1b}") == false)
  }

  @Test func json() throws {
    let lines = try text(.json).split(separator: "\n")
    #expect(lines.count == Self.samples.count)
    #expect(
      lines[1] == """
        {"apiVersion":"aegis/v1","destination":"10.0.0.1","destinationPort":53,"direction":"in",\
        "ethernet":{"destination":"02:00:00:00:00:01","etherType":"0x0800",\
        "source":"02:00:00:00:00:02","vlans":[]},"interface":"eth0","kind":"Event","length":74,\
        "packet":"0200000000010200000000020800","protocol":"udp","reason":"drop.rate",\
        "rule":"port 53/udp","source":"192.0.2.9","sourcePort":5353,\
        "time":"2026-11-26T10:15:54.808964123Z","verdict":"drop"}
        """)
    #expect(
      lines[3].contains(#""reason":"pass.monitored","#)
        && lines[3].contains(#""wouldDrop":"drop.default""#))
    #expect(lines[4].contains(#""icmpCode":4,"icmpType":3"#))
    #expect(lines[5].contains(#""etherType":"0x0806","source":"02:00:00:00:00:02","vlans":[5]"#))
    #expect(!lines[7].contains("ethernet"))
  }

  @Test("each source once, and none of what is not IP")
  func names() throws {
    #expect(try text(.name) == "192.0.2.9\n2001:db8::1\n")
  }

  @Test func whatSteersATerminalIsShown() throws {
    let event = Self.event(AEGIS_DROP_HOST, interface: "e\u{1b}[2Jh", Self.udp)
    for format in EventFormat.allCases {
      let text = try text(format, [event], isColourful: false)
      #expect(!text.contains("\u{1b}"), "\(format)")
    }
    #expect(PcapngPacket(event).interface == "e\\u001b[2Jh")
  }

  @Test func comments() {
    let comments = Self.samples.map { PcapngPacket($0).comment }
    #expect(comments[0] == "drop.host 192.0.2.9: its source address is on the drop list")
    #expect(comments[2] == "pass.default: no entry names it and the default is allow")
    let verdicts = [0, 2].map { PcapngPacket(Self.samples[$0]).verdict }
    #expect(verdicts == [1, 2].map { PcapngVerdict(hook: .xdp, action: $0) })
    #expect(PcapngPacket(Self.samples[0]).time == Self.moment)
    #expect(PcapngPacket(Self.samples[0]).originalLength == 74)
  }

  private static func leaving(_ event: inout aegis_event) {
    udp(&event)
    event.direction = AEGIS_DIRECTION_OUT.rawValue
  }

  @Test("what leaves is told by its destination")
  func leaving() throws {
    let samples = [
      Self.event(AEGIS_DROP_HOST, Self.leaving),
      Self.event(AEGIS_PASS_MONITORED, would: AEGIS_DROP_RATE, Self.leaving),
    ]
    #expect(samples.map(\.direction) == [.out, .out])
    #expect(samples[0].peer == .v4(0x0a00_0001) && samples[0].rule == "10.0.0.1")
    #expect(samples.map { PcapngPacket($0).isSent } == [true, true])
    #expect(
      samples.map { PcapngPacket($0).verdict?.action } == [2, -1]
        && PcapngPacket(samples[0]).verdict?.hook == .tc)
    #expect(try text(.name, samples + [Self.samples[0]]) == "10.0.0.1\n192.0.2.9\n")
    let lines = try text(.wide, samples).split(separator: "\n")
    #expect(lines[1].contains("  eth0   out  drop.host "))
    #expect(lines[1].hasSuffix("  its destination address is on the drop list"))
    #expect(
      lines[2].hasSuffix("  passed: its destination is over its rate, but that is only monitored"))
    #expect(try text(.json, samples).contains(#""direction":"out","ethernet""#))
  }

  @Test("a frame without a header of the link has no addresses of one, and gets one in a capture")
  func bare() {
    let packet: [UInt8] = [0x45, 0, 0, 60] + Array(repeating: 0x31, count: 56)
    let event = Self.event(AEGIS_PASS_DEFAULT, Self.udp, isBare: true, bytes: packet)
    #expect(event.link == nil && event.bytes == packet)
    let captured = PcapngPacket(event)
    #expect(Array(captured.bytes.dropFirst(14)) == packet)
    #expect(LinkHeader(captured.bytes)?.etherType == 0x0800)
    #expect(captured.originalLength == 74 + 14)
    let v6 = Self.event(AEGIS_PASS_DEFAULT, Self.v6, isBare: true, bytes: [0x60] + packet)
    #expect(LinkHeader(PcapngPacket(v6).bytes)?.etherType == 0x86dd)
  }

  @Test func summaries() throws {
    var filter = EventFilter(rate: 100)
    func text(_ events: Int, _ tally: EventTally, missed: Duration = .zero) -> EventSummary {
      EventSummary(
        events: events, tally: tally, duration: .milliseconds(1234), missed: missed, filter: filter)
    }
    let plain = text(1, EventTally(matched: 1, told: 1))
    #expect(plain.text == "1 event of 1 packet that matched, in 1.2 s")
    #expect(plain.warning == nil)
    #expect(text(0, EventTally()).text == "0 events of 0 packets that matched, in 1.2 s")
    filter.sample = 10
    let all = text(
      20, EventTally(matched: 1000, told: 30, skipped: 900, lost: 3), missed: .seconds(75))
    #expect(
      all.text == """
        20 events of 1000 packets that matched, in 1.2 s; 67 held back by --rate 100; \
        900 passed over by --sample 10; 3 lost, for they came faster than they were read; 10 not shown; \
        nothing told for 1m15s, while nobody looked
        """)
    #expect(all.warning == all.text)
    #expect(
      try JSONText.compact(all.object) == """
        {"apiVersion":"aegis/v1","events":20,"heldBackByRate":67,"heldBackBySample":900,\
        "kind":"EventSummary","lost":3,"matched":1000,"seconds":1.234,"secondsMissed":75,"told":30}
        """)
  }

  @Test func timesAreExact() {
    #expect(Self.samples[0].timeText(digits: 9) == "2026-11-26T10:15:54.808964123Z")
    let late = ClockReading(realtime: 1_000_000_000, boottime: 100)
    let early = Event(
      aegis_event(), at: ClockReading(realtime: -1, boottime: 0), interface: "", rate: nil)
    #expect(early.timeText(digits: 9) == "1969-12-31T23:59:59.999999999Z")
    #expect(late.nanoseconds(of: 99) == 999_999_999 && late.nanoseconds(of: 101) == 1_000_000_001)
  }

  @Test func linkHeaders() {
    let tagged = Self.ethernet + [0x88, 0xa8, 0xf0, 1, 0x81, 0, 0, 2, 0x81, 0, 0, 3, 8, 0]
    let header = LinkHeader(tagged)
    #expect(header?.vlans == [1, 2, 3] && header?.etherType == 0x0800)
    // The datapath does not look behind a fifth either.
    let five = LinkHeader(Self.ethernet + (1...5).flatMap { [0x81, 0, 0, $0] } + [8, 0])
    #expect(five?.vlans == [1, 2, 3, 4] && five?.etherType == 0x8100)
    #expect(LinkHeader(Array(tagged.prefix(13))) == nil)
    #expect(LinkHeader(Array(tagged.prefix(14)))?.etherType == 0x88a8)
  }
}
