import Testing

@testable import Aegis

@Suite("Columns of lists")
struct ListColumnsTests {
  private static func read(
    _ text: String, _ format: ListFormat? = nil, _ change: (inout ListOptions) -> Void = { _ in }
  ) -> ListContents<Prefix> {
    var options = ListOptions()
    options.format = format
    change(&options)
    return ListFile.drops(Array(text.utf8), options)
  }

  @Test(
    "name ranges and patterns, as the fewest prefixes",
    arguments: [
      ("192.0.2.9-192.0.2.12", "192.0.2.9 192.0.2.10/31 192.0.2.12"),
      ("192.0.2.0 - 192.0.2.255", "192.0.2.0/24"), ("192.0.2.0- 192.0.2.3", "192.0.2.0/30"),
      ("192.0.2.0\t-192.0.2.3 # four", "192.0.2.0/30"), ("192.0.2.7-192.0.2.7", "192.0.2.7"),
      ("2001:db8::-2001:db8::ffff", "2001:db8::/112"), ("192.0.2.*", "192.0.2.0/24"),
      ("10.1.*.*", "10.1.0.0/16"), ("10.*.*.*", "10.0.0.0/8"),
      ("192.0.2.1 - scanner", "192.0.2.1"), ("192.0.2.1,-5,x", "192.0.2.1"),
    ])
  func ranges(line: String, expected: String) {
    let contents = Self.read(line)
    #expect(contents.elements.map(\.description).joined(separator: " ") == expected)
    #expect(contents.errors.isEmpty)
  }

  @Test(
    "are refused where they name no range, no pattern or too much",
    arguments: [
      ("192.0.2.9-192.0.2.1", "is not a range"), ("192.0.2.9-::1", "is not a range"),
      ("192.0.2.1-9", "is not an IPv4 address"), ("192.0.2.1-", "is empty"),
      ("192.0.2.0/24-192.0.3.0", "has no prefix length"), ("1.2.*", "is not a pattern"),
      ("1.*.3.*", "is not a pattern"), ("1.2.3.4.*", "is not a pattern"), ("*", "is not a pattern"),
      ("256.0.0.*", "is not an IPv4 address"), ("*.*.*.*", "is too wide"),
      ("1.0.0.0-223.255.255.255", "is too wide"), ("0.0.0.0/0", "is too wide"),
      ("128.0.0.0/1", "is too wide"), ("::/0", "is too wide"), ("2000::/15", "is too wide"),
      ("::ffff:192.0.2.0-::ffff:192.0.2.1", "IPv4-mapped addresses"),
    ])
  func refused(line: String, problem: String) {
    let contents = Self.read("198.51.100.1\n\(line)\n198.51.100.2")
    #expect(contents.elements.map(\.description) == ["198.51.100.1", "198.51.100.2"])
    #expect(contents.errors.map(\.place) == [.line(2)])
    #expect(contents.errors.allSatisfy { $0.error.problem.contains(problem) })
  }

  @Test(
    "are as wide as a list may have them",
    arguments: [
      "10.0.0.0/8", "2001::/16", "240.0.0.0/4", "248.0.0.0/5", "224.0.0.0/4", "fc00::/7",
      "fd00::/8",
      "fe80::/10", "ff00::/8",
    ])
  func reserved(line: String) {
    #expect(Self.read(line).elements.map(\.description) == [line])
    #expect(
      Self.read(line) { $0.bounds = ListBounds(v4: 9, v6: 17) }.elements.count
        == (["10.0.0.0/8", "2001::/16"].contains(line) ? 0 : 1))
  }

  @Test("have other bounds, or none where entries are to go")
  func bounds() throws {
    let list = "0.0.0.0/0\n128.0.0.0/1\n::/0\n1.2.3.0/25"
    #expect(Self.read(list) { $0.bounds = ListBounds.none }.elements.count == 4)
    #expect(Self.read(list) { $0.isRemoval = true }.elements.count == 4)
    let some = try ListBounds("1,0")
    #expect(Self.read(list) { $0.bounds = some }.elements.map(\.description).first == "128.0.0.0/1")
    let error = Self.read("0.0.0.0/0").errors.first?.error
    #expect(error?.hint == "--min-prefix 0,16 allows it")
    for text in ["", "8", "8,", ",16", "33,16", "8,129", "-1,16", "8,16,2", "a,b", "08,16"] {
      #expect(throws: InputError.self) { try ListBounds(text) }
    }
  }

  @Test(
    "may mean something to the address before them, which is refused with the readings",
    arguments: [
      ("192.0.2.0 24", "192.0.2.0/24, or 192.0.2.0 and a number"), ("192.0.2.0,24,x", "/24, or"),
      ("192.0.2.0\t0", "192.0.2.0/0, or"), ("192.0.2.1 032", "/32, or"), ("::1 64", "::1/64, or"),
      ("192.0.2.0 /24", "192.0.2.0/24, or"),
      ("192.0.2.0 255.255.255.0", "network 192.0.2.0/24 or two entries"),
      ("192.0.2.0\t192.0.2.255\t24", "range 192.0.2.0-192.0.2.255 or two"),
      ("192.0.2.0 198.51.100.0/24", "or two entries"), ("192.0.2.0 198.51.100.*", "two entries"),
      ("192.0.2.1 ::1", "two entries"), ("192.0.2.1,192.0.2.5-192.0.2.9", "two entries"),
    ])
  func readings(line: String, problem: String) throws {
    let contents = Self.read(line)
    #expect(contents.entries.isEmpty)
    let error = try #require(contents.errors.first)
    #expect(error.error.problem.contains(problem), "\(error.error)")
    #expect(error.error.hint?.contains("--format") == true)
    #expect(error.error.input == line)
    let first = Self.read(line, .columns)
    #expect(first.elements.count == 1 && first.errors.isEmpty && first.ignoredColumns == 1)
  }

  @Test("are ignored and counted otherwise")
  func ignored() {
    let contents = Self.read(
      """
      # ip,country,seen
      192.0.2.1,DE,2026-01-01
      192.0.2.2\t33
      192.0.2.3  bad host # 24
      192.0.2.4,,24x
      2001:db8::1 129
      192.0.2.6
      """)
    #expect(contents.elements.count == 6)
    #expect(contents.errors.isEmpty)
    #expect(contents.ignoredColumns == 5)
    #expect(contents.entries.map(\.line) == [2, 3, 4, 5, 6, 7])
  }

  @Test(
    "of another program are shown whole",
    arguments: [
      "deny 192.0.2.0/24;", "// text", "/ text", "//", "route add 192.0.2.0/24 reject",
      "DROP all -- 192.0.2.1 0.0.0.0/0",
    ])
  func foreign(line: String) {
    let errors = Self.read("192.0.2.9\n  \(line)\r\n").errors
    #expect(errors.map(\.error.input) == [line])
    #expect(errors.allSatisfy { $0.error.problem.hasPrefix("does not begin with an entry") })
  }

  @Test(
    "tell of a program whose list is no list",
    arguments: [
      ("Name: blacklist\nType: hash:ip\nMembers:\n192.0.2.1", "ipset list"),
      ("table inet t {\n\tset s {", "nft list"), ("*filter\n:INPUT ACCEPT [0:0]", "iptables-save"),
      ("-P INPUT ACCEPT", "iptables-save"),
    ])
  func programs(text: String, problem: String) {
    let contents = Self.read(text)
    #expect(contents.isRefused)
    #expect(contents.errors.first?.error.problem.contains(problem) == true)
    #expect(
      Self.read("-A INPUT -s 192.0.2.1/32 -j DROP").errors.map(\.error.problem) == [
        "is an iptables rule, not an entry of a set"
      ])
  }

  @Test("have their host bits cleared on demand")
  func mask() {
    func read(_ text: String) -> [String] {
      Self.read(text) { $0.clearsHostBits = true }.elements.map(\.description)
    }
    #expect(
      read("10.1.2.3/8\n192.0.2.1\n2001:db8::1/32 x") == [
        "10.0.0.0/8", "192.0.2.1", "2001:db8::/32",
      ])
    #expect(read("create s hash:net\nadd s 192.0.2.77/24\nadd s 192.0.2.1-192.0.2.2").count == 3)
    #expect(
      read(#"{"nftables":[{"set":{"name":"s","elem":[{"prefix":{"addr":"10.9.9.9","len":8}}]}}]}"#)
        == ["10.0.0.0/8"])
    #expect(read("10.1.2.3/33\n10.1.2.3/\n/8\n::1/129").isEmpty)
    var options = ListOptions()
    options.clearsHostBits = true
    let keys = "192.0.2.1/24:22/tcp\n[2001:db8::1/32]:443/tcp\n[2001:db8::1]/32:80\n192.0.2.9:22/17"
    #expect(
      ListFile.keys(Array(keys.utf8), options).elements.map(\.description) == [
        "192.0.2.0/24:22/tcp", "[2001:db8::/32]:443/tcp", "[2001:db8::/32]:80", "192.0.2.9:22/udp",
      ])
  }

  @Test("of keys")
  func keys() {
    let odd = "any:443/tcp 24\nany:443/tcp 192.0.2.1\n192.0.2.0/24 7\n"
    let errors = ListFile.keys(Array(odd.utf8)).errors
    #expect(errors.map(\.place) == [.line(2), .line(3)])
    #expect(
      errors.map(\.error.hint) == Array(repeating: "--format columns ignores it", count: 2))
    let text =
      "192.0.2.*\n192.0.2.1:22/tcp admin\nany:53/udp\n192.0.2.4-192.0.2.5\n0.0.0.0/0:22/tcp"
    let contents = ListFile.keys(Array(text.utf8))
    #expect(
      contents.elements.map(\.description) == [
        "192.0.2.0/24", "192.0.2.1:22/tcp", "any:53/udp", "192.0.2.4/31",
      ])
    #expect(contents.errors.map(\.place) == [.line(5)])
    #expect(contents.ignoredColumns == 1)
  }
}
