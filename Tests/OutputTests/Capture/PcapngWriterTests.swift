import Aegis
import Foundation
import Glibc
import TestSupport
import Testing

@testable import aegisctl

@Suite struct PcapngWriterTests {
  private static let time: Int64 = 1_700_000_000_123_456_789

  private static func packet(
    _ interface: String = "eth0", _ length: Int = 119, comment: String? = nil
  ) -> PcapngPacket {
    PcapngPacket(
      time: time, bytes: Array(SampleFrame.udp.prefix(length)), originalLength: 119,
      interface: interface, comment: comment)
  }

  /// Of every length modulo 4, which are padded.
  @Test func libpcapReadsWhatIsWritten() throws {
    try TemporaryDirectory.with { directory in
      let path = "\(directory.path)/x.pcapng"
      var writer = try PcapngWriter(path)
      for length in 100...119 {
        try writer.write(Self.packet("eth\(length % 3)", length, comment: "ü\(length)"))
      }
      try writer.flush()
      let (frames, error) = CaptureReader.all(path)
      #expect(error == nil && frames.count == 20)
      for (frame, length) in zip(frames, 100...) {
        #expect(frame.bytes.prefix(length) == SampleFrame.udp.prefix(length))
        #expect(frame.capturedLength == length && frame.originalLength == 119)
        #expect(frame.time == Self.time)
      }
    }
  }

  @Test func tsharkShowsWhatIsSaid() throws {
    try TemporaryDirectory.with { directory in
      let path = "\(directory.path)/x.pcapng"
      var writer = try PcapngWriter(path)
      var first = Self.packet("eth0", 60, comment: "drop.rate: over 100/s, \"x\" é")
      first.verdict = PcapngVerdict(hook: .xdp, action: 1)
      try writer.write(first)
      var second = Self.packet("veth-b")
      second.isSent = true
      second.verdict = PcapngVerdict(hook: .tc, action: -1)
      try writer.write(second)
      try writer.flush()
      let fields = [
        "time_epoch", "cap_len", "len", "interface_name", "packet_flags_direction",
        "verdict.ebpf_xdp", "verdict.ebpf_tc", "comment",
      ].flatMap { ["-e", "frame.\($0)"] }
      let output = try Command(
        ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=|"] + fields
      ).succeed()
      #expect(
        output == """
          1700000000.123456789|60|119|eth0|0x00000001|1||drop.rate: over 100/s, "x" é
          1700000000.123456789|119|119|veth-b|0x00000002||-1|

          """)
    }
  }

  @Test func tcpdumpReadsIt() throws {
    try TemporaryDirectory.with { directory in
      let path = "\(directory.path)/x.pcapng"
      var writer = try PcapngWriter(path, interfaces: ["eth0"])
      try writer.write(Self.packet(comment: "x"))
      try writer.flush()
      let output = try Command(["tcpdump", "-nn", "-tt", "--nano", "-r", path]).succeed()
      #expect(output.hasPrefix("1700000000.123456789 IP 10.0.0.1.4000 > 10.0.0.2.53:"))
    }
  }

  /// Byte by byte, as the draft has it.
  @Test func theBlocksAreThoseOfTheDraft() throws {
    let section = PcapngBlock.section(by: "aegisctl")
    #expect(
      section.bytes == [
        0x0a, 0x0d, 0x0d, 0x0a, 44, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 4, 0, 8, 0,
      ] + Array("aegisctl".utf8) + [0, 0, 0, 0, 44, 0, 0, 0])
    #expect(
      PcapngBlock.interface("eth", snapLength: 256).bytes == [
        1, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2, 0, 3, 0, 101, 116, 104, 0,
        9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0,
      ])
    let packet = PcapngPacket(
      time: 0x0102_0304_0506_0708, bytes: [7, 8, 9], originalLength: 258, interface: "eth",
      comment: "ab", verdict: PcapngVerdict(hook: .xdp, action: 2))
    #expect(
      PcapngBlock.packet(packet, interface: 5).bytes == [
        6, 0, 0, 0, 72, 0, 0, 0, 5, 0, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5, 3, 0, 0, 0, 2, 1, 0, 0,
        7, 8, 9, 0, 1, 0, 2, 0, 97, 98, 0, 0, 2, 0, 4, 0, 1, 0, 0, 0,
        7, 0, 9, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 72, 0, 0, 0,
      ])
  }

  /// Where an option has no room for more, without half a character.
  @Test func longCommentsAreCut() throws {
    let packet = Self.packet(comment: String(repeating: "é", count: 40_000))
    let bytes = PcapngBlock.packet(packet, interface: 0).bytes
    #expect(bytes[148..<152] == [1, 0, 0xfe, 0xff])
    #expect(bytes.count.isMultiple(of: 4) && bytes.count == 28 + 120 + 4 + 65536 + 8 + 4 + 4)
  }
}
