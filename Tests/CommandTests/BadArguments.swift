import Testing

/// A command line that is wrong, how the command ends and a part of what it says.
struct BadArguments: CustomTestStringConvertible, Sendable {
  let arguments: [String]
  let status: Int32
  let message: String

  init(_ arguments: [String], _ status: Int32, _ message: String) {
    self.arguments = arguments
    self.status = status
    self.message = message
  }

  var testDescription: String {
    arguments.map { $0.isEmpty ? "''" : $0 }.joined(separator: " ").debugDescription
  }

  static let all = usage + options + sources + others + keys + rates + durations + notes + relay

  private static let usage = [
    BadArguments(["frobnicate"], 64, "unknown verb \"frobnicate\""),
    BadArguments(["drop_ip", "192.0.2.1"], 64, "did you mean drop-ip?"),
    BadArguments(["Load"], 64, "did you mean load?"),
    BadArguments([""], 64, "unknown verb \"\""),
    BadArguments(["--frobnicate"], 64, "unknown option \"--frobnicate\""),
    BadArguments(["-x"], 64, "unknown option \"-x\""),
    BadArguments(["\u{1b}[31m"], 64, "unknown verb"),
    BadArguments(["load", "--\u{1b}[31m"], 64, "load: unknown option"),
    BadArguments(["status", "-o", "\u{1b}[31m"], 65, "must be table, wide, json, yaml or name"),
    BadArguments(["--dry-run", "load"], 64, "an option of load goes behind it"),
    BadArguments(["load", "now"], 64, "load: unexpected argument \"now\""),
    BadArguments(["unload", "lo"], 64, "unexpected argument \"lo\""),
    BadArguments(["status", "lo"], 64, "usage: aegisctl status [options]"),
    BadArguments(["status", "--dry-run"], 64, "unknown option \"--dry-run\""),
    BadArguments(["dump", "everything"], 65, "\"everything\": must be drops, keys,"),
    BadArguments(["dump", "drops", "keys"], 64, "only users can be chosen by name"),
    BadArguments(["attach"], 64, "attach: give interface names or --file"),
    BadArguments(["detach"], 64, "give interface names or --all, not both"),
    BadArguments(["detach", "lo", "--all"], 64, "give interface names or --all, not both"),
    BadArguments(["set-default"], 64, "set-default: missing argument <action>"),
    BadArguments(["set-default", "drop"], 65, "\"drop\": must be allow or deny"),
    BadArguments(["set-default", "Deny"], 65, "did you mean deny?"),
    BadArguments(["set-default", ""], 65, "\"\": must be allow or deny"),
    BadArguments(["set-default", "allow", "deny"], 64, "unexpected argument \"deny\""),
    BadArguments(["set-rate"], 64, "give a rate"),
    BadArguments(["set-rate", "1/s", "2/s"], 64, "unexpected argument \"2/s\""),
    BadArguments(["set-rate", "--port", "53/udp"], 64, "give a rate"),
    BadArguments(["set-rate", "1/s", "--port", "53"], 65, "is not a port with its protocol"),
    BadArguments(["set-rate", "1/s", "--port", "0/udp"], 65, "is not a port with its protocol"),
    BadArguments(["set-rate", "1/s", "--port", "70-60/udp"], 65, "ends before it begins"),
    BadArguments(["set-rate", "1/s", "--port", "53/icmp"], 65, "a protocol without ports"),
    BadArguments(["set-rate", "1/s", "--from", "10.0.0.1/8"], 65, "has host bits set"),
    BadArguments(["set-rate", "--source-prefix", "24"], 65, "takes two lengths"),
    BadArguments(["set-rate", "--source-prefix", "33,64"], 65, "takes two lengths"),
    BadArguments(
      ["set-rate", "1/s", "--algorithm", "leaky"], 65, "--algorithm \"leaky\": must be"),
    BadArguments(
      ["set-rate", "1/s", "--algorithm", "fixed-window", "--burst", "2"], 64,
      "--burst cannot be used with fixed-window"),
    BadArguments(["set-rule", "--then", "drop"], 64, "set-rule: give the name of a rule"),
    BadArguments(["set-rule", "x"], 64, "give --then drop, allow, limit or hook, or --remove"),
    BadArguments(["set-rule", "x", "y", "--then", "drop"], 64, "one rule at a time"),
    BadArguments(
      ["set-rule", "x", "--then", "reject"], 65, "must be drop, allow, limit or hook"),
    BadArguments(["set-rule", "x", "--then", "limit"], 64, "requires --rate, a rate or 'off'"),
    BadArguments(
      ["set-rule", "x", "--then", "drop", "--rate", "1/s"], 64, "requires --then limit"),
    BadArguments(
      ["set-rule", "x", "--then", "hook", "--rate", "1/s"], 64, "requires --then limit"),
    BadArguments(["set-rule", "x", "--then", "hook", "--total"], 64, "--rate with a rate"),
    BadArguments(
      ["set-rule", "x", "--then", "limit", "--rate", "off", "--total"], 64, "--rate with a rate"),
    BadArguments(["set-rule", "x", "--remove", "--port", "1"], 64, "cannot be used with other"),
    BadArguments(["set-rule", "x", "--remove", "--not-syn"], 64, "cannot be used with other"),
    BadArguments(
      ["set-rule", "x", "--then", "drop", "--before", "x"], 64, "before or after another one"),
    BadArguments(
      ["set-rule", "x", "--then", "drop", "--before", "y", "--after", "z"], 64,
      "either --before or --after"),
    BadArguments(["set-rule", "x y", "--then", "drop"], 65, "\"x y\": is not a name"),
    BadArguments(["set-rule", "x", "--then", "drop", "--after", "a b"], 65, "--after \"a b\": is"),
    BadArguments(
      ["set-rule", "x", "--syn", "--tcp-flags", "syn", "--then", "drop"], 64,
      "either --syn or --tcp-flags"),
    BadArguments(
      ["set-rule", "x", "--fragment", "--not-fragment", "--then", "drop"], 64,
      "either --fragment or --not-fragment"),
    BadArguments(
      ["set-rule", "x", "--port", "80/icmp", "--then", "drop"], 65,
      "--port \"80/icmp\": has a protocol without ports"),
    BadArguments(
      ["set-rule", "x", "--not-source-port", "http", "--then", "drop"], 65,
      "--not-source-port \"http\": is not a port"),
    BadArguments(
      ["set-rule", "x", "--not-from", "192.0.2.1/24", "--then", "drop"], 65,
      "--not-from \"192.0.2.1/24\": has host bits set"),
    BadArguments(
      ["set-rule", "x", "--tcp-flags", "syn,xyz", "--then", "drop"], 65,
      "--tcp-flags \"xyz\": is not a TCP flag"),
    BadArguments(
      ["set-rule", "x", "--icmp", "ping", "--then", "drop"], 65, "--icmp \"ping\": is not a type"),
    BadArguments(
      ["set-rule", "x", "--then", "limit", "--rate", "5"], 65, "--rate \"5\": has no period"),
    BadArguments(["dump", "offenders", "--top", "0"], 65, "--top \"0\": must be at least 1"),
    BadArguments(["load", "--pin-root", "/sys/fs/bpf/a.b"], 65, "without dots"),
    BadArguments(["drop-ip"], 64, "give at least one entry"),
    BadArguments(["allow-key"], 64, "give at least one entry"),
    BadArguments(["allow-key", "--remove"], 64, "give at least one entry"),
    BadArguments(["drop-ip", "--all", "192.0.2.1"], 64, "unknown option \"--all\""),
    BadArguments(["drop-ip", "192.0.2.1", "--protect"], 64, "unknown option \"--protect\""),
    BadArguments(["attach", "aegis-none"], 69, "there is no interface aegis-none"),
    BadArguments(["detach", "aegis-none"], 69, "there is no interface aegis-none"),
    BadArguments(["attach", ""], 69, "there is no interface"),
    BadArguments(["attach", "an-interface-name-too-long"], 69, "there is no interface"),
    BadArguments(["attach", "no\u{1b}[31mne"], 69, "there is no interface no\\u001b[31mne"),
    BadArguments(["metrics", "--listen", ":1", "--inetd"], 64, "either --inetd or --listen"),
    BadArguments(["metrics", "--listen", "x"], 65, "--listen \"x\": has no port"),
    BadArguments(["metrics", "--listen", "70000"], 65, "hint: write it as 127.0.0.1:9987,"),
    BadArguments(["stats", "aegis-none"], 69, "there is no interface aegis-none"),
    BadArguments(["latency", "aegis-none"], 69, "there is no interface aegis-none"),
    BadArguments(["latency", "--for", "99ms"], 65, "--for: must be 100ms to 1h"),
    BadArguments(["latency", "--for", "2h"], 65, "--for: must be 100ms to 1h"),
    BadArguments(["latency", "--for", "soon"], 65, "--for \"soon\": is not a duration"),
    BadArguments(["latency", "--dry-run"], 64, "unknown option \"--dry-run\""),
    BadArguments(["drop-ip", "-1"], 65, "\"-1\": is not an IP address"),
    BadArguments(["set-rate", "1/h", "--burst", "4294967295"], 65, "is too low for a burst"),
    BadArguments(["events", "aegis-none"], 69, "there is no interface aegis-none"),
    BadArguments(["events", "--reason", "host"], 65, "--reason \"host\": is not a reason"),
    BadArguments(["events", "--reason", "drop.host", "--drops"], 64, "give either --drops or"),
    BadArguments(["events", "--direction", "both"], 65, "\"both\": must be in or out"),
    BadArguments(["events", "--source", "192.0.2.1/24"], 65, "has host bits set"),
    BadArguments(["events", "--rate", "0"], 65, "--rate \"0\": must be 1 to 1000000"),
    BadArguments(["events", "--rate", "1000001"], 65, "must be 1 to 1000000"),
    BadArguments(["events", "--sample", "0"], 65, "must be 1 to 1000000000"),
    BadArguments(["events", "--count", "0"], 65, "must be at least 1"),
    BadArguments(["events", "-o", "yaml"], 65, "\"yaml\": must be"),
    BadArguments(["events", "--pcap", "-", "-o", "wide"], 64, "cannot be used with -o"),
    BadArguments(["events", "--for", "1s", "--pcap", "/nonexistent/x"], 1, "cannot write to /non"),
    BadArguments(["load", "--max-drops", "65"], 1, "the datapath is loaded with another capacity"),
  ]

  private static let options = [
    BadArguments(["drop-ip", "192.0.2.1", "--ttl"], 64, "--ttl needs a value"),
    BadArguments(["drop-ip", "192.0.2.1", "--note"], 64, "--note needs a value"),
    BadArguments(["drop-ip", "-f"], 64, "--file needs a value"),
    BadArguments(["drop-ip", "192.0.2.1", "--ttl", "--dry-run"], 64, "--ttl needs a value"),
    BadArguments(["drop-ip", "192.0.2.1", "--ttl=1h", "--note"], 64, "--note needs a value"),
    BadArguments(["status", "-o"], 64, "--output needs a value"),
    BadArguments(["drop-ip", "192.0.2.1", "--ttl", "-2s"], 65, "--ttl \"-2s\": is not a duration"),
    BadArguments(["drop-ip", "192.0.2.1", "--note", "-x"], 64, "is written --note=VALUE"),
    BadArguments(["set-rate", "-5/s"], 65, "\"-5/s\": does not begin with a number"),
    BadArguments(["load", "--dry-run=yes"], 64, "--dry-run takes no value"),
    BadArguments(["load", "-qx"], 64, "unknown option \"-qx\""),
    BadArguments(["status", "-o", "xml"], 65, "--output \"xml\": must be"),
    BadArguments(["status", "-o", "JSON"], 65, "did you mean json?"),
    BadArguments(["status", "-o", ""], 65, "--output \"\": must be"),
    BadArguments(["status", "--pin-root"], 64, "--pin-root needs a value"),
    BadArguments(
      ["status", "--pin-root", "aegis"], 65, "--pin-root \"aegis\": is not an absolute path"),
    BadArguments(["status", "--pin-root", ""], 65, "is not an absolute path"),
    BadArguments(["attach", "lo", "--mode", "fast"], 65, "--mode \"fast\": must be auto,"),
    BadArguments(["load", "--max-drops", "0"], 65, "--max-drops \"0\": must be 1 to 16777216"),
    BadArguments(["load", "--max-drops", "-1"], 65, "--max-drops \"-1\": is not"),
    BadArguments(["load", "--max-drops", "many"], 65, "--max-drops \"many\": is not"),
    BadArguments(["load", "--max-keys", "16777217"], 65, "must be 1 to 16777216"),
    BadArguments(["load", "--max-keys", "99999999999"], 65, "--max-keys \"99999999999\": is not"),
    BadArguments(["load", "--max-sources", "1.5"], 65, "--max-sources \"1.5\": is not"),
    BadArguments(["set-rate", "1/s", "--burst"], 64, "--burst needs a value"),
    BadArguments(["set-rate", "1/s", "--burst", "0"], 65, "--burst \"0\": is not a burst"),
    BadArguments(["set-rate", "1/s", "--burst", "-5"], 65, "is not a burst"),
    BadArguments(["set-rate", "1/s", "--burst", "1kB"], 65, "is not a number of packets"),
    BadArguments(["set-rate", "1/s", "--all"], 64, "--all requires 'off'"),
    BadArguments(["set-rate", "off", "--all", "--total"], 64, "--all cannot be used with --port"),
    BadArguments(
      ["set-rate", "1Gbit/s", "--burst", "100"], 65, "would let no frame of 1514 bytes pass"),
    BadArguments(["set-rate", "1MB/s", "--burst", "10k"], 65, "is not a number of bytes"),
    BadArguments(["set-rate", "1MB/s", "--burst", "1Mbit"], 65, "is in bits"),
    BadArguments(["set-rate", "1MB/s", "--burst", "1.5B"], 65, "not a whole number of bytes"),
    BadArguments(["set-rate", "1MB/s", "--burst", "MB"], 65, "is not a burst"),
    BadArguments(
      ["set-rate", "8kbit/s", "--algorithm", "fixed-window"], 65,
      "would let no frame of 1514 bytes pass"
    ),
    BadArguments(
      ["allow-key", "any:53", "--rate", "1MB/s", "--burst", "1513"], 65,
      "--burst \"1513\": is a burst"),
    BadArguments(["set-rate", "1/s", "--burst", "4294967296"], 65, "is more than 4294967295"),
    BadArguments(["set-rate", "off", "--burst", "5"], 64, "--burst cannot be used with 'off'"),
    BadArguments(
      ["drop-ip", "192.0.2.1", "--remove", "--ttl", "1h"], 64, "--remove cannot be used with"),
    BadArguments(
      ["drop-ip", "192.0.2.1", "--remove", "--note", "x"], 64, "--remove cannot be used with"),
    BadArguments(
      ["allow-key", "any", "--remove", "--ttl", "1h"], 64, "--remove cannot be used with"),
    BadArguments(
      ["drop-ip", "192.0.2.1", "--remove", "--replace-all"], 64, "--remove cannot be used with"),
    BadArguments(
      ["drop-ip", "192.0.2.1", "--remove", "--extend"], 64, "--remove cannot be used with"),
    BadArguments(["drop-ip", "192.0.2.1", "--extend"], 64, "--extend requires"),
    BadArguments(["drop-ip", "192.0.2.1", "--strict"], 64, "--strict requires"),
    BadArguments(
      ["drop-ip", "192.0.2.1", "--ttl", "1h", "--until", "2030-01-01T00:00:00Z"], 64, "give either"),
    BadArguments(["drop-ip", "192.0.2.1", "--until", "tomorrow"], 65, "--until \"tomorrow\""),
    BadArguments(
      ["drop-ip", "192.0.2.1", "--until", "2020-01-01T00:00:00Z"], 65, "is in the past"),
    BadArguments(
      ["allow-key", "any", "--until", "2999-01-01T00:00:00Z"], 65, "more than 500 years away"),
    BadArguments(["dump", "rates", "--expiring", "1h"], 64, "rates do not expire"),
    BadArguments(["dump", "lists", "--out"], 64, "lists are the same for both directions"),
    BadArguments(["dump", "keys", "--list", "jail"], 64, "--list requires drops"),
    BadArguments(
      ["dump", "drops", "--list", "two words"], 65, "--list \"two words\": is not a name"),
    BadArguments(
      ["allow-key", "any", "--remove", "--protect"], 64, "--remove cannot be used with --protect"),
  ]
}
