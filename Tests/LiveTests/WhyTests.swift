import Glibc
import TestSupport
import Testing

@testable import Aegis
@testable import aegisctl

extension Kernel {
  /// What becomes of a packet, told by the tool.
  struct WhyTests {
    @Test(
      "stage by stage: the entry with its note, the rule and why it decides, what is left of it")
    func way() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.3", "--ttl", "1h", "--note", "scanner"])
      try live.ok(["drop-ip", "198.51.100.0/24", "--monitor"])
      try live.ok(["allow-key", "192.0.2.2:22/tcp", "--protect"])
      try live.ok(["set-rate", "100/s", "--burst", "20"])
      try live.ok(["set-rate", "1/h", "--burst", "3", "--port", "53/udp"])

      let dropped = try live.ok(["why", "192.0.2.3"])
      #expect(dropped["reason"].string == "drop.host")
      #expect(dropped["verdict"].string == "drop")
      let entry = dropped["steps"].first("stage", "drops")["entry"]
      #expect(entry["name"].string == "192.0.2.3")
      #expect(entry["note"].string == "scanner")
      #expect((3_500_000...3_600_000).contains(entry["remainingMilliseconds"].int ?? 0))

      let monitored = try live.ok(["why", "198.51.100.7", "to", "80"])
      #expect(monitored["reason"].string == "pass.default")
      #expect(monitored["wouldDrop"].string == "drop.prefix")

      let name = try live.run(["why", "192.0.2.2:4000", "to", "22", "-o", "name"])
      #expect(name.output == "pass.protected\n")

      for left in [3, 2] {
        let limited = try live.ok(["why", "192.0.2.7", "to", "53/udp"])
        let bucket = limited["steps"].first("stage", "rate")["buckets"][0]
        #expect(bucket["rule"]["rule"].string == "port 53/udp")
        #expect(bucket["passedOver"][0]["rule"].string == "all")
        #expect(bucket["left"].int == left)
        try live.sandbox.send(from: "192.0.2.7", port: 53, count: 1)
        try awaitPackets(4 - left, live)
      }
      try live.sandbox.send(from: "192.0.2.7", port: 53, count: 5)
      try awaitPackets(7, live)
      let over = try live.ok(["why", "192.0.2.7", "to", "53/udp"])
      #expect(over["reason"].string == "drop.rate")
      #expect(
        (over["steps"].first("stage", "rate")["buckets"][0]["retryMilliseconds"].double ?? 0) > 0)
      #expect(try judged(live) == 7, "none of that is counted")
    }

    @Test("under deny a fragment needs a key without a port")
    func fragments() throws {
      let live = try Live.attached()
      try live.ok(["allow-key", "any:53/udp"])
      try live.ok(["allow-key", "any:53", "--protect"])
      try live.ok(["set-default", "deny"])
      var frame = try PacketQuery(source: "192.0.2.7", to: "53/udp").frame
      func why() throws -> String {
        let hex = frame.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return try live.run(["why", "-"], input: hex).output
      }
      #expect(try why().contains("pass.protected"))
      // More fragments follow.
      frame[20] = 0x20
      let part = try why()
      #expect(part.contains("drop.default"))
      #expect(part.contains("keys            continues  no key without a port matches"))
      try live.ok(["allow-key", "any/udp"])
      #expect(try why().contains("pass.key"))
    }

    @Test("a frame as bytes or out of a capture is asked about like one in words")
    func frames() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "2001:db8::7"])
      let frame = try self.frame(from: "2001:db8::7")
      let hex = frame.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      #expect(try live.run(["why", "-", "-o", "name"], input: hex).output == "drop.host\n")
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/one.pcapng"
        var writer = try PcapngWriter(path, interfaces: ["x"])
        let passing = try self.frame(from: "2001:db8::8")
        for (index, bytes) in [passing, frame].enumerated() {
          // Only the headers were captured.
          try writer.write(
            PcapngPacket(
              time: Int64(index), bytes: Array(bytes.prefix(80)), originalLength: bytes.count,
              interface: "x"))
        }
        try writer.flush()
        let why = ["why", "--packet", path, "-o", "name"]
        #expect(try live.run(why).output == "pass.default\n")
        #expect(try live.run(why + ["--number", "2"]).output == "drop.host\n")
        #expect(try live.fails(65, why + ["--number", "3"]).contains("packet 2"))
      }
    }

    @Test("bad words, an interface that is not attached, nothing loaded")
    func mistakes() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.fails(69, ["why", "192.0.2.1"])
      try live.ok(["load"])
      let detached = try live.run(["why", "192.0.2.1", "-o", "name"])
      #expect(detached.output == "pass.default\n")
      #expect(detached.error.contains("no interface is attached"))
      #expect(
        try live.fails(69, ["why", "192.0.2.1", "-i", live.interface]).contains("is not attached"))
      try live.ok(["attach", live.interface])
      #expect(
        try live.run(["why", "192.0.2.1", "-i", live.interface, "-o", "name"]).output
          == "pass.default\n")
      try live.fails(64, ["why"])
      try live.fails(64, ["why", "192.0.2.1", "53/udp"])
      try live.fails(64, ["why", "192.0.2.1", "--number", "2"])
      for words in [
        ["192.0.2.0/24"], ["any"], ["192.0.2.1:99999"], ["192.0.2.1:53"],
        ["192.0.2.1", "to", "0"], ["192.0.2.1", "to", "udp"], ["192.0.2.1", "to", "53/icmp"],
        ["example.org"],
      ] {
        try live.fails(65, ["why"] + words)
      }
      try live.fails(65, ["why", "-"], input: "not hex")
      try live.fails(65, ["why", "-"], input: "")
    }

    private func frame(from source: String) throws -> [UInt8] {
      var query = try PacketQuery(source: source, to: "443")
      query.length = 200
      return query.frame
    }

    private func awaitPackets(_ count: Int, _ live: Live) throws {
      for _ in 0..<200 where try judged(live) < count { usleep(10_000) }
      #expect(try judged(live) == count)
    }

    /// Without ARP.
    private func judged(_ live: Live) throws -> Int {
      let stats = try live.stats()
      return stats["pass.default"] + stats["drop.rate"]
    }
  }
}
