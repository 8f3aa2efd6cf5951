import Aegis

/// A packet, and the expected result.
struct PolicyCase {
  let file: String
  let line: Int
  let query: PacketQuery
  /// The class that its source is taken to have; nil for its own.
  let className: ClassName?
  let verdict: Verdict
  /// nil accepts any reason.
  let reason: Reason?

  /// The case as it was parsed: `from 203.0.113.7 to 22/tcp: drop drop.host`.
  var text: String { "\(packet): \(expectation)" }

  var packet: String {
    "from \(query)" + (query.length == PacketQuery.usualLength ? "" : " length \(query.length)")
      + (className.map { " class \($0)" } ?? "")
  }

  var expectation: String { reason.map { "\(verdict.rawValue) \($0.name)" } ?? verdict.rawValue }
}

/// The actual result.
struct CaseResult {
  let expected: PolicyCase
  let reason: Reason
  /// The reason that would have dropped it without monitoring.
  let wouldDrop: Reason?

  init(of one: PolicyCase, by probe: borrowing PolicyProbe) throws(AegisError) {
    expected = one
    let judgement = try probe.judge(
      one.query.frame, as: one.className, socket: one.query.header.socket)
    reason = judgement.reason
    wouldDrop = judgement.wouldDrop
  }

  var holds: Bool {
    reason.verdict == expected.verdict && (expected.reason.map { $0 == reason } ?? true)
  }

  /// `pass pass.monitored, would be drop.host: its source address is on the drop list`.
  var outcome: String {
    let would = wouldDrop.map { ", would be \($0.name)" } ?? ""
    return "\(reason.verdict.rawValue) \(reason.name)\(would): \((wouldDrop ?? reason).meaning)"
  }
}
