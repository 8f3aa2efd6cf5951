import Aegis
import Testing

@testable import aegisctl

@Suite struct HexTextTests {
  private static func read(_ text: String) throws(AegisError) -> [UInt8] {
    try HexText.frame(Array(text.utf8), named: "x")
  }

  @Test(arguments: [
    HexSamples.xxd, HexSamples.xxdPlain, HexSamples.hexdump, HexSamples.octal,
    HexSamples.tcpdump, HexSamples.tcpdumpOfIP, HexSamples.tshark,
  ])
  func whatToolsPrint(_ text: String) throws {
    let bare = [UInt8](repeating: 0, count: 12) + [8, 0] + SampleFrame.packet
    let frame = text == HexSamples.tcpdumpOfIP ? bare : SampleFrame.udp
    #expect(try Self.read(text) == frame)
    // As it comes from Windows, from a mail, or in capitals.
    #expect(try Self.read("\u{feff}" + text.replacing("\n", with: "\r\n")) == frame)
    #expect(try Self.read("\n  " + text.replacing("\n", with: "\n  ")) == frame)
    #expect(try Self.read("# a comment\n" + text) == frame)
  }

  /// Bytes whose text is more bytes: only the offsets tell them apart.
  @Test func textThatLooksLikeBytes() throws {
    let lines = """
      00000000: 6162 2063 6420 6566 2031 3220  ab cd ef 12\u{20}
      0000000c: 3334 2035 3620                 34 56\u{20}
      """
    #expect(try Self.read(lines) == Array("ab cd ef 12 34 56 ".utf8))
    let single = "00000000: 61 62 20 63 64 20 65 66  ab cd ef\n00000008: 61 62 20 63 64 20 65"
    #expect(try Self.read(single) == Array("ab cd efab cd e".utf8))
    let capitals = "0x0000:  ABCD EF01 2345 6789 ABCD EF01 2345\n"
    #expect(try Self.read(capitals).prefix(3) == [0xab, 0xcd, 0xef])
  }

  @Test(arguments: [
    "ffffffffffff0200000000010806", "ff:ff:ff:ff:ff:ff:02:00:00:00:00:01:08:06",
    "FF FF FF FF FF FF 02 00 00 00 00 01 08 06", "0xffffffffffff0200000000010806",
    "0xff, 0xff, 0xff, 0xff, 0xff, 0xff,\n0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06\n",
    "ffff ffff ffff 0200\n0000 0001 0806", "ff:ff:ff:ff:ff:ff 02:00:00:00:00:01 0806",
    "\nffffffffffff\n\n020000000001\n0806",
  ])
  func bytesWithAnythingBetween(_ text: String) throws {
    let frame: [UInt8] = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6]
    #expect(try Self.read(text) == frame)
  }

  /// Zeros in front are no offset, but where there is one.
  @Test func zerosInFront() throws {
    let zeros = [UInt8](repeating: 0, count: 14)
    #expect(try Self.read("0000 0000 0000 0000 0000 0000 0000") == zeros)
    #expect(try Self.read("0000:0000:0000:0000:0000:0000:0000") == zeros)
    #expect(try Self.read("00000000 00000000 00000000 0000") == zeros)
    #expect(try Self.read("0000  00 00 00 00 00 00 00 00 00 00 00 00 00 00") == zeros)
  }

  @Test func anIPPacketGetsAHeader() throws {
    let hex = SampleFrame.ipv6.map { String(Int($0) + 0x100, radix: 16).dropFirst() }
      .joined(separator: " ")
    let header = [UInt8](repeating: 0, count: 12) + [0x86, 0xdd]
    #expect(try Self.read(hex) == header + SampleFrame.ipv6)
    // One byte more than its header says: it is what it is.
    #expect(try Self.read(hex + "00") == SampleFrame.ipv6 + [0])
  }

  @Test(arguments: [
    ("", "x: has no bytes"), ("# nothing\n\n", "x: has no bytes"),
    ("00 11 22", "x: has 3 bytes, and an Ethernet header alone 14"),
    ("00 11\n22 3g", "x:2: \"3g\": is not hexadecimal"),
    ("00 11 2", "x:1: \"2\": has an odd number of digits"),
    ("0x", "x:1: \"0x\": is not hexadecimal"), ("\u{1b}[0m", "x:1: \"\\u{1b}[0m\": is not"),
    ("0000000 0002 0000 0200", "x:1: \"0000000\": has an odd number of digits"),
    ("0000: 0011 2233\n0008: 4455", "x:1: \"0000: 0011 2233\": has 4 bytes, and the offsets"),
    ("0000: 0011 2233\n0002: 4455", "x:1: \"0000: 0011 2233\": has more bytes than"),
    ("0000: 0011\n0002: 22zz", "x:2: \"22zz\": is not hexadecimal"),
    ("0000: 0011\n\n0000: 2233", "x:3: \"0000: 2233\": does not go on after 2 bytes"),
    ("0000: 0011\nIP 10.0.0.1", "x:2: \"IP 10.0.0.1\": is not a line of a hex dump"),
    ("0011\n0000: 0011", "x:1: \"0011\": are bytes in front of a dump"),
    ("00000000: 0011\n*", "x:2: \"*\": has no lines to stand for"),
    ("00000000: 0011\n*\n00000005: 01", "x:2: \"*\": has no lines to stand for"),
    ("00000000: 0011\n*\nfffffffe: 01", "x:2: a frame has 65664 bytes at most"),
    (String(repeating: "00", count: 65665), "x:1: a frame has 65664 bytes at most"),
  ])
  func whatIsNoFrameIsRefused(_ text: String, _ message: String) {
    do {
      Issue.record("was read as \(try Self.read(text))")
    } catch {
      #expect(error.kind == .badInput)
      #expect(error.message.hasPrefix(message), "\(error.message)")
    }
  }
}
