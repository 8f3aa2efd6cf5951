import Testing

@testable import Aegis

@Suite("Transport protocols")
struct TransportProtocolTests {
  /// From the IANA registry of protocol numbers.
  static let named: [(name: String, number: UInt8)] = [
    ("icmp", 1), ("igmp", 2), ("ipip", 4), ("tcp", 6), ("udp", 17), ("ipv6", 41), ("gre", 47),
    ("esp", 50), ("ah", 51), ("icmpv6", 58), ("ospf", 89), ("pim", 103), ("vrrp", 112),
    ("l2tp", 115), ("sctp", 132),
  ]

  @Test("are read by name, in any case, and by number", arguments: named)
  func reads(name: String, number: UInt8) throws {
    let expected = TransportProtocol(rawValue: number)
    #expect(try TransportProtocol(name) == expected)
    #expect(try TransportProtocol(name.uppercased()) == expected)
    #expect(try TransportProtocol("\(number)") == expected)
    #expect(expected.description == name)
    #expect(expected.name == name)
  }

  @Test("have a name only when it reads back as their number", arguments: 1...UInt8.max)
  func roundTrips(number: UInt8) throws {
    let proto = TransportProtocol(rawValue: number)
    #expect(try TransportProtocol(proto.description) == proto)
    let isNamed = Self.named.contains { $0.number == number }
    #expect((proto.name != nil) == isNamed)
    if !isNamed { #expect(proto.description == "\(number)") }
  }

  @Test("with ports are TCP, UDP and SCTP")
  func ports() {
    let ported = (0...UInt8.max).filter { TransportProtocol(rawValue: $0).hasPorts }
    #expect(ported == [6, 17, 132])
  }

  @Test(
    "are refused",
    arguments: [
      Malformed("", "is empty, not a protocol", hint: "tcp, udp or icmp"),
      Malformed("0", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("256", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("-6", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("+6", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("06", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("18446744073709551622", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("٦", "is not a protocol", hint: "a number from 1 to 255"),
      Malformed("tcp ", "is not a protocol", hint: "tcp, udp or icmp"),
      Malformed("tcp4", "is not a protocol", hint: "tcp, udp or icmp"),
      Malformed("tcp\0", "is not a protocol", hint: "tcp, udp or icmp"),
      Malformed("any", "is not a protocol", hint: "tcp, udp or icmp"),
    ])
  func refuses(malformed: Malformed) {
    let error = malformed.refused { text throws(InputError) in try TransportProtocol(text) }
    #expect(error?.input == malformed.text)
  }
}
