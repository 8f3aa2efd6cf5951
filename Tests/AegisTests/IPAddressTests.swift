import Testing

@testable import Aegis

@Suite("IP addresses")
struct IPAddressTests {
  @Test(
    "are read",
    arguments: [
      ("0.0.0.0", IPAddress.v4(0)),
      ("192.0.2.1", .v4(0xc000_0201)),
      ("1.20.255.0", .v4(0x0114_ff00)),
      ("255.255.255.255", .v4(.max)),
      ("::", .v6(0)),
      ("::1", .v6(1)),
      ("2001:db8::1", .v6(0x2001_0db8_0000_0000_0000_0000_0000_0001)),
      ("2001:DB8::A", .v6(0x2001_0db8_0000_0000_0000_0000_0000_000a)),
      ("1:2:3:4:5:6:7:8", .v6(0x0001_0002_0003_0004_0005_0006_0007_0008)),
      ("64:ff9b::192.0.2.1", .v6(0x0064_ff9b_0000_0000_0000_0000_c000_0201)),
      ("::ffff:192.0.2.1", .v4(0xc000_0201)),
      ("::FFFF:c000:201", .v4(0xc000_0201)),
      ("0000:0000:0000:0000:0000:ffff:255.255.255.255", .v4(.max)),
      ("::fffe:c000:201", .v6(0xfffe_c000_0201)),
    ] as [(String, IPAddress)])
  func reads(text: String, address: IPAddress) throws {
    #expect(try IPAddress(text) == address)
  }

  @Test(
    "are refused",
    arguments: [
      Malformed("", "is empty, not an address"),
      Malformed("example.org", "is not an IP address"),
      Malformed(" 192.0.2.1", "is not an IP address"),
      Malformed("192.0.2.1 ", "is not an IP address"),
      Malformed("192.0.2.1\0", "is not an IP address"),
      Malformed("192.0.2.١", "is not an IP address"),
      Malformed("-1.0.0.1", "is not an IP address"),
      Malformed("0x7f.0.0.1", "is not an IP address"),
      Malformed("10.0.0.0/8", "is not an IP address"),
      Malformed("192.0.2", "is not an IPv4 address", hint: "192.0.2.0 or 192.0.0.2?"),
      Malformed("10.1", "is not an IPv4 address", hint: "10.1.0.0 or 10.0.0.1?"),
      Malformed("10", "is not an IPv4 address", hint: "10.0.0.0 or 0.0.0.10?"),
      Malformed("10.65536", "is not an IPv4 address", hint: "did you mean 10.1.0.0?"),
      Malformed("10.16777216", "is not an IPv4 address"),
      Malformed("192.0.2.1.5", "is not an IPv4 address: four numbers"),
      Malformed("192.0.2.256", "is not an IPv4 address: four numbers"),
      Malformed("192.0.2.99999999999", "is not an IPv4 address: four numbers"),
      Malformed("192..2.1", "is not an IPv4 address: four numbers"),
      Malformed(".192.0.2.1", "is not an IPv4 address: four numbers"),
      Malformed("192.0.2.", "is not an IPv4 address: four numbers"),
      Malformed(
        "3221225985", "is not an IPv4 address: four numbers", hint: "did you mean 192.0.2.1?"),
      Malformed("192.0.2.01", "leading zero", hint: "did you mean 192.0.2.1?"),
      Malformed("010.0.2.1", "leading zero", hint: "10.0.2.1 or 8.0.2.1 in octal?"),
      Malformed("192.0.2.08", "leading zero", hint: "did you mean 192.0.2.8?"),
      Malformed("00.0.2.1", "leading zero", hint: "did you mean 0.0.2.1?"),
      Malformed("1:2:3", "is not an IPv6 address"),
      Malformed("1::2::3", "is not an IPv6 address"),
      Malformed("1:2:3:4:5:6:7:8:9", "is not an IPv6 address"),
      Malformed("::12345", "is not an IPv6 address"),
      Malformed("::g", "is not an IPv6 address"),
      Malformed("::1\0", "is not an IPv6 address"),
      Malformed("::1 ", "is not an IPv6 address"),
      Malformed("::192.0.2.256", "is not an IPv6 address"),
      Malformed("192.0.2.1:80", "is not an IPv6 address"),
      Malformed("0000:0000:0000:0000:0000:0000:255.255.255.2550", "is not an IPv6 address"),
      Malformed("fe80::1%eth0", "has a scope id", hint: "leave out the %"),
      Malformed("[::1]", "is in brackets", hint: "without [ and ]"),
    ])
  func refuses(malformed: Malformed) {
    let error = malformed.refused { text throws(InputError) in try IPAddress(text) }
    #expect(error?.input == malformed.text)
  }

  @Test(
    "are written as RFC 5952 has it",
    arguments: [
      ("2001:0DB8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"),
      ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("0:0:0:0:0:0:0:0", "::"),
      ("1:0:0:0:0:0:0:0", "1::"),
      ("0:1:2:3:4:5:0:0", "0:1:2:3:4:5::"),
    ])
  func writes(text: String, canonical: String) throws {
    #expect(try IPAddress(text).description == canonical)
  }

  @Test("read back what they write")
  func roundTrips() throws {
    var random = SplitMix64(seed: 1)
    for _ in 0..<2000 {
      let address = random.address()
      #expect(try IPAddress(address.description) == address)
    }
  }

  @Test("that are mapped are written as such, and read as IPv4")
  func mapped() throws {
    let mapped = IPAddress.v6(0xffff_c000_0201)
    #expect(mapped.description == "::ffff:192.0.2.1")
    #expect(try IPAddress.literal("::ffff:192.0.2.1") == mapped)
    #expect(mapped.unmapped == .v4(0xc000_0201))
    #expect(IPAddress.v6(1).unmapped == .v6(1))
  }

  @Test("sort by family, then by number")
  func sorts() {
    let sorted = [IPAddress.v4(0), .v4(2), .v4(.max), .v6(0), .v6(1), .v6(.max)]
    #expect(sorted.reversed().sorted() == sorted)
    #expect(sorted.map(\.width) == [32, 32, 32, 128, 128, 128])
  }
}
