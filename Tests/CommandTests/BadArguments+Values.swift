extension BadArguments {
  static let sources = [
    ("", "is empty"), (" ", "is not an IP"), ("192.0.2.1 ", "is not an IP"),
    ("192.0.2", "is not an IPv4 address"), ("192.0.2.256", "is not an IPv4 address"),
    ("192.0.2.1.1", "is not an IPv4 address"), ("192.0.2.01", "leading zero"),
    ("0x7f.0.0.1", "is not an IP address"), ("3232235521", "is not an IPv4 address"),
    ("example.org", "is not an IP address"), ("١٩٢.0.2.1", "is not an IP address"),
    ("192.0.2.1/", "has no prefix length"), ("192.0.2.1/33", "has no prefix length"),
    ("192.0.2.0/255.255.255.0", "has no prefix length"), ("192.0.2.0/+24", "has no prefix length"),
    ("192.0.2.0/024", "has no prefix length"), ("192.0.2.0/24/24", "has no prefix length"),
    ("192.0.2.1/24", "did you mean 192.0.2.0/24 or 192.0.2.1?"), ("/24", "is empty"),
    ("2001:db8::/129", "has no prefix length"), ("2001:db8::1/32", "did you mean 2001:db8::/32"),
    ("2001:db8:::1", "is not an IPv6 address"), ("2001:db8::g", "is not an IPv6 address"),
    ("fe80::1%eth0", "has a scope id"), ("[2001:db8::1]", "is in brackets"),
    ("192.0.2.1\n192.0.2.2", "192.0.2.1\\u{a}192.0.2.2"), ("any", "is not an IP address"),
    ("\u{1b}[2J", "\\u{1b}[2J"), ("\u{202e}192.0.2.1", "\\u{202e}"),
    (String(repeating: "1", count: 10000), "…"),
  ].map { BadArguments(["drop-ip", "192.0.2.77", $0], 65, $1) }

  /// What would silently be something else.
  static let others = [
    BadArguments(["drop-ip", "::ffff:0:0/96"], 65, "if you mean IPv4, write 0.0.0.0/0"),
    BadArguments(
      ["drop-ip", "192.0.2.77", "for", "1h"], 65,
      "aegisctl: \"for 1h\": is a duration, not an address\nhint: --ttl 1h\n"),
    BadArguments(
      ["drop-ip", "192.0.2.77", "1h30m"], 65, "not an address\nhint: --ttl 1h30m\n"),
    BadArguments(["allow-key", "any:77/tcp", "for", "7d"], 65, "hint: --ttl 7d\n"),
    BadArguments(["drop-ip", "192.0.2.77", "for"], 65, "\"for\": is not an IP address"),
    BadArguments(["drop-ip", "192.0.2.77", "255.255.255.0"], 65, "write 192.0.2.0/24 for"),
    BadArguments(["drop-ip", "--remove", "192.0.2.77", "255.0.0.0"], 65, "write 192.0.0.0/8 for"),
    BadArguments(["allow-key", "192.0.2.77", "255.255.255.0"], 65, "write 192.0.2.0/24 for"),
    BadArguments(["allow-key", "[::ffff:0:0/96]:22"], 65, "if you mean IPv4, write 0.0.0.0/0"),
    BadArguments(["allow-key", "2001:db8::1:22/tcp"], 65, "[2001:db8::1]:22/tcp for the port"),
    BadArguments(["allow-key", "--remove", "2001:db8::1:22"], 65, "can be read as an address"),
    BadArguments(["set-rate", "1/s", "--from", "::ffff:128.0.0.0/97"], 65, "write 128.0.0.0/1;"),
    BadArguments(["events", "--source", "::ffff:0:0/96"], 65, "write 0.0.0.0/0;"),
    BadArguments(["why", "::ffff:0:0/96"], 65, "write 0.0.0.0/0;"),
    BadArguments(["why", "2001:db8::1:22", "to", "22"], 65, "can be read as an address"),
  ]

  static let keys = [
    ("", "has no source"), (":443", "has no source"), ("/tcp", "has no source"),
    ("any:", "is not a port"), ("any:0", "is not a port"), ("any:65536", "is not a port"),
    ("any:http", "is not a port"), ("any:443/", "is empty, not a protocol"),
    ("any:443/quic", "is not a protocol"), ("any:443/icmp", "icmp has no ports"),
    ("any:450-443/tcp", "ends before it begins"), ("any/0", "is not a protocol"),
    ("any/256", "is not a protocol"), ("any/tcp:443", "the port comes before the protocol"),
    ("[2001:db8::1:443/tcp", "has a [ without a closing ]"),
    ("[192.0.2.1]:443", "has brackets around"),
    ("192.0.2.0/25.5:443", "is not"), ("192.0.2.1/24:443", "has host bits set"),
    ("192.0.2.1/33", "has no prefix length"), ("*:443/tcp", "is not an IP address"),
    ("2001:db8::1:443/tcp/udp", "is not a protocol"), ("any any", "is not an IP"),
  ].map { BadArguments(["allow-key", "any:77/tcp", $0], 65, $1) }

  static let rates = [
    ("", "is empty"), ("1000", "has no period"), ("1000/", "has no known period"),
    ("1000/d", "has no known period"), ("/s", "does not begin with a number"),
    ("0/s", "would let nothing pass"), ("0k/s", "would let nothing pass"),
    ("1.5/s", "not a whole number"),
    ("1.0001k/s", "not a whole number"), ("1G/s", "does not begin with a number"),
    ("1m/s", "does not begin with a number"), ("1e3/s", "does not begin with a number"),
    ("+5/s", "does not begin with a number"), ("1 /s", "does not begin with a number"),
    ("1,000/s", "does not begin with a number"), ("101M/s", "is more than 100M/s"),
    ("18446744073709551616/s", "does not begin with a number"), ("1/s/s", "no known period"),
    ("unlimited", "has no period"), ("OFF", "has no period"), ("1/\u{7}", "\\u{7}"),
  ].map { BadArguments(["set-rate", $0], 65, $1) }

  private static let noDurations = [
    ("", "is empty"), ("1y", "is not a duration"), ("h", "is not a duration"),
    ("1h1h", "largest first"), ("1m1h", "largest first"), ("1.5h", "is not a duration"),
    ("1 h", "is not a duration"), ("1H", "is not a duration"), ("forever", "is not a duration"),
    ("0m", "is zero"), ("٣s", "is not a duration"),
  ]

  static let durations =
    (noDurations + [
      ("0", "is zero"), ("0s", "is zero"), ("11000d", "more than 10 years"),
      ("99999999999999999999s", "more than 10 years"), ("never", "is not a duration"),
    ]).map { BadArguments(["allow-key", "any", "--timeout", $0], 65, $1) }
    + (noDurations + [
      ("182501d", "more than 500 years"), ("99999999999999999999s", "more than 500 years"),
      ("-2", "is not a duration"), ("-1m", "is not a duration"),
    ]).map { BadArguments(["drop-ip", "192.0.2.77", "--ttl", $0], 65, $1) }

  static let notes = [
    ("", "is blank"), (" \t", "is blank"), ("a\nb", "control character or a line break"),
    ("a\u{1b}[31mb", "a\\u{1b}[31mb"), ("a\u{2028}b", "line break"),
    (String(repeating: "n", count: 64), "is 64 bytes long"),
    (String(repeating: "é", count: 32), "is 64 bytes long"),
  ].map { BadArguments(["drop-ip", "192.0.2.77", "--note", $0], 65, $1) }
}
