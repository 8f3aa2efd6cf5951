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

  static let all = usage + options + sources + others + keys + rates + durations + notes

  private static let usage = [
    BadArguments(["frobnicate"], 64, "Unexpected argument 'frobnicate'"),
    BadArguments(["drop_ip", "192.0.2.1"], 64, "drop_ip"),
    BadArguments(["Load"], 64, "Unexpected argument 'Load'"),
    BadArguments([""], 64, "Unexpected argument ''"),
    BadArguments(["--frobnicate"], 64, "Unknown option '--frobnicate'"),
    BadArguments(["-x"], 64, "Unknown option '-x'"),
    BadArguments(["\u{1b}[31m"], 64, "Unexpected argument"),
    BadArguments(["load", "--\u{1b}[31m"], 64, "Unknown option"),
    BadArguments(["status", "-o", "\u{1b}[31m"], 64, "is invalid for"),
    BadArguments(["--dry-run", "load"], 64, "--dry-run"),
    BadArguments(["load", "now"], 64, "Unexpected argument 'now'"),
    BadArguments(["unload", "lo"], 64, "Unexpected argument 'lo'"),
    BadArguments(["status", "lo"], 64, "Unexpected argument 'lo'"),
    BadArguments(["status", "--dry-run"], 64, "Unknown option '--dry-run'"),
    BadArguments(["dump", "everything"], 64, "'everything'"),
    BadArguments(["dump", "drops", "keys"], 64, "Unexpected argument 'keys'"),
    BadArguments(["attach"], 64, "Missing expected argument"),
    BadArguments(["detach"], 64, "name interfaces, or give --all"),
    BadArguments(["detach", "lo", "--all"], 64, "name interfaces, or give --all"),
    BadArguments(["set-default"], 64, "Missing expected argument"),
    BadArguments(["set-default", "drop"], 64, "'drop'"),
    BadArguments(["set-default", "Deny"], 64, "'Deny'"),
    BadArguments(["set-default", ""], 64, "''"),
    BadArguments(["set-default", "allow", "deny"], 64, "Unexpected argument 'deny'"),
    BadArguments(["set-rate"], 64, "give a rate"),
    BadArguments(["set-rate", "1/s", "2/s"], 64, "Unexpected argument '2/s'"),
    BadArguments(["set-rate", "--port", "53/udp"], 64, "give a rate"),
    BadArguments(["set-rate", "1/s", "--port", "53"], 65, "is not a port with its protocol"),
    BadArguments(["set-rate", "1/s", "--port", "0/udp"], 65, "is not a port with its protocol"),
    BadArguments(["set-rate", "1/s", "--port", "53/icmp"], 65, "a protocol without ports"),
    BadArguments(["set-rate", "1/s", "--from", "10.0.0.1/8"], 65, "has host bits set"),
    BadArguments(["set-rate", "--source-prefix", "24"], 65, "takes two lengths"),
    BadArguments(["set-rate", "--source-prefix", "33,64"], 65, "takes two lengths"),
    BadArguments(["set-rate", "1/s", "--algorithm", "leaky"], 64, "is invalid"),
    BadArguments(
      ["set-rate", "1/s", "--algorithm", "fixed-window", "--burst", "2"], 64, "has no burst"),
    BadArguments(["dump", "offenders", "--top", "0"], 64, "takes at least 1"),
    BadArguments(["load", "--pin-root", "/sys/fs/bpf/a.b"], 64, "without dots"),
    BadArguments(["drop-ip"], 64, "name at least one"),
    BadArguments(["allow-key"], 64, "name at least one"),
    BadArguments(["allow-key", "--remove"], 64, "name at least one"),
    BadArguments(["drop-ip", "--all", "192.0.2.1"], 64, "Unknown option '--all'"),
    BadArguments(["drop-ip", "192.0.2.1", "--protect"], 64, "Unknown option '--protect'"),
    BadArguments(["attach", "aegis-none"], 69, "there is no interface aegis-none"),
    BadArguments(["detach", "aegis-none"], 69, "there is no interface aegis-none"),
    BadArguments(["attach", ""], 69, "there is no interface"),
    BadArguments(["attach", "an-interface-name-too-long"], 69, "there is no interface"),
    BadArguments(["attach", "no\u{1b}[31mne"], 69, "there is no interface no\\u001b[31mne"),
    BadArguments(["stats", "aegis-none"], 69, "aegis-none is not attached"),
    BadArguments(["latency", "aegis-none"], 69, "aegis-none is not attached"),
    BadArguments(["latency", "--for", "99ms"], 64, "--for takes 100ms to 1h"),
    BadArguments(["latency", "--for", "2h"], 64, "--for takes 100ms to 1h"),
    BadArguments(["latency", "--for", "soon"], 64, "is not a duration"),
    BadArguments(["latency", "--dry-run"], 64, "Unknown option '--dry-run'"),
    BadArguments(["drop-ip", "-1"], 64, "Unknown option '-1'"),
    BadArguments(["set-rate", "1/h", "--burst", "4294967295"], 65, "is too slow for a burst"),
    BadArguments(["events", "aegis-none"], 69, "aegis-none is not attached"),
    BadArguments(["events", "--reason", "host"], 64, "there is no reason 'host'"),
    BadArguments(["events", "--reason", "drop.host", "--drops"], 64, "give either --drops or"),
    BadArguments(["events", "--source", "192.0.2.1/24"], 65, "has host bits set"),
    BadArguments(["events", "--rate", "0"], 64, "--rate takes 1 to 1000000"),
    BadArguments(["events", "--rate", "1000001"], 64, "--rate takes 1 to 1000000"),
    BadArguments(["events", "--sample", "0"], 64, "--sample takes 1 to 1000000000"),
    BadArguments(["events", "--count", "0"], 64, "--count takes at least 1"),
    BadArguments(["events", "-o", "yaml"], 64, "'yaml'"),
    BadArguments(["events", "--pcap", "-", "-o", "json"], 64, "no -o beside it"),
    BadArguments(["events", "--for", "1s", "--pcap", "/nonexistent/x"], 1, "cannot write to /non"),
    BadArguments(["load", "--max-drops", "65"], 1, "it is loaded with another capacity"),
  ]

  private static let options = [
    BadArguments(["drop-ip", "192.0.2.1", "--ttl"], 64, "Missing value for '--ttl"),
    BadArguments(["drop-ip", "192.0.2.1", "--note"], 64, "Missing value for '--note"),
    BadArguments(["drop-ip", "-f"], 64, "Missing value for '-f"),
    BadArguments(["drop-ip", "192.0.2.1", "--ttl", "--dry-run"], 64, "Missing value for '--ttl"),
    BadArguments(["drop-ip", "192.0.2.1", "--ttl=1h", "--note"], 64, "Missing value for '--note"),
    BadArguments(["status", "-o"], 64, "Missing value for '-o"),
    BadArguments(["status", "-o", "xml"], 64, "'xml'"),
    BadArguments(["status", "-o", "JSON"], 64, "'JSON'"),
    BadArguments(["status", "-o", ""], 64, "''"),
    BadArguments(["status", "--pin-root"], 64, "Missing value for '--pin-root"),
    BadArguments(["status", "--pin-root", "aegis"], 64, "is an absolute path"),
    BadArguments(["status", "--pin-root", ""], 64, "is an absolute path"),
    BadArguments(["attach", "lo", "--mode", "fast"], 64, "'fast'"),
    BadArguments(["load", "--max-drops", "0"], 64, "--max-drops takes 1 to 16777216"),
    BadArguments(["load", "--max-drops", "-1"], 64, "--max-drops"),
    BadArguments(["load", "--max-drops", "many"], 64, "'many'"),
    BadArguments(["load", "--max-keys", "16777217"], 64, "--max-keys takes 1 to 16777216"),
    BadArguments(["load", "--max-keys", "99999999999"], 64, "'99999999999'"),
    BadArguments(["load", "--max-sources", "1.5"], 64, "'1.5'"),
    BadArguments(["set-rate", "1/s", "--burst"], 64, "Missing value for '--burst"),
    BadArguments(["set-rate", "1/s", "--burst", "0"], 64, "--burst takes at least 1"),
    BadArguments(["set-rate", "1/s", "--burst", "-5"], 64, "--burst"),
    BadArguments(["set-rate", "1/s", "--burst", "1k"], 64, "'1k'"),
    BadArguments(["set-rate", "1/s", "--burst", "4294967296"], 64, "'4294967296'"),
    BadArguments(["set-rate", "off", "--burst", "5"], 64, "'off' takes no --burst"),
    BadArguments(["drop-ip", "192.0.2.1", "--remove", "--ttl", "1h"], 64, "--remove takes"),
    BadArguments(["drop-ip", "192.0.2.1", "--remove", "--note", "x"], 64, "--remove takes"),
    BadArguments(["allow-key", "any", "--remove", "--ttl", "1h"], 64, "--remove takes"),
    BadArguments(["drop-ip", "192.0.2.1", "--remove", "--replace-all"], 64, "--remove takes"),
    BadArguments(["drop-ip", "192.0.2.1", "--remove", "--extend"], 64, "--remove takes"),
    BadArguments(["drop-ip", "192.0.2.1", "--extend"], 64, "--extend goes with"),
    BadArguments(["drop-ip", "192.0.2.1", "--strict"], 64, "--strict goes with"),
    BadArguments(
      ["drop-ip", "192.0.2.1", "--ttl", "1h", "--until", "2030-01-01T00:00:00Z"], 64, "give either"),
    BadArguments(["drop-ip", "192.0.2.1", "--until", "tomorrow"], 65, "--until \"tomorrow\""),
    BadArguments(
      ["drop-ip", "192.0.2.1", "--until", "2020-01-01T00:00:00Z"], 65, "is in the past"),
    BadArguments(
      ["allow-key", "any", "--until", "2999-01-01T00:00:00Z"], 65, "more than 10 years away"),
    BadArguments(["dump", "rates", "--expiring", "1h"], 64, "rates do not expire"),
    BadArguments(["allow-key", "any", "--remove", "--protect"], 64, "--remove takes no --protect"),
  ]
}
