import Aegis
import TestSupport

/// What is counted of an interface: packets and bytes by the name of their reason, none of them zero.
struct Tally: Equatable, CustomStringConvertible {
  private(set) var reasons: [String: Count] = [:]
  private(set) var wouldDrop: [String: Count] = [:]

  mutating func add(_ reason: Reason, wouldDrop other: Reason?, bytes: Int) {
    let count = Count(packets: 1, bytes: UInt64(bytes))
    reasons[reason.name, default: Count()] += count
    if let other { wouldDrop[other.name, default: Count()] += count }
  }

  /// What came since.
  static func - (left: Tally, right: Tally) -> Tally {
    var difference = Tally()
    difference.reasons = left.reasons.merging(right.reasons, uniquingKeysWith: -)
    difference.wouldDrop = left.wouldDrop.merging(right.wouldDrop, uniquingKeysWith: -)
    for path in [\Tally.reasons, \.wouldDrop] {
      difference[keyPath: path] = difference[keyPath: path].filter { $0.value.packets > 0 }
    }
    return difference
  }

  func total(_ verdict: Verdict) -> Count {
    reasons.filter { $0.key.hasPrefix(verdict.rawValue) }.values
      .reduce(into: Count()) { $0 += $1 }
  }

  var total: Count { Verdict.allCases.reduce(into: Count()) { $0 += total($1) } }

  var description: String {
    [reasons, wouldDrop].map { counts in
      counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.packets)/\($0.value.bytes)" }
        .joined(separator: ", ")
    }.joined(separator: "; would drop ")
  }
}

extension Tally {
  init(_ stats: Stats) {
    reasons = Self.counts(stats.object["reasons"])
    wouldDrop = Self.counts(stats.object["wouldDrop"])
  }

  private static func counts(_ list: JSON) -> [String: Count] {
    list.array.reduce(into: [:]) { counts, item in
      guard let name = item["reason"].string, let packets = item["packets"].int,
        let bytes = item["bytes"].int, packets > 0
      else { return }
      counts[name] = Count(packets: UInt64(packets), bytes: UInt64(bytes))
    }
  }
}
