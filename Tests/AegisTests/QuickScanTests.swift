import Testing

@testable import Aegis

@Suite("Reading addresses from bytes")
struct QuickScanTests {
  private static func quick(_ text: String) -> Prefix? {
    let bytes = Array(text.utf8)
    var position = 0
    let prefix = Prefix.quick(bytes.span, at: &position)
    #expect(prefix != nil || position == 0)
    return prefix
  }

  @Test("reads what is written plainly as reading text does")
  func plain() throws {
    var random = SplitMix64(seed: 3)
    for _ in 0..<20_000 {
      let prefix = random.prefix()
      if "\(prefix)".contains(".") && "\(prefix)".contains(":") { continue }
      #expect(Self.quick("\(prefix)") == prefix)
      #expect(Self.quick("\(prefix)\r\n1") == prefix)
    }
  }

  @Test("reads nothing that reading text refuses, and the same of what it takes")
  func changed() throws {
    var random = SplitMix64(seed: 4)
    let pieces = Array("0123456789abcdefABF:./ \r\n,x%[]".utf8)
    var taken = 0
    for _ in 0..<40_000 {
      var bytes = Array(random.prefix().description.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let piece = pieces.randomElement(using: &random) ?? 0
        if Bool.random(using: &random) { bytes[at] = piece } else { bytes.insert(piece, at: at) }
      }
      let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
      var position = 0
      guard let prefix = Prefix.quick(bytes.span, at: &position) else { continue }
      taken += 1
      #expect(position == min(line.count + 1, bytes.count))
      let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
      #expect(throws: Never.self) { try #expect(Prefix(text) == prefix) }
    }
    #expect(taken > 1000)
  }

  @Test(
    "leaves to others what takes more care",
    arguments: [
      "", "10.0.0.1 ", " 10.0.0.1", "10.0.0.1#", "10.0.0.01", "10.0.0.256", "10.0.0", "10.0.0.1/",
      "10.0.0.1/33", "10.0.0.1/8", "1:2:3:4:5:6:7:8::", "::1::", ":1", "1:", "1:::2", "12345::",
      "::ffff:1.2.3.4", "::ffff:102:304", "::1.2.3.4", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "g::",
      "::/129", "1::/2", "10.0.0.1\r\r\n",
    ])
  func careful(text: String) {
    #expect(Self.quick(text) == nil)
  }
}
