import TestSupport
import Testing

extension Kernel {
  struct FrameTests {
    /// A UDP datagram over IPv4 in an Ethernet frame, behind VLAN tags.
    static func frame(from source: [UInt8], to target: [UInt8], tags: [UInt16]) -> [UInt8] {
      let payload = [UInt8](repeating: 0x61, count: 18)
      let types = tags.enumerated().flatMap { index, tag -> [UInt8] in
        let type: [UInt8] = tags.count == 2 && index == 0 ? [0x88, 0xa8] : [0x81, 0x00]
        return type + [UInt8(tag >> 8), UInt8(tag & 0xff)]
      }
      let total = 20 + 8 + payload.count
      let ip: [UInt8] = [0x45, 0, 0, UInt8(total), 0, 1, 0, 0, 64, 17, 0, 0] + source + target
      let udp: [UInt8] = [0x1b, 0x58, 0x1b, 0x58, 0, UInt8(8 + payload.count), 0, 0]
      let addresses = [UInt8](repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 1]
      return addresses + types + [0x08, 0x00] + ip + udp + payload
    }

    @Test func aTagHidesNothing() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9"])
      let host = live.sandbox.host.v4.split(separator: ".").compactMap { UInt8($0) }
      for tags in [[], [5], [100, 200], [0, 0, 0], [0, 0, 0, 0]] as [[UInt16]] {
        let dropped = Self.frame(from: [192, 0, 2, 9], to: host, tags: tags)
        let other = Self.frame(from: [192, 0, 2, 10], to: host, tags: tags)
        let before = try live.stats()
        try live.sandbox.send(frames: [dropped, dropped, other])
        let after = try live.stats()
        #expect(after["drop.host"] - before["drop.host"] == 2, "\(tags)")
        #expect(after["pass.default"] - before["pass.default"] == 1, "\(tags)")
        #expect(after.bytes("drop.host") - before.bytes("drop.host") == 2 * dropped.count)
      }
    }

    @Test func fragments() throws {
      let live = try Live.attached()
      let receiver = try live.sandbox.receiver(port: 7000)
      // 3000 bytes are three frames, of which the first has the ports.
      try live.sandbox.send(port: 7000, count: 4, size: 3000)
      #expect(receiver.take().map(\.size) == [3000, 3000, 3000, 3000])
      var stats = try live.stats()
      #expect(stats["pass.default"] == 4)
      #expect(stats["pass.fragment"] == 8)

      try live.ok(["set-default", "deny"])
      try live.ok(["allow-key", "any:7000/udp"])
      try live.sandbox.send(port: 7000, count: 3, size: 3000)
      try live.sandbox.send(port: 7000, count: 1, size: 30)
      #expect(receiver.take().map(\.size) == [30])
      stats = try live.stats()
      #expect(stats["pass.key"] == 1)
      #expect(stats["drop.default"] == 3)
      #expect(stats["drop.fragment"] == 6)

      // A key without a port lets in all of them.
      try live.ok(["allow-key", live.peer])
      try live.sandbox.send(port: 7000, count: 2, size: 3000)
      #expect(receiver.count() == 2)
      try live.ok(["drop-ip", live.peer])
      try live.sandbox.send(port: 7000, count: 2, size: 3000)
      #expect(receiver.count() == 0)
      stats = try live.stats()
      #expect(stats["drop.host"] == 6)
      #expect(stats.isConsistent)
    }

    @Test func whatIsNeitherIPNorARP() throws {
      let live = try Live.attached()
      let strange = [UInt8](repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 1, 0x88, 0xb5]
      let frame = strange + [UInt8](repeating: 0, count: 50)
      try live.sandbox.send(frames: [frame, frame])
      try live.ok(["set-default", "deny"])
      try live.sandbox.send(frames: [frame])
      let stats = try live.stats()
      #expect(stats["pass.not-ip"] == 2)
      #expect(stats["drop.not-ip"] == 1)
      #expect(stats.bytes("drop.not-ip") == frame.count)
    }
  }
}
