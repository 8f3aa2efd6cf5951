import Aegis

/// Every field: the single source for the reader, `apply --schema` and aegis-policy(5).
enum PolicyFields {
  static let summary = """
    A policy declares the default action, the mode, classes, rules, rates, lists, drop entries and allow keys. It is written in YAML \
    or JSON. Several documents, in one file or in several, are combined. They must not contradict each other.

    If a field of spec is absent, the policy does not manage it and it stays as it is. An entry is declared as \
    a whole: if it has no note in the file, its note is removed. Without --prune the entries of a list are \
    added or changed, and other entries stay. With --prune other entries of that list are removed, even if the \
    list in the file is empty. A list that is absent stays as it is.

    Every drop entry belongs to a list: those of drops to the list manual, the others to one of lists. If lists \
    is there, --prune removes other lists. A list with neither entries nor file is left to drop-ip and feed: its \
    entries stay, also with --prune, and so does its expiry if it has none in the file.

    Rules have an order, and the first one that matches decides. The rules of the files come first, in their \
    order; without --prune, other rules stay behind them.

    An entry that already matches is not touched and keeps its hits. A difference of less than a second in its \
    expiry is ignored.

    Unknown fields, duplicate fields, anchors, aliases and tags are refused.
    """

  static let sample = """
    apiVersion: aegis/v1
    kind: Policy
    spec:
      default: deny
      replies: true
      mode: enforce
      classes:
      - {name: domestic, countries: [DE, AT, CH]}
      rules:
      - name: amplification
        match: {protocol: udp, sourcePort: [17, 19, 1900]}
        not: {from: 192.0.2.7}
        then: drop
      - {name: ping, match: {icmp: echo-request}, then: limit, rate: 10/s, total: true}
      rates:
      - rate: 1000/s
        burst: 200
      - {rate: 50/s, port: 53/udp}
      - {rate: 5000/s, class: domestic}
      lists:
      - {name: fail2ban-sshd, direction: both}
      - name: scanners
        monitor: true
        entries: [192.0.2.0/24]
      drops:
      - 198.51.100.0/24
      - source: 203.0.113.9
        note: ssh guessing
        expires: 2036-12-01T08:00:00Z
      keys:
      - any:443/tcp
      - key: 203.0.113.7:22/tcp
        protect: true
        note: administration
      relay:
        users:
        - {user: alice, to: 198.51.100.7:51820}
        - {user: bob, to: 198.51.100.7:51820, rate: 500/s}

    """

  static let document = [
    PolicyField(
      "apiVersion", .constant(APIVersion.current), required: true, "The version of the document.",
      expected: APIVersion.current),
    PolicyField(
      "kind", .constant("Policy"), required: true, "What the document declares.",
      expected: "Policy or \(HostFields.kind)"),
    PolicyField(
      "metadata", .object(metadata), "What the document is about.",
      expected: "a mapping with profile"),
    PolicyField(
      "spec", .object(spec), required: true, "The policy.",
      expected: "a mapping with some of \(spec.map(\.name).joined(separator: ", "))"),
  ]

  static let metadata = [
    PolicyField(
      "profile", .text(),
      """
      The profile that the document declares; main if it is absent. apply makes it if there is none, and switch puts \
      it into force. Its keys hold only while it is in force. What all profiles share cannot be in it: sourcePrefix, \
      classes, lists, drops, relay and protected keys.
      """, expected: "a name", examples: ["strict"])
  ]

  static let spec =
    [
      action,
      PolicyField(
        "replies", .flag,
        """
        Whether, with deny, replies to this host's own connections pass: TCP packets of a socket that is no \
        listener, and UDP packets of a connected socket, at a port that the kernel gives to such sockets.
        """,
        expected: "true or false"),
      PolicyField(
        "mode", .choice(PolicyDefaults.Mode.allCases.map(\.rawValue)),
        "Whether packets are dropped, or only counted and passed.",
        expected: "enforce or monitor", examples: ["enforce"]),
      PolicyField(
        "sourcePrefix", .object(sourcePrefix),
        "Prefix lengths that identify a source for the rates.",
        expected: "a mapping with v4 and v6"),
      PolicyField(
        "classes", .list(addressClass),
        """
        Classes of source addresses, for rates and rules. An address has one class: that of the longest prefix that \
        contains it, or else that of its country, or else foreign.
        """, expected: "a list of classes"),
      PolicyField(
        "lists", .list(namedList),
        """
        Lists of drop entries besides that of drops, each with its own owner. An address is dropped until the \
        last list lets it go.
        """, expected: "a list of lists"),
    ] + parts + [
      PolicyField(
        "out", .object(out),
        """
        The same for packets that leave this host, with destinations in place of sources: drops and keys name \
        destinations, and rates apply to each destination separately. The mode, sourcePrefix \
        and classes hold for both directions, and lists have a direction of their own.
        """,
        expected: "a mapping with some of \(out.map(\.name).joined(separator: ", "))"),
      PolicyField(
        "relay", .object(relay),
        """
        Who may use the relay. Where it listens and its keys are in a Host document, or come from set-relay: \
        without them, users cannot be added.
        """,
        expected: "a mapping with some of \(relay.map(\.name).joined(separator: ", "))"),
    ]

  /// Of packets that leave.
  static let out = [action] + parts

  private static let action = PolicyField(
    "default", .choice(PolicyDefaults.Default.allCases.map(\.rawValue)),
    "What happens to packets that match no entry. With deny, only packets that match a key pass.",
    expected: "allow or deny", examples: ["deny"])

  /// What each direction has by itself.
  private static let parts = [
    PolicyField(
      "rules", .list(rule),
      """
      Rules in the order in which they are tried: the first one that matches a packet decides. They come after \
      drops and lists, and before keys.
      """, expected: "a list of rules"),
    PolicyField(
      "rates", .list(rate),
      """
      Rate limits, for each source unless total is true. If several rates match a packet, the most specific \
      one applies: port and prefix, port, prefix, class, default. One rate in packets and one in bits or bytes may be combined.
      """, expected: "a list of rates"),
    PolicyField(
      "drops", .list(drop, shorthand: "source"),
      "Sources whose packets are dropped. A plain string is a source that never expires and has no note.",
      expected: "a list of sources"),
    PolicyField(
      "keys", .list(key, shorthand: "key"),
      "Packets that pass when the default is deny. A plain string is a key that never expires and has no note.",
      expected: "a list of keys"),
  ]

  static let sourcePrefix = [
    PolicyField(
      "v4", .number(1...32), required: true, "For IPv4 addresses; the default is 32.",
      expected: "a number from 1 to 32", examples: ["32"]),
    PolicyField(
      "v6", .number(1...128), required: true,
      "For IPv6 addresses; the default is 64, because a host usually owns its whole /64.",
      expected: "a number from 1 to 128", examples: ["64"]),
  ]

  static let addressClass = [
    PolicyField(
      "name", .text(), required: true,
      "A name of letters, digits, -, _ and . (at most 31 bytes); foreign and known are reserved.",
      expected: "a name such as domestic", examples: ["domestic"]),
    PolicyField(
      "countries", .texts,
      """
      Two-letter country codes of ISO 3166. Countries of addresses come from the files of set-geo, or of geo in \
      a Host document.
      """, expected: "a list of country codes such as DE", examples: ["DE", "AT"]),
    PolicyField(
      "prefixes", .texts, "Addresses and prefixes, whatever country they are in.",
      expected: "a list of prefixes such as 192.0.2.0/24", examples: ["192.0.2.0/24"]),
  ]

  static let namedList = [
    PolicyField(
      "name", .text(), required: true,
      "A name of letters, digits, -, _ and . (at most 39 bytes); manual is reserved for drops.",
      expected: "a name such as fail2ban-sshd", examples: ["fail2ban-sshd"]),
    PolicyField(
      "action", .choice(NamedList.Action.allCases.map(\.rawValue)),
      "Whether its entries drop packets, the default, or do nothing by themselves.",
      expected: "drop or none", examples: ["none"]),
    PolicyField(
      "direction", .choice(Directions.allCases.map(\.rawValue)),
      "Whether its entries hold for packets that come in, the default, that go out, or both.",
      expected: Directions.allCases.map(\.rawValue).joined(separator: ", "), examples: ["both"]),
    PolicyField(
      "monitor", .flag, "Packets are not dropped by its entries, only counted.",
      expected: "true or false"),
    PolicyField(
      "note", .text(), "A comment stored with the list (at most 63 bytes).",
      expected: "a text of at most 63 bytes", examples: ["bans of the jail sshd"]),
    PolicyField(
      "expires", .text(format: "date-time"),
      """
      When all its entries expire, as an RFC 3339 time; the default is never. If it has already passed, the \
      entries are left out with a note.
      """, expected: "RFC 3339 such as 2026-12-01T08:00:00Z",
      examples: ["2026-12-01T08:00:00Z"]),
    PolicyField(
      "entries", .list(drop, shorthand: "source"),
      "Its entries, as in drops. Not with file.", expected: "a list of sources"),
    PolicyField(
      "file", .text(),
      """
      A file with its entries, in any format that drop-ip -f reads, with the same bounds; each apply reads it \
      anew. A relative path begins at the directory of the policy file. A file with invalid lines, or without \
      entries, is refused.
      """, expected: "a path such as /etc/aegis/blocklist.txt",
      examples: ["/etc/aegis/blocklist.txt"]),
  ]

  static let rate = [
    PolicyField(
      "rate", .text(), required: true,
      """
      Packets, bits or bytes a second, minute or hour, for each source unless total is true. A number without a \
      unit, as in 1000/s, is packets.
      """,
      expected: "a rate such as 1000/s, 50k/s, 600/m or 10Mbit/s",
      examples: ["1000/s", "10Mbit/s"]),
    burst,
    PolicyField(
      "port", .text(),
      """
      Only for packets to these destination ports. Several ports share the rate. A rate for fewer ports is more \
      specific.
      """,
      expected: "ports and their protocol, such as 53/udp", examples: ["53/udp", "8000-8099/tcp"]),
    PolicyField(
      "from", .text(), "Only for packets from this address or prefix.", expected: source.expected,
      examples: ["192.0.2.0/24"]),
    PolicyField(
      "class", .text(),
      "Only for packets from addresses of this class, or of foreign; without port and from.",
      expected: "the name of a class such as domestic", examples: ["domestic"]),
    PolicyField(
      "total", .flag, "Limit all matching packets together, not each source by itself.",
      expected: "true or false"),
    algorithm,
    PolicyField(
      "monitor", .flag, "Packets over the rate pass, and are only counted.",
      expected: "true or false"),
  ]

  static let drop = [
    source,
    note("ssh guessing"),
    expires,
    PolicyField(
      "monitor", .flag, "Its packets are not dropped by this entry, only counted.",
      expected: "true or false"),
  ]

  static let key = [
    PolicyField(
      "key", .text(), required: true,
      """
      SOURCE[:PORTS][/PROTOCOL]: who may reach what. SOURCE is the remote address, a prefix or any. PORTS are \
      destination ports, so ports of this host and not of the source: 443, 8000-8099 or 80,443,8000-8099. \
      Write an IPv6 source in brackets; without them it is read as an address without a port.
      """,
      expected: "a key such as 203.0.113.7:22/tcp or any:443/tcp",
      examples: ["203.0.113.7:22/tcp", "any:80,443/tcp", "[2001:db8::/32]:443/tcp"]),
    PolicyField(
      "protect", .flag, "Packets that match this key are never dropped and never limited.",
      expected: "true or false"),
    note("administration"),
    expires,
    PolicyField(
      "rate", .text(), "Rate for each source that the key allows, instead of the rates of spec.",
      expected: "a rate such as 1000/s, 50k/s, 600/m or 10Mbit/s", examples: ["50/s"]),
    burst,
    algorithm,
    PolicyField(
      "monitor", .flag, "Packets over its rate pass, and are only counted.",
      expected: "true or false"),
  ]

  static let relay = [
    PolicyField(
      "users", .list(user),
      """
      Users of the relay, as for relay-user. One that is unchanged keeps its tokens. A user that is removed and \
      added again needs new ones, which relay-token makes.
      """, expected: "a list of users")
  ]

  static let user = [
    PolicyField(
      "user", .text(), required: true,
      "A name of letters, digits, -, _, . and @ (at most 31 bytes), in quotes if it is a number.",
      expected: "a name such as alice", examples: ["alice"]),
    PolicyField(
      "to", .text(), required: true, "Where its packets go to: an address and a UDP port.",
      expected: "an address and a port such as 198.51.100.7:51820",
      examples: ["198.51.100.7:51820", "[2001:db8::7]:51820"]),
    PolicyField(
      "rate", .text(),
      "Packets that may pass in each direction, or off for no limit; the default is 10000/s.",
      expected: "a rate of packets such as 500/s, or off", examples: ["500/s", "off"]),
    PolicyField(
      "burst", .quantity(1...Int(UInt32.max), pattern: #"^[0-9]+(\.[0-9]+)?[kM]?$"#),
      "Packets that may come at once. The default is 100 ms at the rate, and at least 10.",
      expected: "packets such as 200 or 10k", examples: ["200"]),
    expires,
  ]

  private static let source = PolicyField(
    "source", .text(), required: true, "An address or prefix, IPv4 or IPv6.",
    expected: "an address or prefix such as 192.0.2.1 or 192.0.2.0/24",
    examples: ["203.0.113.7", "2001:db8:bad::/48"])

  static let burst = PolicyField(
    "burst",
    .quantity(1...Int(UInt32.max), pattern: #"^[0-9]+(\.[0-9]+)?([kKMG]?B|[kKM])?$"#),
    """
    Packets or bytes that may arrive at once. The default is 100 ms at the rate, and at least 10 packets or \
    65536 bytes. A burst in bytes is at least \(Rate.fullFrame), a full Ethernet frame.
    """, expected: "packets such as 200 or 10k, or bytes such as 65536 or 1MB",
    examples: ["200", "1MB"])

  static let algorithm = PolicyField(
    "algorithm", .choice(Rate.Algorithm.allCases.map(\.rawValue)),
    "The algorithm that enforces the rate; the default is token-bucket.",
    expected: Rate.Algorithm.allCases.map(\.rawValue).joined(separator: ", "),
    examples: ["token-bucket"])

  static func note(_ example: String) -> PolicyField {
    PolicyField(
      "note", .text(), "A comment stored with the entry (at most 63 bytes).",
      expected: "a text of at most 63 bytes", examples: [example])
  }

  static let expires = PolicyField(
    "expires", .text(format: "date-time"),
    """
    When the entry expires, as an RFC 3339 time; the default is never. An entry that has already expired is \
    skipped with a note.
    """, expected: "RFC 3339 such as 2026-12-01T08:00:00Z",
    examples: ["2026-12-01T08:00:00Z"])
}
