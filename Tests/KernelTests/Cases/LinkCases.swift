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
    FrameCase(
      "three tags, deny", Frame(IPv4(.tcp()), tags: [ad, q, q]), key, .drop, AEGIS_DROP_NOT_IP),
    FrameCase(
      "three tags, allow", Frame(IPv6(.tcp()), tags: [q, q, q]), .allow, .pass,
      AEGIS_PASS_NOT_IP),
    FrameCase(
      "a tag of another protocol", Frame(IPv4(.tcp()), tags: [0x9100]), key, .drop,
      AEGIS_DROP_NOT_IP),
  ]

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
      "link control in a VLAN", Frame(0x88cc, .zeros(46), to: Frame.group(0xe), tags: [q]),
      .deny, .pass, AEGIS_PASS_LINK_CONTROL),
    FrameCase(
      "three tags to a group", Frame(IPv4(.tcp()), to: Frame.group(0xe), tags: [q, q, q]),
      .deny, .pass, AEGIS_PASS_LINK_CONTROL),
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

  private static let key = Policy.deny.key("any:443/tcp")
  private static let (q, ad) = (Frame.vlan, Frame.serviceVLAN)
}
