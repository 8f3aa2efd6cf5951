import Foundation
import TestSupport

/// What the IP layers of a sandbox's host have counted.
struct IPCounters: Equatable {
  /// Packets that came to them.
  var ipv4 = 0
  var ipv6 = 0
  /// Of those, fragments.
  var fragments = 0

  static func - (left: IPCounters, right: IPCounters) -> IPCounters {
    IPCounters(
      ipv4: left.ipv4 - right.ipv4, ipv6: left.ipv6 - right.ipv6,
      fragments: left.fragments - right.fragments)
  }
}

extension IPCounters {
  init(of sandbox: Sandbox) throws {
    self = try sandbox.inside(.host) {
      let text = try String(contentsOfFile: "/proc/thread-self/net/snmp", encoding: .utf8)
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("Ip:") }
        .map { $0.split(separator: " ") }
      guard lines.count == 2 else { throw SupportError("no counters of IPv4") }
      let v4 = Dictionary(uniqueKeysWithValues: zip(lines[0], lines[1]))
      let other = try String(contentsOfFile: "/proc/thread-self/net/snmp6", encoding: .utf8)
      let v6 = Dictionary(
        uniqueKeysWithValues: other.split(separator: "\n").map { line in
          let words = line.split(whereSeparator: \.isWhitespace)
          return (words[0], words[1])
        })
      func number(_ text: Substring?) throws -> Int {
        guard let number = text.flatMap({ Int($0) }) else { throw SupportError("no such counter") }
        return number
      }
      return IPCounters(
        ipv4: try number(v4["InReceives"]), ipv6: try number(v6["Ip6InReceives"]),
        fragments: try number(v4["ReasmReqds"]) + number(v6["Ip6ReasmReqds"]))
    }
  }
}
