import Aegis

/// A packet, and what is to become of it.
struct PolicyCase {
  let file: String
  let line: Int
  let query: PacketQuery
  let verdict: Verdict
  /// nil: any will do.
  let reason: Reason?

  /// `from 203.0.113.7 to 22/tcp: drop drop.host`, as it was understood.
  var text: String { "\(packet): \(expectation)" }

  var packet: String {
    "from \(query)" + (query.length == PacketQuery.usualLength ? "" : " length \(query.length)")
  }

  var expectation: String { reason.map { "\(verdict.rawValue) \($0.name)" } ?? verdict.rawValue }
}

/// What became of it.
struct CaseResult {
  let expected: PolicyCase
  let reason: Reason
  /// What would have dropped it, but for monitoring.
  let wouldDrop: Reason?

  init(of one: PolicyCase, by probe: borrowing PolicyProbe) throws(AegisError) {
    expected = one
    let judgement = try probe.judge(one.query.frame)
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
