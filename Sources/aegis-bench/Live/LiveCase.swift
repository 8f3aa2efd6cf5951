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
    let many = try field.aegis { aegis in
      try aegis.drop((0..<LiveFlow.listedMany.sources).map { .init(.v4(source + $0)) })
    }
    let mixed = try field.aegis { try $0.drop(Self.mixed) }
    return [
      LiveCase(flow: .listed, competitors: [empty, aegis] + peers),
      LiveCase(flow: .listedMany, competitors: [empty, many]),
      LiveCase(flow: .listedMixed, competitors: [empty, mixed]),
    ]
  }

  /// A million entries for two million addresses: of eight, two hosts, a /31 and a /30. The first is odd.
  private static var mixed: [Prefix] {
    let first = LiveFlow.source & ~7
    return (0..<LiveFlow.listedMixed.sources / 8 + 1).flatMap { block in
      let base = first + block * 8
      return [
        Prefix(.v4(base)), Prefix(.v4(base + 1)),
        Prefix(address: .v4(base + 2), length: 31)!, Prefix(address: .v4(base + 4), length: 30)!,
      ]
    }
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
