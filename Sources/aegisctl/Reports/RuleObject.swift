import Aegis

/// A rule as an item of `rules` in a policy file, and in `dump rules` with what it counted.
struct RuleObject: Encodable {
  struct Match: Encodable {
    let from: [String]?
    let to: [String]?
    let `protocol`: String?
    let port: String?
    let sourcePort: String?
    let `class`: String?
    let tcpFlags: String?
    let icmp: String?
    let length: String?
    let hopLimit: String?
    let dscp: String?
    let vlan: String?
    let fragment: Bool?
    let interface: String?

    /// nil if it states nothing.
    init?(_ match: RuleMatch) {
      if match.isEmpty { return nil }
      func addresses(_ selector: RuleSelector) -> [String]? {
        match.text(of: selector)?.split(separator: ",").map(String.init)
      }
      from = addresses(.from)
      to = addresses(.to)
      self.protocol = match.text(of: .protocol)
      port = match.text(of: .port)
      sourcePort = match.text(of: .sourcePort)
      self.class = match.text(of: .class)
      tcpFlags = match.text(of: .tcpFlags)
      icmp = match.text(of: .icmp)
      length = match.text(of: .length)
      hopLimit = match.text(of: .hopLimit)
      dscp = match.text(of: .dscp)
      vlan = match.text(of: .vlan)
      fragment = match.isFragment
      interface = match.text(of: .interface)
    }
  }

  let name: String
  /// Absent if the rule is for all packets.
  let match: Match?
  let not: Match?
  let then: String
  /// Of a limit rule; `off` is no rate.
  let rate: String?
  let burst: UInt32?
  /// Absent for the default.
  let algorithm: String?
  /// These are absent if they are false.
  let total: Bool?
  let monitor: Bool?
  let note: String?
  /// Absent if never.
  let expires: String?
  /// Those that matched; absent in a policy.
  let packets: UInt64?
  let bytes: UInt64?

  private let rule: Rule
  private let left: Duration?

  private enum CodingKeys: String, CodingKey {
    case name, match, not, then, rate, burst, algorithm, total, monitor, note, expires
    case packets, bytes
  }

  init(_ rule: Rule, _ clock: ClockReading, _ count: Count? = nil) {
    self.rule = rule
    name = rule.name.text
    match = Match(rule.match)
    not = Match(rule.exceptions)
    then = rule.action.word
    if case .limit(let rate, let isTotal) = rule.action {
      self.rate = rate.map { "\($0)" } ?? "off"
      burst = rate.flatMap { $0.algorithm == .fixedWindow ? nil : $0.burst }
      algorithm = rate.flatMap { $0.algorithm == .tokenBucket ? nil : $0.algorithm.rawValue }
      total = isTotal ? true : nil
    } else {
      (rate, burst, algorithm, total) = (nil, nil, nil, nil)
    }
    monitor = rule.isMonitored ? true : nil
    note = rule.note?.text
    expires = rule.expires.map { "\(clock.wallTime(of: $0))" }
    left = rule.expires.map { .nanoseconds($0 - min($0, clock.boottime)) }
    packets = count?.packets
    bytes = count?.bytes
  }
}

extension RuleObject {
  static func table(_ rules: [RuleObject], wide: Bool) -> Table {
    Table(
      [.right("#"), "rule", "match", "action", .right("packets")]
        + (wide ? [.right("bytes")] : []) + ["left", "note"],
      rows: rules.enumerated().map { ["\($0.offset + 1)"] + $0.element.row(wide: wide) })
  }

  private func row(wide: Bool) -> [String] {
    [
      name, rule.matchText, rule.actionText + (rule.isMonitored ? ", monitored" : ""),
      "\(packets ?? 0)",
    ] + (wide ? ["\(bytes ?? 0)"] : []) + [left.map(DurationText.format) ?? "-", note ?? "-"]
  }
}
