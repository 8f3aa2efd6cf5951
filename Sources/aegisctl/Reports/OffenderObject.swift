import Aegis

struct OffenderObject: Encodable {
  let name: String
  /// The rule whose rate it was over; absent if that is gone.
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
