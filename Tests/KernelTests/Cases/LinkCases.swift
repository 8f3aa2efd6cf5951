import Aegis
import CAegis

@testable import TestModel

/// What lies below IP.
enum LinkCases {
  static let tags: [FrameCase] = [
    FrameCase("no tag", Frame(IPv4(.tcp())), key, .pass, AEGIS_PASS_KEY),
    FrameCase("a VLAN", Frame(IPv4(.tcp()), tags: [q]), key, .pass, AEGIS_PASS_KEY),
    FrameCase("a service VLAN", Frame(IPv4(.tcp()), tags: [ad]), key, .pass, AEGIS_PASS_KEY),
    FrameCase("QinQ", Frame(IPv4(.tcp()), tags: [ad, q]), key, .pass, AEGIS_PASS_KEY),
    FrameCase("old QinQ", Frame(IPv4(.tcp()), tags: [q, q]), key, .pass, AEGIS_PASS_KEY),
    FrameCase("v6 in a VLAN", Frame(IPv6(.tcp()), tags: [q]), key, .pass, AEGIS_PASS_KEY),
    FrameCase("v6 in QinQ", Frame(IPv6(.tcp()), tags: [ad, q]), key, .pass, AEGIS_PASS_KEY),
    FrameCase("three tags", Frame(IPv4(.tcp()), tags: [ad, q, q]), key, .pass, AEGIS_PASS_KEY),
    FrameCase(
      "three tags, denied", Frame(IPv4(.udp()), tags: [ad, q, q]), key, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "three tags, allow", Frame(IPv6(.tcp()), tags: [q, q, q]), .allow, .pass,
      AEGIS_PASS_DEFAULT),
    FrameCase(
      "four tags, listed", Frame(IPv6(.tcp()), tags: [q, ad, q, ad]), .allow.drop("2001:db8::1"),
      .drop, AEGIS_DROP_HOST),
    FrameCase(
      "four tags of VLAN 0", Frame(IPv4(.tcp()), tags: [q, q, q, q], vlan: nil),
      .allow.drop("192.0.2.0/24"), .drop, AEGIS_DROP_PREFIX),
    FrameCase(
      "four tags, over its rate", Frame(IPv4(.tcp()), tags: [q, q, q, q]), .allow.burst(1), .drop,
      AEGIS_DROP_RATE, after: [Frame(IPv4(.tcp()))]),
    FrameCase(
      "four tags, malformed below", Frame(IPv4(.tcp()) { $0.words = 1 }, tags: [q, q, q, q]),
      .allow, .drop, AEGIS_DROP_MALFORMED),
    FrameCase("ARP behind four", .arp(tags: [q, q, q, q]), .deny, .pass, AEGIS_PASS_ARP),
    FrameCase(
      "a tag of before 802.1ad", Frame(IPv4(.tcp()), tags: [0x9100, 0x9200, 0x9300]), key, .pass,
      AEGIS_PASS_KEY),
    FrameCase(
      "a tag of another protocol", Frame(IPv4(.tcp()), tags: [0x9400]), key, .drop,
      AEGIS_DROP_NOT_IP),
  ]

  /// IP in a frame with a length instead of a type (VU#855201).
  static let snap: [FrameCase] = [
    FrameCase("SNAP", snap(.ipv4), listed, .drop, AEGIS_DROP_HOST),
    FrameCase("SNAP of 802.1H", snap(.ipv4, [0, 0, 0xf8]), listed, .drop, AEGIS_DROP_HOST),
    FrameCase("SNAP, IPv6", snap(.ipv6), listed6, .drop, AEGIS_DROP_HOST),
    FrameCase("SNAP behind a tag", snap(.ipv4, tags: [q]), listed, .drop, AEGIS_DROP_HOST),
    FrameCase(
      "a tag behind SNAP", Frame(38, head + .big(q) + [0, 0] + .big(Frame.ipv4) + ipv4), listed,
      .drop, AEGIS_DROP_HOST),
    FrameCase(
      "SNAP behind four", snap(.ipv4, tags: [q, q, q, q]), .allow, .drop, AEGIS_DROP_VLAN_TAGS),
    FrameCase("SNAP to a group", snap(.ipv4, to: Frame.group(0)), listed, .drop, AEGIS_DROP_HOST),
    FrameCase("SNAP, allow", snap(.ipv4), .allow, .pass, AEGIS_PASS_DEFAULT),
    FrameCase(
      "ARP in SNAP", Frame(38, head + .big(Frame.arp) + .zeros(28)), .deny, .pass, AEGIS_PASS_ARP),
    FrameCase("SNAP, cut", snap(.ipv4).truncated(to: 21), .allow, .pass, AEGIS_PASS_NOT_IP),
    FrameCase(
      "of another organization", snap(.ipv4, [0, 0, 0xc]), .deny, .drop, AEGIS_DROP_NOT_IP),
    FrameCase(
      "LLC, not SNAP", Frame(38, [0x42, 0x42, 3] + .zeros(40)), .deny, .drop, AEGIS_DROP_NOT_IP),
  ]

  private enum Family { case ipv4, ipv6 }

  private static let listed = Policy.allow.drop("192.0.2.1")
  private static let listed6 = Policy.allow.drop("2001:db8::1")
  private static let head: [UInt8] = [0xaa, 0xaa, 3, 0, 0, 0]
  private static let ipv4 = IPv4(.tcp()).bytes

  private static func snap(
    _ family: Family, _ organization: [UInt8] = [0, 0, 0], to destination: [UInt8] = Frame.host,
    tags: [UInt16] = []
  ) -> Frame {
    let inner =
      family == .ipv4 ? .big(Frame.ipv4) + ipv4 : [UInt8].big(Frame.ipv6) + IPv6(.tcp()).bytes
    return Frame(
      UInt16(8 + inner.count - 2), [0xaa, 0xaa, 3] + organization + inner, to: destination,
      tags: tags)
  }

  /// One more than are read.
  static let tooManyTags: [FrameCase] =
    [Policy.allow, .deny, key, .deny.protect("any"), .allow.burst(9)].map {
      FrameCase("five", fiveTags, $0, .drop, AEGIS_DROP_VLAN_TAGS)
    } + [
      FrameCase(
        "five, ARP", .arp(tags: Array(repeating: ad, count: 5)), .allow, .drop,
        AEGIS_DROP_VLAN_TAGS),
      FrameCase(
        "five, cut behind the fourth", fiveTags.truncated(to: 30), .allow, .drop,
        AEGIS_DROP_VLAN_TAGS),
      FrameCase(
        "four, cut", fiveTags.truncated(to: 29), .allow, .drop, AEGIS_DROP_MALFORMED),
      FrameCase(
        "eight of VLAN 0 to a group",
        Frame(
          IPv4(.tcp()), to: Frame.group(0), tags: Array(repeating: q, count: 8), vlan: nil),
        .deny, .drop, AEGIS_DROP_VLAN_TAGS),
      FrameCase(
        "five, monitored", fiveTags, .allow.monitoring, .pass, AEGIS_PASS_MONITORED,
        wouldDrop: AEGIS_DROP_VLAN_TAGS),
      FrameCase(
        "five, unconfirmed", fiveTags, .deny.unconfirmed, .pass, AEGIS_PASS_UNCONFIRMED),
      FrameCase(
        "five, unconfigured", fiveTags, .unconfigured, .pass, AEGIS_PASS_UNCONFIGURED),
    ]

  private static let fiveTags = Frame(
    IPv4(.tcp()), tags: Array(repeating: q, count: 5), vlan: nil)

  static let others: [FrameCase] = [
    FrameCase("ARP, deny", .arp(), .deny, .pass, AEGIS_PASS_ARP),
    FrameCase("ARP, allow", .arp(), .allow, .pass, AEGIS_PASS_ARP),
    FrameCase("ARP in a VLAN", .arp(tags: [q]), .deny, .pass, AEGIS_PASS_ARP),
    FrameCase("ARP in QinQ", .arp(tags: [ad, q]), .deny, .pass, AEGIS_PASS_ARP),
    FrameCase("RARP", Frame(0x8035, .zeros(28)), .deny, .drop, AEGIS_DROP_NOT_IP),
    FrameCase("MPLS, deny", Frame(0x8847, .zeros(46)), .deny, .drop, AEGIS_DROP_NOT_IP),
    FrameCase("MPLS, allow", Frame(0x8847, .zeros(46)), .allow, .pass, AEGIS_PASS_NOT_IP),
    FrameCase("PPPoE", Frame(0x8864, .zeros(46)), .allow, .pass, AEGIS_PASS_NOT_IP),
    FrameCase("a length, 802.3", Frame(0x0026, .zeros(46)), .deny, .drop, AEGIS_DROP_NOT_IP),
    FrameCase("nothing but Ethernet", Frame(0x88b5, []), .allow, .pass, AEGIS_PASS_NOT_IP),
    FrameCase(
      "no rate for what is not IP", Frame(0x88b5, []), .allow.burst(1), .pass,
      AEGIS_PASS_NOT_IP, after: [Frame(0x88b5, []), Frame(0x88b5, [])]),
  ]

  static let control: [FrameCase] = [
    FrameCase(
      "STP", Frame(0x0026, .zeros(46), to: Frame.group(0)), .deny, .pass,
      AEGIS_PASS_LINK_CONTROL),
    FrameCase(
      "LACP", Frame(0x8809, .zeros(46), to: Frame.group(2)), .deny, .pass,
      AEGIS_PASS_LINK_CONTROL),
    FrameCase(
      "802.1X, allow", Frame(0x888e, .zeros(46), to: Frame.group(3)), .allow, .pass,
      AEGIS_PASS_LINK_CONTROL),
    FrameCase(
      "LLDP", Frame(0x88cc, .zeros(46), to: Frame.group(0xe)), .deny, .pass,
      AEGIS_PASS_LINK_CONTROL),
    FrameCase(
      "the last group", Frame(0x88cc, [], to: Frame.group(0xf)), .deny, .pass,
      AEGIS_PASS_LINK_CONTROL),
    FrameCase(
      "PTP peer delay", Frame(0x88f7, .zeros(54), to: Frame.group(0xe)), .deny, .pass,
      AEGIS_PASS_LINK_CONTROL),
    FrameCase(
      "STP, the longest", Frame(1500, .zeros(1500), to: Frame.group(0)), .deny, .pass,
      AEGIS_PASS_LINK_CONTROL),
    notControl("PTP to another group", Frame(0x88f7, .zeros(54), to: Frame.group(0))),
    notControl("a length to another group", Frame(0x0026, .zeros(46), to: Frame.group(1))),
    notControl("no length", Frame(1501, .zeros(46), to: Frame.group(0))),
    notControl("another type to a group", Frame(0x88b5, .zeros(46), to: Frame.group(0))),
    notControl("RARP to a group", Frame(0x8035, .zeros(46), to: Frame.group(2))),
    notControl("MPLS to a group", Frame(0x8847, .zeros(46), to: Frame.group(0xe))),
    notControl(
      "link control in a VLAN", Frame(0x88cc, .zeros(46), to: Frame.group(0xe), tags: [q])),
    notControl(
      "link control in VLAN 0",
      Frame(0x8809, .zeros(46), to: Frame.group(2), tags: [ad], vlan: nil)),
    notControl(
      "STP behind four", Frame(0x0026, .zeros(46), to: Frame.group(0), tags: [q, q, q, q])),
    FrameCase(
      "three tags to a group", Frame(IPv4(.tcp()), to: Frame.group(0xe), tags: [q, q, q]),
      .deny, .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "GARP, beyond the groups", Frame(0x0026, .zeros(46), to: Frame.group(0x20)), .deny, .drop,
      AEGIS_DROP_NOT_IP),
    FrameCase(
      "one beyond the groups", Frame(0x88cc, [], to: Frame.group(0x10)), .deny, .drop,
      AEGIS_DROP_NOT_IP),
    FrameCase(
      "another octet of the group", Frame(0x88cc, [], to: [1, 0x80, 0xc2, 0, 1, 0]), .deny,
      .drop, AEGIS_DROP_NOT_IP),
    FrameCase(
      "no group, for it is unicast", Frame(0x88cc, [], to: [0, 0x80, 0xc2, 0, 0, 2]), .deny,
      .drop, AEGIS_DROP_NOT_IP),
    FrameCase(
      "IP to a group is IP", Frame(IPv4(.tcp()), to: Frame.group(2)), .deny, .drop,
      AEGIS_DROP_DEFAULT),
  ]

  private static func notControl(_ name: String, _ frame: Frame) -> FrameCase {
    FrameCase(name, frame, .deny, .drop, AEGIS_DROP_NOT_IP)
  }

  private static let key = Policy.deny.key("any:443/tcp")
  private static let (q, ad) = (Frame.vlan, Frame.serviceVLAN)
}
