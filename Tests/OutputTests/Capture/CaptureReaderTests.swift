import Aegis
import Glibc
import TestSupport
import Testing

@testable import aegisctl

@Suite struct CaptureReaderTests {
  private static func read(
    _ bytes: [UInt8], filter: String? = nil
  ) throws -> (frames: [CapturedFrame], error: AegisError?) {
    try TemporaryDirectory.with { directory in
      CaptureReader.all(try directory.file("x.pcap", bytes), filter: filter)
    }
  }

  @Test(arguments: [false, true], [0xa1b2_c3d4, 0xa1b2_3c4d] as [UInt32])
  func everyFormatOfLibpcap(isBigEndian: Bool, magic: UInt32) throws {
    let isNano = magic == 0xa1b2_3c4d
    let file = PcapFile(
      magic: magic, isBigEndian: isBigEndian,
      packets: [
        .init(fraction: isNano ? 123_456_789 : 123_456, bytes: SampleFrame.udp),
        // Beyond 2038, which a signed number of 32 bits does not reach.
        .init(seconds: 4_000_000_000, bytes: [1, 2, 3]),
      ])
    let (frames, error) = try Self.read(file.bytes)
    #expect(error == nil && frames.count == 2)
    #expect(frames.map(\.bytes) == [SampleFrame.udp, [1, 2, 3]])
    #expect(frames.map(\.number) == [1, 2] && frames.map(\.originalLength) == [119, 3])
    #expect(frames.allSatisfy { !$0.isCut && $0.direction == nil })
    let first: Int64 = isNano ? 1_700_000_000_123_456_789 : 1_700_000_000_123_456_000
    #expect(frames.map(\.time) == [first, 4_000_000_000_000_000_000])
  }

  @Test func cutFramesAreFilledUp() throws {
    let file = PcapFile(packets: [
      .init(bytes: Array(SampleFrame.udp.prefix(42)), length: 119),
      .init(bytes: SampleFrame.udp, length: 4_000_000_000),
      // A length below what is there is none.
      .init(bytes: SampleFrame.udp, length: 7),
      .init(bytes: [UInt8](repeating: 1, count: 70_000)),
    ])
    let (frames, error) = try Self.read(file.bytes)
    #expect(error == nil)
    #expect(frames.first?.bytes == SampleFrame.udp.prefix(42) + [UInt8](repeating: 0, count: 77))
    #expect(frames.map(\.bytes.count) == [119, 65664, 119, 65664])
    #expect(frames.map(\.originalLength) == [119, 4_000_000_000, 119, 70_000])
    #expect(frames.map(\.capturedLength) == [42, 119, 119, 65535])
    #expect(frames.map(\.isCut) == [true, true, false, true])
  }

  /// Of the numbers that files have for them.
  @Test(arguments: LinkCase.all) func everyLinkBecomesEthernet(_ link: LinkCase) throws {
    let packet = PcapFile.Packet(bytes: link.header + link.packet)
    let cut = PcapFile.Packet(bytes: link.header, length: link.header.count + 20)
    let (frames, error) = try Self.read(PcapFile(link: link.number, packets: [packet, cut]).bytes)
    #expect(error == nil)
    #expect(frames.first?.bytes == link.made + link.packet)
    #expect(frames.first?.originalLength == link.made.count + link.packet.count)
    #expect(frames.first?.direction == link.direction)
    // The length of the made header counts, not that of the other.
    #expect(frames.last?.bytes.count == 34 && frames.last?.originalLength == 34)
    #expect(frames.last?.capturedLength == 14)
  }

  @Test func linksOfNoEthernetAreRefused() throws {
    let radio = try Self.read(PcapFile(link: 105).bytes)
    #expect(radio.error?.kind == .badInput)
    #expect(radio.error?.message.contains("link type IEEE802_11") == true)
    let unknown = try Self.read(PcapFile(link: 9999).bytes)
    #expect(unknown.error?.message.contains("link type 9999") == true)
  }

  /// In front of one that is whole.
  @Test(arguments: LinkCase.all) func whatIsShorterThanItsLinkIsEmpty(_ link: LinkCase) throws {
    for length in 0..<link.header.count {
      let short = Array(link.header.prefix(length))
      let packets: [PcapFile.Packet] = [
        .init(bytes: short), .init(bytes: short, length: 2000),
        .init(bytes: link.header + link.packet),
      ]
      let (frames, error) = try Self.read(PcapFile(link: link.number, packets: packets).bytes)
      #expect(error == nil)
      #expect(frames.map(\.number) == [1, 2, 3])
      #expect(frames.prefix(2).allSatisfy { $0.bytes.isEmpty && !$0.isCut && $0.direction == nil })
      #expect(frames.last?.bytes == link.made + link.packet)
    }
  }

  @Test func filtersKeepTheNumbersOfTheFile() throws {
    let other = [UInt8](repeating: 0xff, count: 12) + [8, 6] + [UInt8](repeating: 0, count: 28)
    let file = PcapFile(packets: [
      .init(bytes: other), .init(bytes: SampleFrame.udp), .init(bytes: other),
      .init(bytes: SampleFrame.udp),
    ]).bytes
    for filter in ["udp port 53", "src net 10.0.0.0/8 and not arp", "portrange 50-60", ""] {
      let (frames, error) = try Self.read(file, filter: filter)
      #expect(error == nil)
      #expect(frames.map(\.number) == (filter.isEmpty ? [1, 2, 3, 4] : [2, 4]), "\(filter)")
    }
    #expect(try Self.read(file, filter: "ip6 host 2001:db8::1").frames.isEmpty)
  }

  @Test(arguments: [
    ("tcp port", "syntax error", "pcap-filter(7)"), ("vlan 99999", "VLAN tag", "pcap-filter(7)"),
    // In every C library's /etc/hosts and /etc/services: they would be found.
    ("host localhost", "unknown host", "write numbers"),
    ("port domain", "unknown port", "write numbers"),
    ("portrange ssh-domain", "unknown port", "write numbers"),
    ("ip proto \\icmp", "unknown ip proto", "write numbers"),
    ("net loopback", "unknown network", "write numbers"),
  ])
  func wrongFiltersAreUsageErrors(_ filter: String, _ problem: String, _ hint: String) throws {
    let (_, error) = try Self.read(PcapFile().bytes, filter: filter)
    #expect(error?.kind == .usage)
    #expect(error?.message.hasPrefix("filter \"\(filter.prefix(2))") == true)
    #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    #expect(error?.hint?.contains(hint) == true)
  }
}
