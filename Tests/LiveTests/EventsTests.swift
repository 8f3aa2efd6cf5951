import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// What was decided about packets, told as it is.
  @Suite struct EventsTests {
    private struct Expected {
      let frame: [UInt8]
      let reason: String
      var rule: String?
      var ports: [Int?] = [nil, nil]
      var source: String?
      var vlans: [Int] = []
    }

    private static let ethernet: [UInt8] = Array(repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 1]

    private static func ipv4(
      _ source: [UInt8], _ number: UInt8, _ payload: [UInt8], fragment: UInt8 = 0, longer: Int = 0
    ) -> [UInt8] {
      let total = UInt8(20 + payload.count + longer)
      return ethernet + [8, 0, 0x45, 0, 0, total, 0, 1, 0, fragment, 64, number, 0, 0] + source
        + [203, 0, 113, 1] + payload
    }

    private static func udp(_ port: UInt8) -> [UInt8] {
      [0x1b, 0x58, 0, port, 0, 18, 0, 0] + Array(repeating: 0x61, count: 10)
    }

    private static let tcp: [UInt8] =
      [0x9c, 0x40, 1, 0xbb] + Array(repeating: 0, count: 8) + [0x50, 2, 0, 0, 0, 0, 0, 0]
    private static let ipv6Header: [UInt8] = [0x60, 0, 0, 0, 0, 18, 17, 64]
    private static let v6: [UInt8] = [0x20, 1, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [9]

    private static let expected = [
      Expected(
        frame: ipv4([192, 0, 2, 9], 17, udp(80)), reason: "drop.host", rule: "192.0.2.9",
        ports: [7000, 80], source: "192.0.2.9"),
      Expected(
        frame: ipv4([198, 51, 100, 7], 6, tcp), reason: "drop.prefix", rule: "198.51.100.0/24",
        ports: [40000, 443], source: "198.51.100.7"),
      Expected(
        frame: ipv4([192, 0, 2, 10], 6, tcp), reason: "pass.default", ports: [40000, 443],
        source: "192.0.2.10"),
      Expected(
        frame: ethernet + [0x86, 0xdd] + ipv6Header + v6 + v6 + udp(53), reason: "pass.key",
        rule: "any:53/udp", ports: [7000, 53], source: "2001:db8::9"),
      Expected(
        frame: ipv4([192, 0, 2, 11], 17, udp(99)), reason: "pass.default", ports: [7000, 99],
        source: "192.0.2.11"),
      Expected(
        frame: ipv4([192, 0, 2, 11], 17, udp(99)), reason: "drop.rate", rule: "port 99/udp",
        ports: [7000, 99], source: "192.0.2.11"),
      Expected(
        frame: ipv4([192, 0, 2, 12], 17, udp(53), fragment: 2), reason: "pass.fragment",
        source: "192.0.2.12"),
      Expected(
        frame: FrameTests.frame(from: [192, 0, 2, 9], to: [203, 0, 113, 1], tags: [100, 200]),
        reason: "drop.host", rule: "192.0.2.9", ports: [7000, 7000], source: "192.0.2.9",
        vlans: [100, 200]),
      Expected(
        frame: ethernet + [0x88, 0xb5] + Array(repeating: 7, count: 500), reason: "pass.not-ip"),
      Expected(frame: ipv4([192, 0, 2, 10], 6, tcp, longer: 9), reason: "drop.malformed"),
      Expected(
        frame: ipv4([192, 0, 2, 13], 17, Array(udp(53).prefix(6))), reason: "drop.malformed",
        source: "192.0.2.13"),
    ]

    @Test(
      "tells of each packet once, by which entry what became of it, and shows it as it was sent")
    func exact() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9", "198.51.100.0/24"])
      try live.ok(["allow-key", "any:53/udp"])
      try live.ok(["set-rate", "1/h", "--burst", "1", "--port", "99/udp"])
      let before = try live.stats()
      let reading = try EventReading(live)
      try live.sandbox.send(frames: Self.expected.map(\.frame))
      let events = try reading.end()
      let after = try live.stats()

      #expect(events.all.count == Self.expected.count, "\(events.reasons)")
      for (event, expected) in zip(events.all, Self.expected) {
        let comment: Comment = "\(event)"
        #expect(event["reason"].string == expected.reason, comment)
        #expect(event["verdict"].string == String(expected.reason.prefix(4)), comment)
        #expect(event["rule"].string == expected.rule, comment)
        #expect([event["sourcePort"].int, event["destinationPort"].int] == expected.ports, comment)
        #expect(event["source"].string == expected.source, comment)
        #expect(event["length"].int == expected.frame.count, comment)
        #expect(event["interface"].string == live.interface, comment)
        #expect(event["ethernet"]["vlans"].array.map(\.int) == expected.vlans, comment)
        let hex = expected.frame.prefix(256).map { String(format: "%02x", $0) }.joined()
        #expect(event["packet"].string == hex, comment)
      }
      for reason in Set(Self.expected.map(\.reason)) {
        let told = events.reasons.count { $0 == reason }
        #expect(after[reason] - before[reason] == told, "\(reason)")
      }
      let times = events.all.compactMap { $0["time"].string }
      #expect(times == times.sorted() && times.count == events.all.count)
      #expect(events["matched"] == Self.expected.count && events.isAccountedFor)
      #expect(events.error.hasPrefix("11 events of 11 packets that matched, in "))
      #expect(try !live.eventsAreRead)
    }

    @Test func filters() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9", "198.51.100.0/24"])
      let frames = Self.expected.prefix(3).map(\.frame)
      for (options, sources) in [
        (["--reason", "drop.prefix"], ["198.51.100.7"]),
        (["--reason", "drop.prefix", "--reason", "pass.default"], ["198.51.100.7", "192.0.2.10"]),
        (["--drops"], ["192.0.2.9", "198.51.100.7"]),
        (["--source", "192.0.2.0/24"], ["192.0.2.9", "192.0.2.10"]),
        (["--source", "192.0.2.10", "--drops"], []),
        (["--source", "2001:db8::/32"], []),
        ([live.interface], ["192.0.2.9", "198.51.100.7", "192.0.2.10"]),
      ] {
        let reading = try EventReading(live, options)
        try live.sandbox.send(frames: frames)
        let events = try reading.end()
        #expect(events.all.compactMap { $0["source"].string } == sources, "\(options)")
        #expect(events["matched"] == sources.count, "\(options)")
      }
      #expect(try live.fails(69, ["events", "lo"]).contains("lo is not attached"))
    }

    @Test(
      "both directions are told, each with the names of its own policy",
      .enabled(if: Leaving.isPossible, "needs Linux 6.6, for links of tc"))
    func directions() throws {
      let live = try Live.attached()
      let leaving = try Leaving(live)
      // Both have the same number.
      try live.ok(["set-rate", "1/h", "--burst", "1", "--port", "99/udp"])
      try live.ok(["set-rate", "1/h", "--burst", "1", "--port", "98/udp", "--out"])
      try live.ok(["drop-ip", "192.0.2.9"])
      try live.ok(["drop-ip", "203.0.113.0/24", "--out"])
      let out = [
        Frame(IPv4(.udp(98))), Frame(IPv4(.udp(98))),
        Frame(IPv4(.udp(53), from: "203.0.113.7")).turned,
      ]
      let coming = [Self.expected[0], Self.expected[4], Self.expected[5]].map(\.frame)
      for (options, directions) in [
        ([], ["in", "out"]), (["--direction", "in"], ["in"]), (["--direction", "out"], ["out"]),
      ] {
        try live.ok(["set-rate", "off", "--port", "98/udp", "--out"])
        try live.ok(["set-rate", "1/h", "--burst", "1", "--port", "98/udp", "--out"])
        try live.ok(["set-rate", "off", "--port", "99/udp"])
        try live.ok(["set-rate", "1/h", "--burst", "1", "--port", "99/udp"])
        let reading = try EventReading(live, options)
        try live.sandbox.send(frames: coming)
        try leaving.send(out)
        let events = try reading.end()
        func told(_ direction: String) -> [[String?]] {
          events.all.filter { $0["direction"].string == direction }
            .map { [$0["reason"].string, $0["rule"].string] }
        }
        #expect(
          told("in")
            == (directions.contains("in")
              ? [
                ["drop.host", "192.0.2.9"], ["pass.default", nil], ["drop.rate", "port 99/udp"],
              ] : []),
          "\(options)")
        #expect(
          told("out")
            == (directions.contains("out")
              ? [
                ["pass.default", nil], ["drop.rate", "port 98/udp"],
                ["drop.prefix", "203.0.113.0/24"],
              ] : []),
          "\(options)")
        #expect(events["matched"] == 3 * directions.count && events.isAccountedFor)
        #expect(try !live.eventsAreRead)
      }
      try live.ok(["detach", live.interface, "--direction", "in"])
      let gone = try live.fails(69, ["events", live.interface, "--direction", "in"])
      #expect(gone.contains("\(live.interface) is not attached for packets that come in"))
      let named = try EventReading(live, ["--direction", "out", "--drops"], format: "name")
      try leaving.send(out + out)
      Thread.sleep(forTimeInterval: 0.15)
      named.signal(SIGINT)
      #expect(try named.outcome().output == "198.51.100.1\n203.0.113.7\n")
    }

    @Test(
      "packets without a header of the link are told as they are, and captured with one",
      .enabled(if: Leaving.isPossible, "needs Linux 6.6, for links of tc"))
    func bare() throws {
      let live = Live(try Sandbox(ipv6: false))
      let tun = try live.sandbox.inside(.host) { try Tun("x0") }
      try live.sandbox.ip(in: .host, ["addr add 198.51.100.1/24 dev x0", "link set x0 up"])
      try live.ok(["load"])
      try live.ok(["attach", "x0"])
      let packet = IPv4(.udp(53), from: "198.51.100.9").bytes
      try TemporaryDirectory.with { directory in
        let file = directory.path + "/events.pcapng"
        let reading = try EventReading(live, ["x0", "--pcap", file, "--count", "2"])
        // The second is too short for its header.
        try tun.send([packet, Array(packet.prefix(19))])
        let events = try Events(reading.outcome())
        #expect(events.reasons == ["pass.default", "drop.malformed"])
        #expect(events.all.allSatisfy { $0["ethernet"].isNull })
        #expect(
          events.all[0]["packet"].string == packet.map { String(format: "%02x", $0) }.joined())
        #expect(events.all[0]["length"].int == packet.count)
        let dumped = try Command(["tcpdump", "-nr", file, "udp"]).succeed()
        #expect(dumped.contains(" IP 198.51.100.9.40000 > 198.51.100.1.53: "), "\(dumped)")
      }
    }

    @Test("a reader that was killed is told nothing more of what leaves either")
    func killedLeaving() throws {
      guard Leaving.isPossible else { return }
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let leaving = try Leaving(live)
      let reading = try EventReading(live)
      #expect(try live.eventsAreRead(.out))
      reading.signal(SIGKILL)
      _ = try reading.outcome()
      Thread.sleep(forTimeInterval: 2.1)
      try leaving.send([Frame(IPv4(.udp()))])
      #expect(try !live.eventsAreRead(.out))
      // Nothing has come in that would have noticed.
      #expect(try live.eventsAreRead)
    }

    @Test func countAndTime() throws {
      let live = try Live.attached()
      let counted = try EventReading(live, ["--count", "3", "--source", "192.0.2.0/24"])
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 10)
      let outcome = try counted.outcome()
      #expect(outcome.status == 0)
      let events = try Events(outcome)
      #expect(events.all.count == 3 && events["events"] == 3 && events["told"] == 10)

      let start = ContinuousClock.now
      let timed = try Events(live.run(["events", "--for", "700ms", "-o", "json"]))
      #expect(start.duration(to: .now) >= .milliseconds(700))
      #expect(timed.summary["seconds"].double.map { $0 >= 0.7 } == true)

      // By name each source once, and the summary apart.
      let named = try EventReading(live, ["--source", "192.0.2.0/24"], format: "name")
      for last in [1, 2, 1, 2] {
        try live.sandbox.send(from: "192.0.2.\(last)", port: 7001, count: 3)
      }
      Thread.sleep(forTimeInterval: 0.15)
      named.signal(SIGINT)
      let names = try named.outcome()
      #expect(names.output == "192.0.2.1\n192.0.2.2\n")
      #expect(names.error.hasPrefix("12 events of 12 packets that matched"))
    }

    @Test("what is only monitored is told of as what it would be")
    func monitored() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9", "--monitor"])
      try live.ok(["drop-ip", "192.0.2.10"])
      try live.ok(["set-mode", "monitor"])
      let reading = try EventReading(live, ["--drops"])
      for last in [9, 10, 11] { try live.sandbox.send(from: "192.0.2.\(last)", port: 7001) }
      let events = try reading.end()
      #expect(events.reasons == ["pass.default", "pass.monitored"])
      #expect(events.all.map { $0["verdict"].string } == ["pass", "pass"])
      #expect(events.all.map { $0["wouldDrop"].string } == ["drop.host", "drop.host"])
      #expect(events.all.map { $0["rule"].string } == ["192.0.2.9", "192.0.2.10"])
    }

    @Test("the rate that only monitors is named, not one that had room for the packet")
    func monitoredRate() throws {
      let live = try Live.attached()
      try live.ok(["set-rate", "1/h", "--burst", "1", "--port", "99/udp", "--monitor"])
      try live.ok(["set-rate", "1000/s", "--total"])
      let reading = try EventReading(live, ["--reason", "drop.rate"])
      try live.sandbox.send(from: "192.0.2.9", port: 99, count: 3)
      let events = try reading.end()
      #expect(events.all.map { $0["wouldDrop"].string } == ["drop.rate", "drop.rate"])
      #expect(events.all.map { $0["rule"].string } == ["port 99/udp", "port 99/udp"])
    }

    @Test("a capture that tcpdump and tshark read, with the reason beside each packet")
    func capture() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9"])
      try TemporaryDirectory.with { directory in
        let file = directory.path + "/events.pcapng"
        let reading = try EventReading(live, ["--pcap", file, "-q"])
        try live.sandbox.send(frames: Self.expected.map(\.frame))
        Thread.sleep(forTimeInterval: 0.15)
        reading.signal(SIGINT)
        let outcome = try reading.outcome()
        #expect(outcome.status == 0 && outcome.output == "" && outcome.error == "")
        let fields = ["frame.comment", "frame.interface_name", "frame.len", "frame.cap_len"]
        let shown = try Command(
          ["tshark", "-r", file, "-T", "fields"] + fields.flatMap { ["-e", $0] }
        ).succeed().split(separator: "\n")
        #expect(shown.count == Self.expected.count)
        let first = "drop.host 192.0.2.9: its source address is on the drop list"
        #expect(shown.first.map(String.init) == "\(first)\t\(live.interface)\t52\t52")
        #expect(shown[8].hasSuffix("\t514\t256"))
        let dumped = try Command(["tcpdump", "-nr", file, "src", "192.0.2.9"]).succeed()
        #expect(dumped.contains(" IP 192.0.2.9.7000 > 203.0.113.1.80: "), "\(dumped)")
      }
      let tool = live.aegis.command([
        "events", "--pcap", "-", "--count", "2", "--source", "192.0.2.9",
      ])
      let pipe = try Command(
        ["sh", "-c", "\"$@\" | tcpdump -nr -", "sh"] + tool.arguments,
        environment: tool.environment, namespace: live.sandbox.host.namespace
      ).start()
      try live.wait(untilEventsAreRead: true)
      try live.sandbox.send(frames: [Self.expected[0].frame, Self.expected[7].frame])
      let piped = try pipe.wait()
      #expect(piped.output.split(separator: "\n").count == 2, "\(piped)")
      #expect(piped.error.contains("2 events of 2 packets that matched"))
    }

    /// Runs the tool on a terminal until it ends.
    private static let terminal = """
      import os, pty, sys
      sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
      """

    @Test(
      "the verdict has a colour on a terminal, unless NO_COLOR says otherwise; a capture is not for one"
    )
    func onATerminal() throws {
      let live = try Live.attached()
      func shown(_ options: [String], _ noColour: String?) throws -> Outcome {
        let tool = live.aegis.command(
          ["events"] + options, environment: ["NO_COLOR": noColour, "TERM": "xterm"])
        let running = try Command(
          ["python3", "-c", Self.terminal] + tool.arguments, environment: tool.environment,
          namespace: live.sandbox.host.namespace
        ).start()
        if options.contains("--count") {
          try live.wait(untilEventsAreRead: true)
          try live.sandbox.send(frames: [Self.expected[2].frame])
        }
        return try running.wait()
      }
      let options = ["--count", "1", "--source", "192.0.2.0/24"]
      let coloured = try shown(options, nil)
      #expect(coloured.status == 0)
      #expect(coloured.output.contains("\u{1b}[32mpass.default\u{1b}[0m     -  "), "\(coloured)")
      #expect(coloured.output.contains("1 event of 1 packet that matched"))
      let plain = try shown(options, "1")
      #expect(plain.output.contains("pass.default") && !plain.output.contains("\u{1b}"))
      let refused = try shown(["--pcap", "-"], nil)
      #expect(refused.status == 64 && refused.output.contains("writes binary data"))
    }
  }
}
