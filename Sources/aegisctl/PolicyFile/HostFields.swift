import Aegis

/// Every field of a Host document: the single source for the reader, `apply --schema` and aegis-policy(5).
enum HostFields {
  static let kind = "Host"

  static let summary = """
    A Host document declares how much the datapath has room for, the interfaces it is attached to, where \
    the countries of addresses come from, the relay, and a program of your own. 'apply' loads the datapath if it is \
    not loaded, reads the countries, sets the program and the relay, applies the policy, and attaches the interfaces. \
    With --prune it \
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
      relay:
        listen: 203.0.113.10:4500
        portRange: 20000-59999
        keyFile: /etc/aegis/relay.key
        forward: eth0
      hook: {object: /usr/lib/aegis/match.o, onMissing: pass}

    """

  static let document = [
    PolicyFields.document[0],
    PolicyField(
      "kind", .constant(kind), required: true, "What the document declares.", expected: kind),
    PolicyField(
      "spec", .object(spec), required: true,
      "Capacities, interfaces, countries, the relay and a program.",
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
    PolicyField(
      "relay", .object(relay),
      """
      The relay, as for set-relay; see aegis-relay(7). Its users are in a Policy document. Without this field, also \
      with --prune, the relay stays as it is.
      """,
      expected: "a mapping with some of \(relay.map(\.name).joined(separator: ", "))"),
    PolicyField(
      "hook", .object(hook),
      """
      A program that is asked last, as for set-hook; see aegis-hook(7). Without this field, also with --prune, it \
      stays as it is.
      """,
      expected: "a mapping with some of \(hook.map(\.name).joined(separator: ", "))"),
  ]

  static let noObject = "none"

  static let hook = [
    PolicyField(
      "object", .text(), required: true,
      """
      The object file, by an absolute path, or none for no program. It is read by each apply and diff; a file with \
      other bytes replaces the program in place. Only root or the caller may own it and be able to write it.
      """, expected: "an absolute path, or \(noObject)",
      examples: ["/usr/lib/aegis/match.o", noObject]),
    PolicyField(
      "program", .text(), "The program in the object, if it has several.",
      expected: "the name of a program", examples: ["match"]),
    PolicyField(
      "onMissing", .choice(onMissing),
      "What becomes of packets for the program while it is missing; the default is pass.",
      expected: onMissing.joined(separator: " or "), examples: ["drop"]),
  ]

  private static let onMissing = Hook.Missing.allCases.map(\.rawValue)

  static let relay = [
    PolicyField(
      "listen", .textOrTexts, required: true,
      """
      Where clients send to: an address and a UDP port, or a list of one for IPv4 and one for IPv6, with the same \
      port. An empty list switches the relay off.
      """, expected: "an address and a port such as 192.0.2.1:4500, or a list",
      examples: ["192.0.2.1:4500", "[2001:db8::1]:4500"]),
    PolicyField(
      "portRange", .text(),
      "The ports of users toward their destinations. It is required unless listen is empty.",
      expected: "a range such as 20000-29999", examples: ["20000-29999"]),
    PolicyField(
      "keyFile", .text(),
      """
      The file of the master keys, by an absolute path. Only its owner may read it, who is the caller or root. \
      It is read by each apply and diff. Without this field the keys in force stay, so the relay must be on.
      """, expected: "an absolute path", examples: ["/etc/aegis/relay.key"]),
    PolicyField(
      "forward", .textOrTexts,
      """
      An attached interface that is prepared for the relay, or a list of them. With none, or an empty list, none is. \
      Without this field those that are prepared stay so.
      """, expected: "an interface such as eth0, or a list", examples: ["eth0"]),
  ]

  private static let most = 1...Int(Capacity.most)

  static let capacities = [
    PolicyField(
      "drops", .number(most),
      "The most drop entries of each family; the default is 1000000.",
      expected: "a number from 1 to \(most.upperBound)", examples: ["1000000"]),
    PolicyField(
      "keys", .number(most), "Allow keys, and as many protected keys; the default is 4096.",
      expected: "a number from 1 to \(most.upperBound)", examples: ["4096"]),
    PolicyField(
      "sources", .number(most),
      "Sources that the default rate tracks, rounded up; the default is 49152.",
      expected: "a number from 1 to \(most.upperBound)", examples: ["49152"]),
    PolicyField(
      "users", .number(1...Int(Capacity.mostUsers)), "Users of the relay; the default is 1024.",
      expected: "a number from 1 to \(Capacity.mostUsers)", examples: ["1024"]),
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
      "profile", .text(),
      """
      The profile that its packets are judged by, whichever is in force. Without this field it stays as it is: at \
      first, the one in force.
      """, expected: "the name of a profile", examples: ["main"]),
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
