import Aegis
import Foundation
import TestSupport
import Testing

@testable import aegisctl

/// Files near to captures, and texts near to frames: they are read, or refused with words.
@Suite struct CaptureFuzzTests {
  /// AEGIS_FUZZ says how many.
  private static let rounds =
    ProcessInfo.processInfo.environment["AEGIS_FUZZ"].flatMap { Int($0) } ?? 2000

  private static var captures: [[UInt8]] {
    let packets = [
      PcapFile.Packet(fraction: 5, bytes: SampleFrame.udp, length: 200),
      PcapFile.Packet(bytes: [0, 0, 0, 1, 0, 6] + SampleFrame.udp),
    ]
    let files = [1, 0, 101, 113, 276].map { PcapFile(link: $0, packets: packets).bytes }
    let swapped = PcapFile(magic: 0xa1b2_3c4d, isBigEndian: true, packets: packets).bytes
    let packet = PcapngPacket(
      time: 1_700_000_000_123_456_789, bytes: SampleFrame.udp, originalLength: 200,
      interface: "eth0", comment: "x", verdict: PcapngVerdict(hook: .xdp, action: 1))
    let block = PcapngBlock.packet(packet, interface: 0).bytes
    let modern =
      PcapngBlock.section(by: "x").bytes + PcapngBlock.interface("eth0", snapLength: 0).bytes
    return files + [swapped, modern + block + block]
  }

  @Test(.timeLimit(.minutes(30))) func captures() throws {
    let tokens = ["\u{0}\u{0}\u{0}\u{0}", "\u{1}\u{0}\u{0}\u{0}", "\u{7f}\u{7f}\u{7f}\u{7f}"]
    var mutator = Mutator(seed: 11, Self.captures, tokens: tokens)
    var whole = 0
    var frames = 0
    try TemporaryDirectory.with { directory in
      for round in 0..<Self.rounds {
        let path = try directory.file("x", mutator.next())
        let result = CaptureReader.all(path, filter: round % 2 == 0 ? "ip" : nil)
        frames += result.frames.count
        let areGiven = result.frames.allSatisfy { frame in
          frame.bytes.count == min(frame.originalLength, CapturedFrame.mostBytes)
            && frame.capturedLength <= frame.bytes.count && frame.number > 0
        }
        #expect(areGiven, "round \(round)")
        guard let error = result.error else {
          whole += 1
          continue
        }
        // The filter matches nothing where a file has become one of IPv6 alone.
        let isSaid = error.kind == .badInput && error.message.hasPrefix("\(path): ")
        #expect(isSaid || error.kind == .usage, "round \(round): \(error)")
      }
    }
    #expect(whole > Self.rounds / 50 && whole < Self.rounds && frames > Self.rounds / 10)
  }

  @Test(.timeLimit(.minutes(30))) func texts() {
    let seeds = [
      HexSamples.xxd, HexSamples.hexdump, HexSamples.tcpdump, HexSamples.tshark,
      HexSamples.octal, HexSamples.xxdPlain,
    ]
    let tokens = ["*", "0x", "0010:", "|", "  ", "ff", "00000010", "*\n", "ffffffff:", "\t"]
    var mutator = Mutator(seed: 12, seeds, tokens: tokens)
    var taken = 0
    for round in 0..<Self.rounds {
      let text = mutator.next()
      do throws(AegisError) {
        let frame = try HexText.frame(text, named: "x")
        taken += 1
        #expect(14...CapturedFrame.mostBytes + 14 ~= frame.count, "round \(round)")
      } catch {
        let isSaid = error.kind == .badInput && error.message.hasPrefix("x:")
        #expect(isSaid, "round \(round): \(error)")
      }
    }
    #expect(taken > Self.rounds / 50 && taken < Self.rounds)
  }
}
