import Foundation
import Testing

/// One command of the story that the golden files tell, in order.
struct GoldenStep: CustomTestStringConvertible, Sendable {
  let name: String
  let arguments: [String]
  var input = ""
  var pings = 0

  init(_ name: String, _ command: String, input: String = "", pings: Int = 0) {
    self.name = name
    arguments = Self.words(command)
    self.input = input
    self.pings = pings
  }

  var testDescription: String { name }

  private static func words(_ command: String) -> [String] {
    command.split(separator: " ").map { $0.replacingOccurrences(of: "_", with: " ") }
  }

  private static let many = (1...25).map { "198.51.101.\($0)\n" }.joined()

  /// An underscore is a blank within an argument. `pings` echoes go over `lo` before the command.
  static let all = [
    GoldenStep("load-dry-run", "load --dry-run"),
    GoldenStep("load", "load --max-drops 64 --max-keys 16 --max-sources 56"),
    GoldenStep("load-again", "load"),
    GoldenStep("load-replace-dry-run", "load --replace --max-drops 128 --dry-run"),
    GoldenStep("load-replace", "load --replace --max-drops 128"),
    GoldenStep("attach-dry-run", "attach lo --mode generic --dry-run"),
    GoldenStep("attach", "attach lo"),
    GoldenStep("attach-again", "attach lo"),
    GoldenStep("set-rate-dry-run", "set-rate 50000/s --dry-run"),
    GoldenStep("set-rate", "set-rate 1000/s --burst 200"),
    GoldenStep("set-rate-again", "set-rate 1k/s --burst 200"),
    GoldenStep("set-default-dry-run", "set-default deny --dry-run"),
    GoldenStep("set-default", "set-default deny"),
    GoldenStep("set-default-again", "set-default deny"),
    GoldenStep("status-deny", "status"),
    GoldenStep("set-default-back", "set-default allow"),
    GoldenStep("allow-key", "allow-key any:443/tcp 192.0.2.53/udp --note web_and_DNS --ttl 7d"),
    GoldenStep("allow-key-protect", "allow-key 203.0.113.7:22/tcp any:443/tcp --protect"),
    GoldenStep("allow-key-ipv6", "allow-key [2001:db8::/32]:443/tcp [2001:db8::1]:53/udp"),
    GoldenStep("allow-key-remove", "allow-key --remove 192.0.2.53/udp 192.0.2.54/udp"),
    GoldenStep("drop-ip-dry-run", "drop-ip 203.0.113.7 198.51.100.0/24 --dry-run"),
    GoldenStep(
      "drop-ip-few", "drop-ip 203.0.113.7 198.51.100.0/24 2001:db8:bad::/48 --note ssh --ttl 7d"),
    GoldenStep("drop-ip-again", "drop-ip 203.0.113.7 2001:db8::1 192.0.2.1"),
    GoldenStep("drop-ip-remove", "drop-ip --remove 192.0.2.1 192.0.2.2"),
    GoldenStep("drop-ip-unicode", "drop-ip 192.0.2.9 --note Prüfung_\u{65e5}\u{672c}_#1:_yes"),
    GoldenStep("dump-drops", "dump drops"),
    GoldenStep("dump-keys", "dump keys"),
    GoldenStep("dump-rates", "dump rates"),
    GoldenStep("dump-links", "dump links"),
    GoldenStep("dump-all", "dump"),
    GoldenStep("drop-ip-many", "drop-ip -f -", input: many),
    GoldenStep(
      "drop-ip-many-mixed", "drop-ip -f - 203.0.113.200", input: "# seen\n" + many),
    GoldenStep("drop-ip-many-remove", "drop-ip --remove -f -", input: many),
    GoldenStep("stats-passed", "stats", pings: 3),
    GoldenStep("drop-ip-loopback", "drop-ip 127.0.0.1"),
    GoldenStep("stats", "stats lo", pings: 2),
    GoldenStep("status", "status"),
    GoldenStep("set-rate-off", "set-rate off"),
    GoldenStep("detach-dry-run", "detach --all --dry-run"),
    GoldenStep("detach", "detach --all"),
    GoldenStep("detach-again", "detach lo"),
    GoldenStep("status-detached", "status"),
    GoldenStep("unload-dry-run", "unload --dry-run"),
    GoldenStep("unload", "unload"),
    GoldenStep("unload-again", "unload"),
  ]
}
