import Aegis

/// Every field there is: the one source of the reader, of `apply --schema` and of aegis-policy(5).
enum PolicyFields {
  static let summary = """
    What a datapath is to do: the default action, the mode, rates, drop entries and allow keys. It is written \
    in YAML or JSON. Several documents, in one file or in several, are read as one; what two of them say \
    about the same thing must be the same.

    A field of spec that is absent is not managed by the document and stays as it is. An entry is declared as \
    a whole: what it leaves out, such as its note, it does not have. Without --prune the entries of a list are \
    added and changed, and others stay. With --prune a list that is there, be it empty, becomes exactly that; a \
    list that is absent still stays as it is.

    An entry that is there already on the same conditions is not touched, and keeps its hits; less than a \
    second of its time is no difference.

    Unknown fields, fields that are there twice, anchors, aliases and tags are refused.
    """

  static let sample = """
    apiVersion: aegis/v1
    kind: Policy
    spec:
      default: deny
      mode: enforce
      rates:
      - rate: 1000/s
        burst: 200
      - {rate: 50/s, port: 53/udp}
      drops:
      - 198.51.100.0/24
      - source: 203.0.113.9
        note: ssh guessing
        expires: 2036-12-01T08:00:00Z
      keys:
      - any:443/tcp
      - key: 203.0.113.7:22/tcp
        protect: true
        note: management

    """

  static let document = [
    PolicyField(
      "apiVersion", .constant(APIVersion.current), required: true, "The version of the document.",
      expected: APIVersion.current),
    PolicyField(
      "kind", .constant("Policy"), required: true, "What the document declares.",
      expected: "Policy"),
    PolicyField(
      "spec", .object(spec), required: true, "The policy.",
      expected: "a mapping with some of \(spec.map(\.name).joined(separator: ", "))"),
  ]

  static let spec = [
    PolicyField(
      "default", .choice(PolicyDefaults.Default.allCases.map(\.rawValue)),
      "What happens to a packet that no entry names: deny lets in only what a key names.",
      expected: "allow or deny", examples: ["deny"]),
    PolicyField(
      "mode", .choice(PolicyDefaults.Mode.allCases.map(\.rawValue)),
      "Whether what would be dropped is dropped, or passes and is only counted.",
      expected: "enforce or monitor", examples: ["enforce"]),
    PolicyField(
      "sourcePrefix", .object(sourcePrefix),
      "How many leading bits of an address tell sources apart to the rates.",
      expected: "a mapping with v4 and v6"),
    PolicyField(
      "rates", .list(rate),
      """
      What may be sent. Of the rates that match a packet the one with the most specific port and prefix \
      decides; one of packets and one of bits or bytes may stand side by side.
      """, expected: "a list of rates"),
    PolicyField(
      "drops", .list(drop, shorthand: "source"),
      "Whose packets are dropped. A text alone is a source for good, without a note.",
      expected: "a list of sources"),
    PolicyField(
      "keys", .list(key, shorthand: "key"),
      "What is let in when the default is deny. A text alone is a key for good, without a note.",
      expected: "a list of keys"),
  ]

  static let sourcePrefix = [
    PolicyField(
      "v4", .number(1...32), required: true, "Of an IPv4 address; 32 unless set.",
      expected: "a number from 1 to 32", examples: ["32"]),
    PolicyField(
      "v6", .number(1...128), required: true,
      "Of an IPv6 address; 64 unless set, since a host usually owns its whole /64.",
      expected: "a number from 1 to 128", examples: ["64"]),
  ]

  static let rate = [
    PolicyField(
      "rate", .text(), required: true,
      "Packets, bits or bytes a second, minute or hour.",
      expected: "a rate such as 1000/s, 50k/s, 600/m or 10Mbit/s",
      examples: ["1000/s", "10Mbit/s"]),
    burst,
    PolicyField(
      "port", .text(), "Only for packets to this destination port.",
      expected: "a port and its protocol, such as 53/udp", examples: ["53/udp"]),
    PolicyField(
      "from", .text(), "Only for packets from this address or prefix.", expected: source.expected,
      examples: ["192.0.2.0/24"]),
    PolicyField(
      "total", .flag, "For all that it matches together, not for each source.",
      expected: "true or false"),
    algorithm,
    PolicyField(
      "monitor", .flag, "What is over it passes, and is only counted.", expected: "true or false"),
  ]

  static let drop = [
    source,
    note,
    expires,
    PolicyField(
      "monitor", .flag, "Its packets go on, and are only counted.", expected: "true or false"),
  ]

  static let key = [
    PolicyField(
      "key", .text(), required: true,
      """
      SOURCE[:PORT][/PROTOCOL]: a source address, prefix or any, a destination port and a protocol. An IPv6 \
      source is in brackets; without them it is read as an address without a port.
      """,
      expected: "a key such as 203.0.113.7:22/tcp or any:443/tcp",
      examples: ["203.0.113.7:22/tcp", "any:443/tcp", "[2001:db8::/32]:443/tcp"]),
    PolicyField(
      "protect", .flag, "What it lets in is never dropped and never limited.",
      expected: "true or false"),
    note,
    expires,
    PolicyField(
      "rate", .text(), "What each source that it lets in may send, instead of the rates of spec.",
      expected: "a rate such as 1000/s, 50k/s, 600/m or 10Mbit/s", examples: ["50/s"]),
    burst,
    algorithm,
    PolicyField(
      "monitor", .flag, "What is over its rate passes, and is only counted.",
      expected: "true or false"),
  ]

  private static let source = PolicyField(
    "source", .text(), required: true, "An address or prefix, IPv4 or IPv6.",
    expected: "an address or prefix such as 192.0.2.1 or 192.0.2.0/24",
    examples: ["203.0.113.7", "2001:db8:bad::/48"])

  private static let burst = PolicyField(
    "burst",
    .quantity(1...Int(UInt32.max), pattern: #"^[0-9]+(\.[0-9]+)?([kKMG]?B|[kKM])?$"#),
    """
    Packets, or bytes, that may come at once; unless set what the rate gives in 100 ms, and at least 10 \
    packets or 65536 bytes. A burst of bytes is at least \(Rate.fullFrame), a full Ethernet frame.
    """, expected: "packets such as 200 or 10k, or bytes such as 65536 or 1MB",
    examples: ["200", "1MB"])

  private static let algorithm = PolicyField(
    "algorithm", .choice(Rate.Algorithm.allCases.map(\.rawValue)),
    "How the rate is kept; token-bucket unless set.",
    expected: Rate.Algorithm.allCases.map(\.rawValue).joined(separator: ", "),
    examples: ["token-bucket"])

  private static let note = PolicyField(
    "note", .text(), "A text of up to 63 bytes to remember.", expected: "a text of up to 63 bytes",
    examples: ["ssh guessing"])

  private static let expires = PolicyField(
    "expires", .text(format: "date-time"),
    """
    When it ends by the wall clock, in RFC 3339; never unless set. An entry whose time has passed is left \
    out, and said so.
    """, expected: "RFC 3339 such as 2026-12-01T08:00:00Z",
    examples: ["2026-12-01T08:00:00Z"])
}
