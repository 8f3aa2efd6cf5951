import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel
@testable import aegisctl

extension Kernel {
  /// A policy tried on a capture.
  struct ReplayTests {
    private static let packets = 120_000
    private static let udp = Frame(IPv4(.udp(53), from: "192.0.2.1")).bytes

    @Test("120,000 packets are judged as the same ones were live, and nothing changes")
    func agreesWithLive() throws {
      let live = Live(try Sandbox(ipv6: false))
      let lane = try VethPair(live.sandbox, number: 0)
      try live.ok(["load", "--max-drops", "128", "--max-keys", "64", "--max-sources", "6000"])
      try live.ok(["attach", lane.interface])
      var generator = SeededGenerator(seed: 20_261_126)
      try live.replace(policyBy: Aegis.Policy(generator.richPolicy()))
      var frames: [Frame] = []
      while frames.count < Self.packets {
        let frame = generator.frame()
        if !frame.isTagCut { frames.append(frame) }
      }
      for start in stride(from: 0, to: frames.count, by: 200) {
        try lane.send(Array(frames[start..<min(start + 200, frames.count)]))
        try live.await(packets: UInt64(min(start + 200, frames.count)))
      }
      let before = try live.ok(["stats"])["total"]
      let entries = try live.ok(["dump", "drops"])["drops"].array.map { $0["hits"].int }
      let told = try TemporaryDirectory.with { directory in
        let path = directory.path + "/sent.pcapng"
        try write(frames.map(\.bytes), to: path, spacing: 10_000)
        return try live.ok(["replay", path])
      }
      #expect(told["packets"].int == Self.packets)
      #expect(counts(told["reasons"]) == counts(before["reasons"]))
      #expect(counts(told["wouldDrop"]) == counts(before["wouldDrop"]))
      #expect(counts(told["reasons"]).count > 8, "of few kinds: \(told["reasons"])")
      #expect(counts(told["reasons"])["drop.rate"] ?? 0 > 1000)
      #expect(counts(try live.ok(["stats"])["total"]["reasons"]) == counts(before["reasons"]))
      #expect(try live.ok(["dump", "drops"])["drops"].array.map { $0["hits"].int } == entries)
    }

    @Test(
      "the recorded times are what the limiter sees",
      arguments: [("1", 20), ("0.5", 20), ("2", 10), ("10", 2), ("max", 1)])
    func paces(speed: String, passed: Int) throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["set-rate", "60/m", "--burst", "1"])
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/slow.pcapng"
        try write(Array(repeating: Self.udp, count: 20), to: path, spacing: 1_000_000_000)
        let start = ContinuousClock.now
        let told = try live.ok(["replay", path, "--speed", speed])
        #expect(start.duration(to: .now) < .seconds(15), "it waits for nothing")
        #expect(told["recordedSeconds"].double == 19)
        #expect(told["passed"]["packets"].int == passed)
        #expect(told["dropped"]["packets"].int == 20 - passed)
      }
    }

    @Test("sources that are hit are told, the worst first, and can be dropped")
    func sources() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["set-rate", "1/h", "--burst", "2"])
      try live.ok(["drop-ip", "192.0.2.9"])
      let frames = [("192.0.2.1", 5), ("192.0.2.2", 2), ("192.0.2.3", 9), ("192.0.2.9", 4)]
        .flatMap { source, count in
          Array(repeating: try! PacketQuery(source: source, to: "53/udp").frame, count: count)
        }
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/sources.pcapng"
        try write(frames, to: path, spacing: 1000)
        let told = try live.ok(["replay", path])
        #expect(told["sources"].int == 4)
        #expect(
          told["sourcesHit"].array.map { $0["source"].string } == [
            "192.0.2.3", "192.0.2.9", "192.0.2.1",
          ])
        #expect(told["sourcesHit"][0]["reasons"]["drop.rate"].int == 7)
        #expect(told["sourcesHit"][1]["reasons"]["drop.host"].int == 4)
        let names = try live.run(["replay", path, "--top", "1", "-o", "name"]).output
        #expect(names == "192.0.2.3\n")
        let filtered = try live.ok(["replay", path, "--filter", "src host 192.0.2.9"])
        #expect(filtered["packets"].int == 4)
        let table = try live.run(["replay", path]).output
        #expect(table.contains("sources with the most drops"))
      }
    }

    @Test("what is wrong is told, with what was read until then")
    func mistakes() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.fails(69, ["replay", "/nowhere.pcap"])
      try live.ok(["load"])
      try live.fails(65, ["replay", "/nowhere.pcap"])
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/whole.pcapng"
        try write(Array(repeating: Self.udp, count: 3), to: path, spacing: 1000)
        try live.fails(65, ["replay", path, "--speed", "0"])
        try live.fails(65, ["replay", path, "--speed", "fast"])
        let whole = try Data(contentsOf: URL(filePath: path))
        let cut = try directory.file("cut.pcapng", whole.dropLast(20))
        let outcome = try live.run(["replay", cut, "-o", "json"])
        #expect(outcome.status == 65)
        #expect(outcome.error.contains("packet 3"))
        #expect(try outcome.json["packets"].int == 2)
      }
    }

    /// LINKTYPE_LINUX_SLL, of frames with IPv4 in them that came or were sent.
    private static func cooked(_ frames: [(frame: [UInt8], isSent: Bool)]) -> [UInt8] {
      let words: [UInt32] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65535, 113]
      var capture = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
      for (frame, isSent) in frames {
        let header: [UInt8] = [0, isSent ? 4 : 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 8, 0]
        let bytes = header + frame.dropFirst(14)
        let record = [1_700_000_000, 0, UInt32(bytes.count), UInt32(bytes.count)]
        capture += record.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
        capture += bytes
      }
      return capture
    }

    @Test("what leaves is judged by its own policy, by destination, and what came in is left out")
    func leaving() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["set-default", "deny", "--force"])
      try live.ok(["drop-ip", "198.51.100.0/24", "--out"])
      func sent(_ source: IPAddress, to port: UInt16 = 53) -> [UInt8] {
        Frame(IPv4(.udp(port), from: source)).turned.bytes
      }
      let frames = [
        (Self.udp, false), (Frame(IPv4(.udp(53))).bytes, true), (sent("192.0.2.7"), true),
        (sent("192.0.2.7"), true), (sent("192.0.2.8"), true), (sent("192.0.2.8"), false),
      ]
      try live.ok(["drop-ip", "192.0.2.7", "--out"])
      try TemporaryDirectory.with { directory in
        let path = try directory.file("any.pcap", Self.cooked(frames))
        let told = try live.ok(["replay", path, "--out"])
        #expect(told["direction"].string == "out")
        #expect(told["packets"].int == 4 && told["incoming"].int == 2 && told["outgoing"].int == 0)
        #expect(counts(told["reasons"]) == ["drop.prefix": 1, "drop.host": 2, "pass.default": 1])
        #expect(told["sources"].int == 3)
        let hit = ["192.0.2.7", "198.51.100.1"]
        #expect(told["sourcesHit"].array.map { $0["source"].string } == hit)
        #expect(
          try live.run(["replay", path, "--out", "-o", "name"]).output
            == "192.0.2.7\n198.51.100.1\n")
        let table = try live.run(["replay", path, "--out"]).output
        #expect(
          table.contains("destinations with the most drops") && table.contains("\nDESTINATION "))
        #expect(table.contains("received") && !table.contains("source"))
        let other = try live.ok(["replay", path])
        #expect(other["packets"].int == 2 && other["outgoing"].int == 4)
        #expect(counts(other["reasons"]) == ["drop.default": 2])
      }
    }

    @Test("a rate is for each destination, and a policy file need not be loaded")
    func leavingByFile() throws {
      let frames = [1, 2, 1, 1, 2, 3].map { last in
        Frame(IPv4(.udp(53), from: IPAddress.v4(0xc000_0200 + last))).turned.bytes
      }
      let policy = """
        apiVersion: aegis/v1
        kind: Policy
        spec: {default: deny, out: {default: allow, rates: [{rate: 1/h, burst: 1}]}}
        """
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/sent.pcapng"
        try write(frames, to: path, spacing: 1000)
        let file = try directory.file("policy.yaml", Array(policy.utf8))
        let told = try Aegisctl().run(["replay", path, "--out", "-f", file, "-o", "json"]).json
        #expect(counts(told["reasons"]) == ["pass.default": 3, "drop.rate": 3])
        let hit = told["sourcesHit"].array.map {
          [$0["source"].string, $0["dropped"].int.map(String.init)]
        }
        #expect(hit == [["192.0.2.1", "2"], ["192.0.2.2", "1"]])
      }
    }

    @Test("under deny, connections pass that the host accepted, if the capture has their beginning")
    func accepted() throws {
      let policy = """
        apiVersion: aegis/v1
        kind: Policy
        spec: {out: {default: deny}}
        """
      func tcp(_ flags: UInt8, to peer: IPAddress, _ port: UInt16) -> [UInt8] {
        var frame = Frame(IPv4(.tcp(port), from: peer)).turned
        frame.bytes[14 + 20 + 13] = flags
        return frame.bytes
      }
      let (syn, ack): (UInt8, UInt8) = (2, 16)
      let frames = [
        // One that it accepts, and one that it opens.
        tcp(syn | ack, to: "192.0.2.1", 5000), tcp(ack, to: "192.0.2.1", 5000),
        tcp(syn, to: "192.0.2.2", 443), tcp(ack, to: "192.0.2.2", 443),
        // Others of the same peer, and one that began before.
        tcp(ack, to: "192.0.2.1", 5001), tcp(ack, to: "192.0.2.3", 5000),
      ]
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/sent.pcapng"
        try write(frames, to: path, spacing: 1000)
        let file = try directory.file("policy.yaml", Array(policy.utf8))
        let told = try Aegisctl().run(["replay", path, "--out", "-f", file, "-o", "json"]).json
        #expect(counts(told["reasons"]) == ["pass.reply": 2, "drop.default": 4])
      }
    }

    @Test("what the capturing host sent itself is left out")
    func outgoing() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["set-default", "deny", "--force"])
      let capture = Self.cooked([(Self.udp, false), (Self.udp, true), (Self.udp, true)])
      try TemporaryDirectory.with { directory in
        let path = try directory.file("any.pcap", capture)
        let told = try live.ok(["replay", path])
        #expect(told["packets"].int == 1 && told["outgoing"].int == 2)
        #expect(told["dropped"]["packets"].int == 1)
        #expect(try live.run(["replay", path]).output.contains("2, skipped"))
      }
    }

    @Test(
      "a packet that is shorter than the header of its link is counted and passed over",
      arguments: [(0, 2), (113, 10), (113, 15), (276, 19), (1, 5)] as [(UInt32, Int)])
    func short(link: UInt32, bytes: Int) throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let header: [UInt8] =
        switch link {
        case 0: [2, 0, 0, 0]
        case 113: [0, 0, 0, 1, 0, 6] + .zeros(8) + [8, 0]
        case 276: [8, 0] + .zeros(6) + [0, 1, 0, 6] + .zeros(8)
        default: Array(Self.udp.prefix(14))
        }
      let whole = header + Self.udp.dropFirst(14)
      let words: [UInt32] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65535, link]
      var capture = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
      for packet in [whole, Array(whole.prefix(bytes)), whole, whole] {
        let record = [1_700_000_000, 0, UInt32(packet.count), UInt32(packet.count)]
        capture += record.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
        capture += packet
      }
      try TemporaryDirectory.with { directory in
        let path = try directory.file("short.pcap", capture)
        let told = try live.ok(["replay", path])
        #expect(told["packets"].int == 3 && told["unjudged"].int == 1)
        #expect(told["cut"].int == 0)
        #expect(try live.run(["replay", path]).output.contains("1, not evaluated"))
        let why = try live.run(["why", "--packet", path, "--number", "2"])
        #expect(why.status == 65)
        #expect(try live.run(["why", "--packet", path, "--number", "3"]).status == 0)
      }
    }

    @Test("packets that are cut within their headers are left out, those cut behind are not")
    func cut() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["drop-ip", "2001:db8::7"])
      var query = try PacketQuery(source: "2001:db8::7", to: "53/udp")
      query.length = 200
      let frame = query.frame
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/cut.pcapng"
        var writer = try PcapngWriter(path, interfaces: ["veth"])
        // The headers end after 62 bytes.
        for captured in [14, 30, 56, 61, 62, 100, 200] {
          try writer.write(
            PcapngPacket(
              time: 0, bytes: Array(frame.prefix(captured)), originalLength: frame.count,
              interface: "veth"))
        }
        try writer.flush()
        let told = try live.ok(["replay", path])
        #expect(told["cut"].int == 6 && told["unreadable"].int == 4)
        #expect(told["packets"].int == 3)
        #expect(counts(told["reasons"]) == ["drop.host": 3])
        let why = try live.run(["why", "--packet", path, "--number", "3", "-o", "name"])
        #expect(why.error.contains("cut within its headers: 56 of 200 bytes"))
      }
    }

    private func write(_ frames: [[UInt8]], to path: String, spacing: Int64) throws {
      var writer = try PcapngWriter(path, interfaces: ["veth"])
      for (index, frame) in frames.enumerated() {
        try writer.write(
          PcapngPacket(
            time: 1_700_000_000_000_000_000 + Int64(index) * spacing, bytes: frame,
            originalLength: frame.count, interface: "veth"))
      }
      try writer.flush()
    }

    private func counts(_ list: JSON) -> [String: Int] {
      list.array.reduce(into: [:]) { counts, item in
        guard let name = item["reason"].string, let packets = item["packets"].int, packets > 0
        else { return }
        counts[name] = packets
      }
    }
  }
}

extension SeededGenerator {
  /// One that reaches most reasons, with a rate that gives nothing back.
  fileprivate mutating func richPolicy() -> TestModel.Policy {
    while true {
      var policy = policy()
      guard policy.isConfigured, !policy.isUnconfirmed, !policy.isMonitoring,
        !policy.deniesByDefault, policy.drops.count > 3, policy.keys.count > 3
      else { continue }
      var seen: Set<AllowKey> = []
      policy.keys.removeAll { !seen.insert($0.key).inserted }
      return policy.burst(19)
    }
  }
}
