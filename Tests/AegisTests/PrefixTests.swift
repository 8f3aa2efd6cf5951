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
      ("::ffff:10.0.0.0/104", .v4(0x0a00_0000), 8, "10.0.0.0/8"),
      ("::ffff:0:0/96", .v4(0), 0, "0.0.0.0/0"),
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
      Malformed("10.0.0/8", "is not an IPv4 address"),
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
      Malformed("10.0.0.0/255.0.0.0", "has no prefix length", hint: "a netmask as its number"),
      Malformed("2001:db8::/129", "has no prefix length from 0 to 128"),
      Malformed("2001:db8::/x", "has no prefix length from 0 to 128"),
      Malformed("10.0.0.1/8", "has host bits set", hint: "did you mean 10.0.0.0/8 or 10.0.0.1?"),
      Malformed("0.0.0.1/0", "has host bits set", hint: "did you mean 0.0.0.0/0 or 0.0.0.1?"),
      Malformed("2001:db8::1/32", "has host bits set", hint: "2001:db8::/32 or 2001:db8::1?"),
      Malformed("::ffff:10.0.0.1/104", "has host bits set", hint: "10.0.0.0/8 or 10.0.0.1?"),
      Malformed("::ffff:0:0/95", "has host bits set", hint: "::fffe:0:0/95 or ::ffff:0.0.0.0?"),
      Malformed("fe80::%eth0/64", "has a scope id", hint: "leave out the %"),
      Malformed("[2001:db8::]/32", "is in brackets", hint: "without [ and ]"),
    ])
  func refuses(malformed: Malformed) {
    malformed.refused { text throws(InputError) in try Prefix(text) }
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
    #expect(Prefix(address: .v6(0xffff_0a01_0203), length: 112)?.description == "10.1.0.0/16")
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
