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
      "a tag of another protocol", Frame(IPv4(.tcp()), tags: [0x9100]), key, .drop,
      AEGIS_DROP_NOT_IP),
  ]

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
