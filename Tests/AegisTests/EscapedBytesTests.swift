import BPF
import Linux
import Testing

struct EscapedBytesTests {
  @Test(
    arguments: [
      ([0x65, 0x74, 0x68, 0x30], "eth0"),
      (Array("größe".utf8), "größe"),
      ([0xff, 0xfe], #"\xff\xfe"#),
      ([0x61, 0xc3], #"a\xc3"#),
      ([0xc3, 0x28], #"\xc3("#),
      // A surrogate and an overlong slash.
      ([0xed, 0xa0, 0x80, 0xc0, 0xaf], #"\xed\xa0\x80\xc0\xaf"#),
      ([0xc3, 0xa9, 0x80], #"é\x80"#),
      (Array(#"a\b\x4\xyz"#.utf8), #"a\b\x4\xyz"#),
      (Array(#"\xff"#.utf8), #"\x5cxff"#),
      (Array(#"\\x41"#.utf8), #"\\x5cx41"#),
      (Array(#"\x00"#.utf8), #"\x00"#),
      ([], ""),
    ] as [([UInt8], String)])
  func bytesAndText(_ bytes: [UInt8], _ text: String) {
    #expect(String(escaping: bytes) == text)
    #expect(text.unescaped == bytes)
  }

  @Test func anyBytesComeBack() {
    var generator = SystemRandomNumberGenerator()
    let alphabet: [UInt8] = Array(#"\x5cfF0a"#.utf8) + [0x80, 0xc3, 0xa9, 0xff]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...15, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator)!
      }
      let text = String(escaping: bytes)
      #expect(text.unescaped == bytes)
      #expect(String(escaping: text.utf8).unescaped == Array(text.utf8))
    }
  }

  @Test func capitalsAreTaken() {
    #expect(#"\xFF\xaB"#.unescaped == [0xff, 0xab])
  }
}
