import Testing

@testable import Aegis

@Suite("Prefixes")
struct PrefixTests {
  @Test(
    "are read",
    arguments: [
      ("0.0.0.0/0", IPAddress.v4(0), 0, "0.0.0.0/0"),
      ("10.0.0.0/8", .v4(0x0a00_0000), 8, "10.0.0.0/8"),
      ("192.0.2.1", .v4(0xc000_0201), 32, "192.0.2.1"),
      ("192.0.2.1/32", .v4(0xc000_0201), 32, "192.0.2.1"),
      ("192.0.2.0/31", .v4(0xc000_0200), 31, "192.0.2.0/31"),
      ("::/0", .v6(0), 0, "::/0"),
      ("2001:DB8::/32", .v6(0x2001_0db8_0000_0000_0000_0000_0000_0000), 32, "2001:db8::/32"),
      ("::1", .v6(1), 128, "::1"),
      ("::1/128", .v6(1), 128, "::1"),
      ("::2/127", .v6(2), 127, "::2/127"),
      ("::ffff:192.0.2.1", .v4(0xc000_0201), 32, "192.0.2.1"),
      ("::ffff:192.0.2.1/128", .v4(0xc000_0201), 32, "192.0.2.1"),
      ("::ffff:c000:201", .v4(0xc000_0201), 32, "192.0.2.1"),
      ("::/64", .v6(0), 64, "::/64"),
      ("::fffe:0:0/95", .v6(0xfffe_0000_0000), 95, "::fffe:0:0/95"),
    ] as [(String, IPAddress, Int, String)])
  func reads(text: String, address: IPAddress, length: Int, canonical: String) throws {
    let prefix = try Prefix(text)
    #expect(prefix.address == address)
    #expect(prefix.length == length)
    #expect(prefix.description == canonical)
    #expect(prefix.isHost == (length == address.width))
  }

  @Test(
    "are refused",
    arguments: [
      Malformed("", "is empty, not an address"),
      Malformed("/8", "is empty, not an address"),
      Malformed("10.0.0/8", "is not an IPv4 address", hint: "did you mean 10.0.0.0?"),
      Malformed("any", "is not an IP address"),
      Malformed("10.0.0.0/", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/33", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/-8", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/+8", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/08", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/8 ", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/8/8", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/\u{301}8", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/18446744073709551624", "has no prefix length from 0 to 32"),
      Malformed("10.0.0.0/255.0.0.0", "has no prefix length", hint: "did you mean 10.0.0.0/8?"),
      Malformed("10.1.2.3/255.0.0.0", "has no prefix length", hint: "10.0.0.0/8 or 10.1.2.3?"),
      Malformed("10.0.0.0/0.0.0.255", "has no prefix length", hint: "did you mean 10.0.0.0/24?"),
      Malformed("10.0.0.0/255.0.255.0", "has no prefix length", hint: "as its number of bits"),
      Malformed("10.0.0.0/0.0.0.0", "has no prefix length", hint: "as its number of bits"),
      Malformed("2001:db8::/255.0.0.0", "has no prefix length"),
      Malformed("2001:db8::/129", "has no prefix length from 0 to 128"),
      Malformed("2001:db8::/x", "has no prefix length from 0 to 128"),
      Malformed("10.0.0.1/8", "has host bits set", hint: "did you mean 10.0.0.0/8 or 10.0.0.1?"),
      Malformed("0.0.0.1/0", "has host bits set", hint: "did you mean 0.0.0.0/0 or 0.0.0.1?"),
      Malformed("2001:db8::1/32", "has host bits set", hint: "2001:db8::/32 or 2001:db8::1?"),
      Malformed(
        "::ffff:0:0/96", "prefix of IPv4-mapped", hint: "if you mean IPv4, write 0.0.0.0/0"),
      Malformed(
        "::ffff:128.0.0.0/97", "prefix of IPv4-mapped", hint: "if you mean IPv4, write 128.0.0.0/1"),
      Malformed(
        "::ffff:192.0.2.0/127", "prefix of IPv4-mapped",
        hint: "if you mean IPv4, write 192.0.2.0/31"),
      Malformed(
        "::ffff:10.0.0.1/104", "prefix of IPv4-mapped", hint: "if you mean IPv4, write 10.0.0.0/8"),
      Malformed("::ffff:0:0/95", "has host bits set", hint: "::fffe:0:0/95 or ::ffff:0.0.0.0?"),
      Malformed("fe80::%eth0/64", "has a scope id", hint: "leave out the %"),
      Malformed("[2001:db8::]/32", "is in brackets", hint: "without [ and ]"),
    ])
  func refuses(malformed: Malformed) {
    malformed.refused { text throws(InputError) in try Prefix(text) }
  }

  @Test(
    "note an IPv4-mapped host",
    arguments: [
      ("::ffff:192.0.2.1", ["\"::ffff:192.0.2.1\": read as the IPv4 address 192.0.2.1"]),
      ("::ffff:0:1/128", ["\"::ffff:0:1/128\": read as the IPv4 address 0.0.0.1"]),
      ("192.0.2.1", []), ("::1", []), ("64:ff9b::192.0.2.1", []),
    ] as [(String, [String])])
  func notes(text: String, expected: [String]) throws {
    var notes: [InputNote] = []
    _ = try Prefix(text, noting: &notes)
    #expect(notes.map(\.description) == expected)
  }

  @Test(
    "that are followed by a netmask are refused with both readings",
    arguments: [
      ("1.2.3.4", "255.255.255.0", "write 1.2.3.0/24 for"),
      ("10.0.0.0", "255.0.0.0", "write 10.0.0.0/8 for"),
      ("1.2.3.4", "255.255.255.255", "write 1.2.3.4 for"),
      ("1.2.3.0", "0.0.0.255", "write 1.2.3.0/24 for"),
      ("1.2.3.0/24", "255.255.255.0", nil), ("1.2.3.4", "5.6.7.8", nil),
      ("1.2.3.4", "0.0.0.0", nil),
      ("1.2.3.4", "255.0.255.0", nil), ("1.2.3.4", "224.0.0.0", nil), ("::1", "255.0.0.0", nil),
      ("x", "255.0.0.0", nil), ("255.255.255.0", "1.2.3.4", nil), (nil, "255.255.255.0", nil),
    ] as [(String?, String, String?)])
  func netmasks(previous: String?, text: String, hint: String?) throws {
    do throws(InputError) {
      try Netmask.check(text, after: previous)
      #expect(hint == nil)
    } catch {
      #expect(hint.map { error.hint?.contains($0) == true } == true)
    }
  }

  @Test("read back what they write, and hold what has their bits")
  func roundTrips() throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<2000 {
      let prefix = random.prefix()
      #expect(try Prefix(prefix.description) == prefix)
      let width = prefix.address.width
      let bit = Int.random(in: 0..<width, using: &random)
      let flipped = prefix.address.replacing(
        leftAligned: prefix.address.leftAligned ^ (1 << (127 - bit)))
      #expect(prefix.contains(flipped) == (bit >= prefix.length))
    }
  }

  @Test("of no such length are nil, and of any other masked")
  func lengths() {
    #expect(Prefix(address: .v4(0), length: 33) == nil)
    #expect(Prefix(address: .v4(0), length: -1) == nil)
    #expect(Prefix(address: .v6(0), length: 129) == nil)
    #expect(Prefix(address: .v4(.max), length: 9)?.description == "255.128.0.0/9")
    #expect(Prefix(address: .v6(0xffff_0a01_0203), length: 112)?.address.width == 128)
  }

  @Test(
    "hold prefixes that are as long or longer",
    arguments: [
      ("10.0.0.0/8", "10.0.0.0/8", true), ("10.0.0.0/8", "10.9.0.0/16", true),
      ("10.9.0.0/16", "10.0.0.0/8", false), ("10.0.0.0/16", "10.0.0.0/8", false),
      ("0.0.0.0/0", "::/0", false), ("::/0", "0.0.0.0/0", false), ("::/0", "::1", true),
      ("10.0.0.0/8", "11.0.0.0/8", false), ("10.0.0.1", "10.0.0.1", true),
    ])
  func contains(outer: String, inner: String, isInside: Bool) throws {
    #expect(try Prefix(outer).contains(Prefix(inner)) == isInside)
  }

  @Test("sort by address, the wider first")
  func sorts() throws {
    let texts = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.0.0.0", "11.0.0.0/8", "::/0", "::"]
    #expect(try texts.reversed().map { try Prefix($0) }.sorted().map(\.description) == texts)
  }
}
