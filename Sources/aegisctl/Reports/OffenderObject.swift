import Aegis

struct OffenderObject: Encodable {
  let name: String
  /// The rule whose rate it exceeded; absent if the rule no longer exists.
  let rule: String?
  /// Estimated from a sample.
  let droppedEstimate: UInt64
  let firstSecondsAgo: Int64
  let lastSecondsAgo: Int64

  init(_ offender: Offender) {
    name = "\(offender.source)"
    rule = offender.rule
    droppedEstimate = offender.packets
    firstSecondsAgo = offender.firstAgo.components.seconds
    lastSecondsAgo = offender.lastAgo.components.seconds
  }
}
