import Aegis

/// Every field of a Host document: the single source for the reader, `apply --schema` and aegis-policy(5).
enum HostFields {
  static let kind = "Host"

  static let summary = """
    A Host document declares how much the datapath has room for, the interfaces it is attached to, and where \
    the countries of addresses come from. 'apply' loads the datapath if it is not loaded, reads the countries, \
    applies the policy, and attaches the interfaces. With --prune it \
    detaches other interfaces of this network namespace. Capacities of a loaded datapath change only with \
    --replace; otherwise a note shows the difference.

    A name that does not exist is an error, or with --at-boot a note: run 'apply' again when the interface \
    appears.
    """

  static let sample = """
    apiVersion: aegis/v1
    kind: Host
    spec:
      capacities: {drops: 1000000}
      interfaces:
      - eth0
      - {name: eth1, mode: generic, direction: both}
      - {match: "veth*"}
      - {name: eth2, wire: {to: eth3, trust: eth3}}
      geo: [/usr/share/tor/geoip, /usr/share/tor/geoip6]

    """

  static let document = [
    PolicyFields.document[0],
    PolicyField(
      "kind", .constant(kind), required: true, "What the document declares.", expected: kind),
    PolicyField(
      "spec", .object(spec), required: true, "Capacities, interfaces and countries.",
      expected: "a mapping with some of \(spec.map(\.name).joined(separator: ", "))"),
  ]

  static let spec = [
    PolicyField(
      "capacities", .object(capacities), "How much the datapath has room for.",
      expected: "a mapping with some of \(capacities.map(\.name).joined(separator: ", "))"),
    PolicyField(
      "interfaces", .list(interface, shorthand: "name"),
      """
      Interfaces the datapath is attached to. A plain string is a name. The first item that \
      fits decides; no pattern fits the ports of a wire.
      """,
      expected: "a list of interfaces"),
    PolicyField(
      "geo", .texts,
      """
      Files with the countries of addresses, by absolute paths, as for set-geo, for the classes of a policy. An empty list removes \
      the loaded countries.
      """, expected: "a list of files", examples: ["/usr/share/tor/geoip", "/usr/share/tor/geoip6"]),
  ]

  private static let most = 1...Int(Capacity.most)

  static let capacities = [
    PolicyField(
      "drops", .number(most),
      "Drop entries, for hosts and prefixes of each family; the default is 131072.",
      expected: "a number from 1 to \(most.upperBound)", examples: ["1000000"]),
    PolicyField(
      "keys", .number(most), "Allow keys, and as many protected keys; the default is 4096.",
      expected: "a number from 1 to \(most.upperBound)", examples: ["4096"]),
    PolicyField(
      "sources", .number(most),
      "Sources that the default rate tracks, rounded up; the default is 49152.",
      expected: "a number from 1 to \(most.upperBound)", examples: ["49152"]),
  ]

  static let interface = [
    PolicyField(
      "name", .text(), "The name of an interface, also an alternative one.",
      expected: "the name of an interface such as eth0", examples: ["eth0"]),
    PolicyField(
      "match", .text(),
      """
      A pattern with *, ? and [ ], but not for the loopback, nor, unless by tc, for interfaces without an Ethernet \
      header.
      """,
      expected: "a pattern such as veth*", examples: ["veth*"]),
    PolicyField(
      "mode", .choice(AttachMode.allCases.map(\.rawValue)),
      """
      Where the program for what comes in runs; the default is auto: native, or generic if the driver does not \
      support it, or tc without an Ethernet header.
      """,
      expected: AttachMode.allCases.map(\.rawValue).joined(separator: ", "), examples: ["native"]),
    PolicyField(
      "direction", .choice(Directions.allCases.map(\.rawValue)),
      "Whether packets that come in are judged, the default, that go out, or both. Not with wire.",
      expected: Directions.allCases.map(\.rawValue).joined(separator: ", "), examples: ["both"]),
    PolicyField(
      "wire", .object(wire),
      "The other port of a wire: what passes on one leaves by the other. Only with name.",
      expected: "a mapping with some of \(wire.map(\.name).joined(separator: ", "))"),
  ]

  static let wire = [
    PolicyField(
      "to", .text(), required: true, "The other port. It is not listed itself.",
      expected: "the name of an interface such as eth1", examples: ["eth1"]),
    PolicyField(
      "trust", .text(), "The port whose packets are not judged; by default both are judged.",
      expected: "one of the two ports", examples: ["eth1"]),
    PolicyField(
      "ifDetached", .choice(ifDetached),
      "Without the datapath, nothing crosses a closed wire, the default; a bridge forwards on an open one.",
      expected: ifDetached.joined(separator: " or "), examples: ["closed"]),
    PolicyField(
      "followLink", .flag,
      "Whether 'repair' takes a port down while the other one has no carrier.",
      expected: "true or false"),
  ]

  private static let ifDetached = WireOptions.IfDetached.allCases.map(\.rawValue)
}
