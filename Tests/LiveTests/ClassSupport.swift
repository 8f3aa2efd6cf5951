import Foundation
import TestSupport
import Testing

/// What `stats --by class` counts of a class.
struct ClassStats: Equatable {
  var passed = 0
  var dropped = 0
  var wouldDrop = 0
  var passedBytes = 0
  var droppedBytes = 0

  var packets: Int { passed + dropped }
}

extension AegisRunner {
  /// What packets without an IP header are counted under.
  static var noClass: String { "(none)" }

  /// Loads ranges of addresses, as `192.0.2.0,192.0.2.255,DE`.
  @discardableResult
  func loadCountries(_ ranges: String...) throws -> JSON {
    try TemporaryDirectory.with { directory in
      let text = ranges.map { $0 + "\n" }.joined()
      return try ok(["set-geo", try directory.file("ranges", text.utf8), "--allow-shrink"])
    }
  }

  /// Loads three countries, and names two classes: 192.0.2.0/24 is domestic, 198.51.100.0/24 is suspicious. In IPv6
  /// 2001:db8:1::/48 and 2001:db8:2::/48 are.
  func nameClasses() throws {
    try loadCountries(
      "192.0.2.0,192.0.2.255,DE", "198.51.100.0,198.51.100.255,KP", "203.0.113.0,203.0.113.255,FR",
      "2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,DE",
      "2001:db8:2::,2001:db8:2:ffff:ffff:ffff:ffff:ffff,KP")
    try ok(["set-class", "domestic", "--country", "DE,AT"])
    try ok(["set-class", "suspicious", "--country", "KP"])
  }

  func classStats() throws -> [String: ClassStats] {
    let items = try ok(["stats", "--by", "class"])["items"].array
    return Dictionary(
      uniqueKeysWithValues: items.map { item in
        func number(_ verdict: String, _ unit: String) -> Int { item[verdict][unit].int ?? -1 }
        let stats = ClassStats(
          passed: number("passed", "packets"), dropped: number("dropped", "packets"),
          wouldDrop: number("wouldDrop", "packets"), passedBytes: number("passed", "bytes"),
          droppedBytes: number("dropped", "bytes"))
        return (item["class"].string ?? Self.noClass, stats)
      })
  }

  /// How many packets of each class something sends; classes with none are left out.
  func packetsByClass(of body: () throws -> Void) throws -> [String: Int] {
    let before = try classStats()
    try body()
    return try classStats().mapValues(\.packets)
      .merging(before.mapValues(\.packets)) { $0 - $1 }.filter { $0.value != 0 }
  }
}
