import Aegis
import Testing

/// A packet of another link than Ethernet and the header that it has to get.
struct LinkCase: Sendable, CustomTestStringConvertible {
  /// A `LINKTYPE_` value.
  let number: UInt32
  let name: String
  let header: [UInt8]
  let packet: [UInt8]
  let made: [UInt8]
  var isOutgoing = false

  /// As the header has it.
  var direction: Direction? { [113, 276].contains(number) ? isOutgoing ? .out : .in : nil }

  var testDescription: String { name }

  private static let nobody = [UInt8](repeating: 0, count: 12)
  private static let someone: [UInt8] = [2, 0, 0, 0, 0, 9]
  private static let v4: [UInt8] = [0x08, 0x00]
  private static let v6: [UInt8] = [0x86, 0xdd]

  private static func cooked(_ kind: UInt8, _ type: [UInt8]) -> [UInt8] {
    [0, kind, 0, 1, 0, 6] + someone + [0, 0] + type
  }

  private static func cooked2(_ kind: UInt8, _ type: [UInt8]) -> [UInt8] {
    type + [0, 0, 0, 0, 0, 3, 0, 1, kind, 6] + someone + [0, 0]
  }

  private static func ip(
    _ number: UInt32, _ name: String, header: [UInt8] = [], _ packet: [UInt8],
    _ type: [UInt8]
  ) -> LinkCase {
    LinkCase(number: number, name: name, header: header, packet: packet, made: nobody + type)
  }

  static let all = [
    ip(101, "IPv4 alone", SampleFrame.packet, v4), ip(101, "IPv6 alone", SampleFrame.ipv6, v6),
    ip(228, "IPv4 by its number", SampleFrame.packet, v4),
    ip(229, "IPv6 by its number", SampleFrame.ipv6, v6),
    ip(0, "loopback of Linux", header: [2, 0, 0, 0], SampleFrame.packet, v4),
    ip(0, "loopback of a Mac", header: [0, 0, 0, 30], SampleFrame.ipv6, v6),
    ip(108, "loopback of OpenBSD", header: [0, 0, 0, 24], SampleFrame.ipv6, v6),
    LinkCase(
      number: 113, name: "cooked", header: cooked(0, v4), packet: SampleFrame.packet,
      made: [0, 0, 0, 0, 0, 0] + someone + v4),
    LinkCase(
      number: 113, name: "cooked, sent", header: cooked(4, v6), packet: SampleFrame.ipv6,
      made: [0, 0, 0, 0, 0, 0] + someone + v6, isOutgoing: true),
    LinkCase(
      number: 113, name: "cooked, with a VLAN tag", header: cooked(0, [0x81, 0x00]),
      packet: [0, 7] + v4 + SampleFrame.packet,
      made: [0, 0, 0, 0, 0, 0] + someone + [0x81, 0x00]),
    LinkCase(
      number: 276, name: "cooked 2, a broadcast", header: cooked2(1, v4),
      packet: SampleFrame.packet, made: [UInt8](repeating: 0xff, count: 6) + someone + v4),
    LinkCase(
      number: 276, name: "cooked 2, sent", header: cooked2(4, v4), packet: SampleFrame.packet,
      made: [0, 0, 0, 0, 0, 0] + someone + v4, isOutgoing: true),
    // The length that follows is that of the packet; the test's second packet has another.
    LinkCase(
      number: 113, name: "cooked, IEEE 802.3", header: cooked(2, [0, 4]),
      packet: [0x42, 0x42, 3, 0, 0], made: [0, 0, 0, 0, 0, 0] + someone + [0, 5]),
  ]
}
