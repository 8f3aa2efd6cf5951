import Testing

@testable import Aegis

@Suite("Allow keys")
struct AllowKeyTests {
  @Test(
    "are read, and written canonically",
    arguments: [
      ("any", nil, nil, nil, "any"),
      ("ANY:53", nil, 53, nil, "any:53"),
      ("any/udp", nil, nil, 17, "any/udp"),
      ("any/200", nil, nil, 200, "any/200"),
      ("any:65535/6", nil, 65535, 6, "any:65535/tcp"),
      ("192.0.2.1", "192.0.2.1", nil, nil, "192.0.2.1"),
      ("192.0.2.1/32", "192.0.2.1", nil, nil, "192.0.2.1"),
      ("192.0.2.1:1", "192.0.2.1", 1, nil, "192.0.2.1:1"),
      ("192.0.2.1/TCP", "192.0.2.1", nil, 6, "192.0.2.1/tcp"),
      ("192.0.2.1/32/200", "192.0.2.1", nil, 200, "192.0.2.1/32/200"),
      ("10.0.0.0/8:443/tcp", "10.0.0.0/8", 443, 6, "10.0.0.0/8:443/tcp"),
      ("10.0.0.0/8/47", "10.0.0.0/8", nil, 47, "10.0.0.0/8/gre"),
      ("0.0.0.0/0", "0.0.0.0/0", nil, nil, "0.0.0.0/0"),
      ("2001:db8::1", "2001:db8::1", nil, nil, "[2001:db8::1]"),
      ("[2001:db8::1:53]", "2001:db8::1:53", nil, nil, "[2001:db8::1:53]"),
      ("[2001:db8::1]", "2001:db8::1", nil, nil, "[2001:db8::1]"),
      ("2001:db8::1:a/tcp", "2001:db8::1:a", nil, 6, "[2001:db8::1:a]/tcp"),
      ("2001:db8::1:0/tcp", "2001:db8::1:0", nil, 6, "[2001:db8::1:0]/tcp"),
      ("1:2:3:4:5:6:7:22/tcp", "1:2:3:4:5:6:7:22", nil, 6, "[1:2:3:4:5:6:7:22]/tcp"),
      ("2001:db8::1:22/128", "2001:db8::1:22", nil, nil, "[2001:db8::1:22]"),
      ("::22", "::22", nil, nil, "[::22]"),
      ("[2001:db8::1]:53/udp", "2001:db8::1", 53, 17, "[2001:db8::1]:53/udp"),
      ("[2001:db8::/32]:443/tcp", "2001:db8::/32", 443, 6, "[2001:db8::/32]:443/tcp"),
      ("[2001:db8::]/32:443", "2001:db8::/32", 443, nil, "[2001:db8::/32]:443"),
      ("2001:db8::/32/sctp", "2001:db8::/32", nil, 132, "[2001:db8::/32]/sctp"),
      ("[::1/128]/200", "::1", nil, 200, "[::1/128]/200"),
      ("[::ffff:192.0.2.1]:53", "192.0.2.1", 53, nil, "192.0.2.1:53"),
    ] as [(String, String?, UInt16?, UInt8?, String)])
  func reads(
    text: String, source: String?, port: UInt16?, number: UInt8?, canonical: String
  ) throws {
    let key = try AllowKey(text)
    #expect(key.source?.description == source)
    #expect(key.ports == port.map(KeyPorts.one))
    #expect(key.protocol?.rawValue == number)
    #expect(key.description == canonical)
  }

  @Test(
    "of several ports are read, and written canonically",
    arguments: [
      ("any:80,443/tcp", "any:80,443/tcp"), ("any:443,80", "any:80,443"),
      ("any:8000-8099/udp", "any:8000-8099/udp"), ("any:60000-", "any:60000-65535"),
      ("any:-2", "any:1,2"), ("any:5,1-5,6-9", "any:1-9"), ("any:7-7/udp", "any:7/udp"),
      ("[2001:db8::/32]:53,853", "[2001:db8::/32]:53,853"),
      ("10.0.0.0/8:1-65535/sctp", "10.0.0.0/8:1-65535/sctp"),
    ])
  func several(text: String, canonical: String) throws {
    let key = try AllowKey(text)
    #expect(key.description == canonical)
    #expect(try AllowKey(canonical) == key)
  }

  @Test(
    "are refused",
    arguments: [
      Malformed("any:80,", "is not a port from 1 to 65535", hint: "write a number, a range"),
      Malformed("any:0-5", "is not a port from 1 to 65535", hint: "write a number, a range"),
      Malformed("any:9-5", "ends before it begins", hint: "write 5-9"),
      Malformed("any:1-2/icmp", "has ports 1,2, but icmp has no ports", hint: "only tcp"),
      Malformed("2001:db8::1:80-90", "has a port after", hint: "write [2001:db8::1]:80-90"),
      Malformed("80-90/tcp", "has no source", hint: "write any:80-90/tcp"),
      Malformed("", "has no source", hint: "write any"),
      Malformed(":53", "has no source", hint: "write any"),
      Malformed("/tcp", "has no source", hint: "write any"),
      Malformed("anything", "is not an IP address"),
      Malformed("192.0.2:53", "is not an IPv4 address", hint: "192.0.2.0 or 192.0.0.2?"),
      Malformed("2001:db8::g", "is not an IPv6 address"),
      Malformed("any:", "is not a port from 1 to 65535", hint: "SOURCE[:PORTS][/PROTOCOL]"),
      Malformed("any:0", "is not a port from 1 to 65535", hint: "SOURCE[:PORTS]"),
      Malformed("any:65536", "is not a port from 1 to 65535", hint: "SOURCE[:PORTS]"),
      Malformed("any:053", "is not a port from 1 to 65535", hint: "SOURCE[:PORTS]"),
      Malformed("any:+53", "is not a port from 1 to 65535", hint: "SOURCE[:PORTS]"),
      Malformed("any:https", "is not a port from 1 to 65535", hint: "SOURCE[:PORTS]"),
      Malformed("any:53 ", "is not a port from 1 to 65535", hint: "SOURCE[:PORTS]"),
      Malformed("any/", "is empty, not a protocol", hint: "tcp, udp or icmp"),
      Malformed("any/0", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("any:53/256", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("any/tcp/udp", "is not a protocol", hint: "tcp, udp or icmp"),
      Malformed("any/tcp:53", "is not a protocol", hint: "the port comes before the protocol"),
      Malformed("any:53/icmp", "has port 53, but icmp has no ports", hint: "tcp, udp and sctp"),
      Malformed("192.0.2.1:1/47", "has port 1, but gre has no ports", hint: "tcp, udp and sctp"),
      Malformed("192.0.2.1/6", "has host bits set", hint: "did you mean 192.0.0.0/6"),
      Malformed("10.0.0.0/33:80", "has no prefix length from 0 to 32"),
      Malformed(
        "2001:db8::1:22/tcp", "can be read as",
        hint: "write [2001:db8::1:22]/tcp for the address, [2001:db8::1]:22/tcp for the port"),
      Malformed(
        "2001:db8::1:22", "can be read as",
        hint: "write [2001:db8::1:22] for the address, [2001:db8::1]:22 for the port"),
      Malformed("::1:443", "can be read as", hint: "[::1:443] for the address, [::1]:443"),
      Malformed("2001:db8::1:53000/udp", "has a port", hint: "write [2001:db8::1]:53000/udp"),
      Malformed("::ffff:192.0.2.1:22", "has a port", hint: "write [::ffff:192.0.2.1]:22"),
      Malformed(
        "[::ffff:0:0/96]:22", "prefix of IPv4-mapped", hint: "if you mean IPv4, write 0.0.0.0/0"),
      Malformed("[2001:db8::1", "has a [ without a closing ]"),
      Malformed("[192.0.2.1]:53", "has brackets around something that is not"),
      Malformed("[]:53", "has brackets around something that is not"),
      Malformed("[any]:53", "has brackets around something that is not"),
      Malformed("[::1]53", "has \"53\" after the source"),
      Malformed("[::1]/129", "has no prefix length from 0 to 128"),
      Malformed("[::1]/64:53", "has host bits set", hint: "did you mean ::/64 or ::1?"),
    ])
  func refuses(malformed: Malformed) {
    malformed.refused { text throws(InputError) in try AllowKey(text) }
  }

  @Test("in a file are an address without a port where both can be read, and noted")
  func files() throws {
    var notes: [InputNote] = []
    let key = try AllowKey("2001:db8::1:22/tcp", in: .file, noting: &notes)
    #expect(key == (try AllowKey("[2001:db8::1:22]/tcp")))
    #expect(
      notes.map(\.description) == [
        #""2001:db8::1:22/tcp": read as the address in [2001:db8::1:22]/tcp, without a port"#
      ])
  }

  @Test("have no port and no protocol 0, and ports only where there are some")
  func parts() {
    #expect(throws: InputError.self) { try AllowKey(port: 0) }
    #expect(throws: InputError.self) { try AllowKey(protocol: .init(rawValue: 0)) }
    #expect(throws: InputError.self) { try AllowKey(port: 1, protocol: .icmp) }
    #expect(throws: Never.self) { try AllowKey(port: 1, protocol: .sctp) }
  }

  @Test("read back what they write")
  func roundTrips() throws {
    var random = SplitMix64(seed: 3)
    for _ in 0..<3000 {
      let key = try random.key()
      #expect(try AllowKey(key.description) == key)
    }
  }

  @Test("sort by source, port and protocol, any first")
  func sorts() throws {
    let texts = [
      "any", "any/tcp", "any:1", "any:1/tcp", "any:1/udp", "any:2", "0.0.0.0/0", "10.0.0.0/8",
      "10.0.0.0/8:1", "10.0.0.1", "[::1]",
    ]
    #expect(try texts.reversed().map { try AllowKey($0) }.sorted().map(\.description) == texts)
  }

  @Test("with a mark on a separator are refused", arguments: AllowKeyTests.marked)
  func marks(text: String) {
    #expect(throws: InputError.self) { try AllowKey(text) }
  }

  /// A combining acute makes one Character with what it follows.
  static let marked = [
    "any:\u{301}53", "any/\u{301}tcp", "10.0.0.0/\u{301}8", "[\u{301}2001:db8::1]:53",
  ]
}
