import Aegis
import CAegis

/// A flow, and the competitors that face it.
struct LiveCase {
  let flow: LiveFlow
  /// The first is the empty program.
  let competitors: [any Competitor]

  /// Cases that drop listed sources.
  static func listing(_ field: Field) throws -> [LiveCase] {
    let source = LiveFlow.source
    let empty = try field.empty()
    let aegis = try field.aegis { try $0.drop((0..<100_000).map { .init(.v4(source + $0)) }) }
    let peers = try field.droppingPeers(of: source, count: 100_000)
    return [
      LiveCase(flow: .listed, competitors: [empty, aegis] + peers)
    ]
  }

  /// Cases by the size of the limiter's table.
  static func sizes(_ field: Field) throws -> [LiveCase] {
    let empty = try field.empty()
    let tables = try [10, 12, 13, 14, 16, 18].map { bits in
      let sources = AEGIS_WAYS << UInt32(bits)
      return try field.aegis("room for \(sources)", sources: sources)
    }
    return [.workload, .spoofed].map { LiveCase(flow: $0, competitors: [empty] + tables) }
  }

  /// Cases that limit sources.
  static func limiting(_ field: Field) throws -> [LiveCase] {
    let limiters: [any Competitor] =
      try [field.empty(), field.clock(), field.aegis(), field.reference(.token)]
      + field.limitingPeers(isObserved: false)
    return [.single, .workload, .spoofed].map { LiveCase(flow: $0, competitors: limiters) }
  }
}
