import Aegis
import Glibc
import TestSupport
import Testing

@testable import aegisctl

/// Files that are no captures, or not whole ones.
@Suite struct BadCaptureTests {
  @Test(
    arguments: [
      ([], "is empty", "tcpdump -w"),
      (Array("10.0.0.1\n10.0.0.2\n".utf8), "is not a capture: unknown file format", "tcpdump -w"),
      ([0x1f, 0x8b, 8, 0, 0, 0, 0, 0], "is not a capture", "decompress"),
      ([0xd4, 0xc3, 0xb2, 0xa1, 2, 0], "is not a capture: truncated dump file", "tcpdump -w"),
      // pcapng of which there is a section and no interface.
      (PcapngBlock.section(by: "test").bytes, "is not a capture", "tcpdump -w"),
    ] as [([UInt8], String, String)])
  func isNamed(_ bytes: [UInt8], _ problem: String, _ hint: String) throws {
    try TemporaryDirectory.with { directory in
      let path = try directory.file("x.pcap", bytes)
      let (frames, error) = CaptureReader.all(path)
      #expect(frames.isEmpty && error?.kind == .badInput)
      #expect(error?.message.hasPrefix("\(path): \(problem)") == true, "\(error?.message ?? "")")
      #expect(error?.hint?.contains(hint) == true)
    }
  }

  @Test func whatCannotBeReadIsNamed() throws {
    try TemporaryDirectory.with { directory in
      let missing = CaptureReader.all("\(directory.path)/none").error
      #expect(missing?.kind == .badInput)
      #expect(
        missing?.message == "cannot read \(directory.path)/none: No such file or directory")
      let folder = CaptureReader.all(directory.path).error
      #expect(folder?.message == "cannot read \(directory.path): Is a directory")
    }
  }

  /// Wherever it ends, the packets before are given.
  @Test func whatEndsTooEarlyIsReadUpToThere() throws {
    let packets: [[UInt8]] = [[1, 2, 3, 4], [5, 6, 7, 8]]
    let whole = PcapFile(packets: packets.map { .init(bytes: $0) }).bytes
    try TemporaryDirectory.with { directory in
      for end in 24...whole.count {
        let path = try directory.file("x.pcap", whole.prefix(end))
        let (frames, error) = CaptureReader.all(path)
        let count = (end - 24) / 20
        #expect(frames.map(\.bytes) == Array(packets.prefix(count)))
        if (end - 24).isMultiple(of: 20) {
          #expect(error == nil, "\(end)")
        } else {
          #expect(error?.kind == .badInput)
          let start = "\(path): packet \(count + 1): truncated"
          #expect(error?.message.hasPrefix(start) == true, "\(error?.message ?? "")")
        }
      }
    }
  }

  @Test func standardInputIsReadAndLeftOpen() async {
    await #expect(processExitsWith: .success) {
      let ends = try Pipe()
      let file = PcapFile(packets: [.init(bytes: SampleFrame.udp)]).bytes
      #expect(DescriptorWriter.write(file.dropLast(), to: ends.writing) == 0)
      close(ends.writing)
      dup2(ends.reading, STDIN_FILENO)
      let (frames, error) = CaptureReader.all("-")
      #expect(frames.isEmpty)
      #expect(error?.message.hasPrefix("standard input: packet 1: truncated") == true)
      #expect(fcntl(STDIN_FILENO, F_GETFD) >= 0)
    }
  }
}
