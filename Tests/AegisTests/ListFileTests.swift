import Testing

@testable import Aegis

@Suite("List files")
struct ListFileTests {
  /// Entries and the problems of bad lines, each after the number of its line.
  private static func read(_ bytes: [UInt8]) -> (entries: [String], errors: [String]) {
    var options = ListOptions()
    options.bounds = ListBounds.none
    let contents = ListFile.drops(bytes, options)
    return (
      contents.entries.map { "\($0.line) \($0.element)" },
      contents.errors.map { error in
        guard case .line(let line) = error.place else { return "\(error.place)" }
        return "\(line) \(error.error.problem)"
      }
    )
  }

  @Test(
    "are read line by line",
    arguments: [
      ("", []),
      ("\n\n\n", []),
      ("10.0.0.1", ["1 10.0.0.1"]),
      ("10.0.0.1\n", ["1 10.0.0.1"]),
      ("10.0.0.1\n10.0.0.2", ["1 10.0.0.1", "2 10.0.0.2"]),
      ("\n\n10.0.0.1\n\n10.0.0.2\n", ["3 10.0.0.1", "5 10.0.0.2"]),
      ("10.0.0.1\r\n10.0.0.2\r\n", ["1 10.0.0.1", "2 10.0.0.2"]),
      ("10.0.0.1\r\n\r\n10.0.0.2\r", ["1 10.0.0.1", "3 10.0.0.2"]),
      ("# all\n10.0.0.1 # one\n10.0.0.2#two # 2\n#", ["2 10.0.0.1", "3 10.0.0.2"]),
      (" \t10.0.0.1\t \n   \n\t#\n", ["1 10.0.0.1"]),
      ("# Größe \u{1f525}\n::1", ["2 ::1"]),
      ("\u{feff}10.0.0.1\n", ["1 10.0.0.1"]),
      ("\u{feff}# list\r\n10.0.0.1", ["2 10.0.0.1"]),
      ("\u{feff}", []),
      ("10.0.0.1\n10.0.0.1\n", ["1 10.0.0.1", "2 10.0.0.1"]),
      ("; all\n10.0.0.0/8 ; SBL1\n10.0.0.2;two # 2\n;", ["2 10.0.0.0/8", "3 10.0.0.2"]),
      ("::/0\n0.0.0.0/0\n::ffff:10.0.0.1", ["1 ::/0", "2 0.0.0.0/0", "3 10.0.0.1"]),
      ("::ffff:10.0.0.0/128\n1::\n::192.0.2.1", ["1 10.0.0.0", "2 1::", "3 ::c000:201"]),
    ] as [(String, [String])])
  func reads(text: String, entries: [String]) {
    let contents = Self.read(Array(text.utf8))
    #expect(contents.entries == entries)
    #expect(contents.errors.isEmpty)
  }

  @Test(
    "tell every bad line, and read the others",
    arguments: [
      ("10.0.0.1/8\n::1\n\nx", ["2 ::1"], ["1 has host bits set", "4 is not an IP address"]),
      (
        "10.0.0.1 10.0.0.2\n", [],
        ["1 could be the range 10.0.0.1-10.0.0.2 or two entries"]
      ),
      (
        "10.0.0.1\r10.0.0.2\n", [],
        ["1 could be the range 10.0.0.1-10.0.0.2 or two entries"]
      ),
      ("10.0.0.1\u{b}\n", [], ["1 is not an IP address"]),
      ("::1\n\u{feff}::1\n", ["1 ::1"], ["2 is not an IPv6 address"]),
      ("\u{feff}\u{feff}::1", [], ["1 is not an IPv6 address"]),
      ("::1\0\n::2", ["2 ::2"], ["1 has a NUL byte"]),
      ("::1 # \0\n", [], ["1 has a NUL byte"]),
      ("10.0.0.01\n", [], ["1 has an octet with a leading zero"]),
      (
        "!other comments\n", [],
        ["1 does not begin with an entry: \"!other\" is not an IP address"]
      ),
    ] as [(String, [String], [String])])
  func tells(text: String, entries: [String], errors: [String]) {
    let contents = Self.read(Array(text.utf8))
    #expect(contents.entries == entries)
    #expect(contents.errors == errors)
  }

  @Test("tell of IPv4-mapped hosts, and refuse prefixes and ranges of them")
  func mapped() throws {
    let plain = ListFile.drops(Array("10.0.0.1\n::ffff:192.0.2.1\n::ffff:0:0/96\n".utf8))
    #expect(plain.elements.map(\.description) == ["10.0.0.1", "192.0.2.1"])
    #expect(plain.notes.map(\.place) == [.line(2)])
    #expect(plain.errors.map(\.place) == [.line(3)])
    #expect(plain.errors.first?.error.hint?.contains("if you mean IPv4, write 0.0.0.0/0") == true)
    let set = """
      create s hash:net family inet6
      add s ::ffff:192.0.2.2
      add s ::ffff:0:0/97
      add s ::ffff:0.0.0.0-::ffff:255.255.255.255
      add s ::fffe:0:0-::ffff:0:0
      """
    let ipset = ListFile.drops(Array(set.utf8))
    #expect(ipset.elements.map(\.description) == ["192.0.2.2"])
    #expect(ipset.notes.map(\.place) == [.line(2)])
    #expect(ipset.errors.map(\.place) == [.line(3), .line(4), .line(5)])
    let nft = """
      {"nftables": [{"set": {"name": "s", "type": "ipv6_addr", "elem": ["::ffff:192.0.2.3",
      {"prefix": {"addr": "::ffff:0.0.0.0", "len": 96}}, {"range": ["::ffff:0.0.0.0", "::ffff:0.0.0.9"]}]}}]}
      """
    let sets = ListFile.drops(Array(nft.utf8))
    #expect(sets.elements.map(\.description) == ["192.0.2.3"])
    #expect(sets.notes.map(\.place) == [.element("s", 0)])
    #expect(sets.errors.map(\.place) == [.element("s", 1), .element("s", 2)])
  }

  @Test(
    "are UTF-8, comments too",
    arguments: [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]
      as [[UInt8]])
  func invalid(bytes: [UInt8]) {
    let text = Array("::1\n# ".utf8) + bytes + Array("\n::2 ".utf8) + bytes + Array("\n::3".utf8)
    let contents = Self.read(text)
    #expect(contents.entries == ["1 ::1", "4 ::3"])
    #expect(contents.errors == ["2 is not UTF-8", "3 is not UTF-8"])
  }

  @Test("have lines of up to 4096 bytes")
  func tooLong() throws {
    let longest = Array("::1 #".utf8) + Array(repeating: UInt8(ascii: "x"), count: 4091)
    let contents = Self.read(
      longest + [10] + longest + [UInt8(ascii: "x"), 10] + Array("::2".utf8))
    #expect(contents.entries == ["1 ::1", "3 ::2"])
    #expect(contents.errors == ["2 is a line of more than 4096 bytes"])
  }

  @Test("show the beginning of a line that is too long, and say that UTF-16 is not a list")
  func shown() throws {
    let long = Array(repeating: UInt8(ascii: "x"), count: 5000)
    #expect(
      ListFile.drops(long).errors.map(\.error.input) == [String(repeating: "x", count: 100)])
    #expect(
      ListFile.drops([0x31, 0]).errors.map(\.error.hint) == ["a list is UTF-8 text, not UTF-16"])
    #expect(ListFile.drops(Array(" a b # c".utf8)).errors.map(\.error.input) == ["a b # c"])
  }

  @Test("have the numbers of their lines, however many there are")
  func numbers() throws {
    var random = SplitMix64(seed: 7)
    var text = ""
    var expected: [String] = []
    for line in 1...500 {
      let prefix = random.prefix()
      let kind = Int.random(in: 0..<4, using: &random)
      text += [prefix.description, "", "# \(prefix)", "\t\(prefix)\r"][kind] + "\n"
      if kind == 0 || kind == 3 { expected.append("\(line) \(prefix)") }
    }
    #expect(Self.read(Array(text.utf8)) == (expected, []))
  }
}
