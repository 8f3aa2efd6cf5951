import BPF

/// An XDP program, attached in native mode.
class XDPCompetitor: Competitor {
  let name: String
  let veth: VethPair
  private let subject: ProgramUnderTest
  private let count: () throws -> Verdicts?
  private var link: BPFLink?

  init(
    _ subject: ProgramUnderTest, on veth: VethPair,
    count: @escaping () throws -> Verdicts? = { nil }
  ) {
    name = subject.name
    self.veth = veth
    self.subject = subject
    self.count = count
  }

  func attach() throws {
    link = try BPFLink(attaching: subject.program, to: veth.index, mode: .native)
  }

  func detach() throws {
    try link?.detach()
    link = nil
  }

  func verdicts() throws -> Verdicts? { try count() }
}

/// A limiter from the literature.
final class ReferenceCompetitor: XDPCompetitor, LimitingCompetitor {
  private let limiter: Limiter
  private let loaded: LoadedLimiter

  init(_ limiter: Limiter, on veth: VethPair, in lab: Lab) throws {
    self.limiter = limiter
    loaded = try limiter.load(entries: 65_536, limit: Limit(rate: 1000), in: lab)
    super.init(loaded.subject, on: veth, count: loaded.verdicts)
  }

  func limit(to limit: Limit) throws { try loaded.limit(to: limit) }

  func allowance(_ limit: Limit, seconds: Double) -> Double {
    switch limiter {
    case .window: Double(limit.rate) * seconds.rounded(.up)
    case .token, .percpu, .gcra: Double(limit.burst) + Double(limit.rate) * seconds
    }
  }

  func model(_ limit: Limit, _ offered: [Generator.Stretch]) -> Double {
    guard limiter == .window else { return bucketModel(limit, offered) }
    let seconds = stride(from: 0, to: offered.count, by: 1000).map {
      offered[$0..<Swift.min($0 + 1000, offered.count)].reduce(0) { $0 + $1.packets }
    }
    return seconds.reduce(0) { $0 + Swift.min($1, Double(limit.rate)) }
  }
}

/// The datapath as it is shipped.
final class AegisCompetitor: XDPCompetitor, LimitingCompetitor {
  let aegis: AegisUnderTest
  private let unit: AegisUnderTest.Unit

  init(
    _ name: String = "Aegis", unit: AegisUnderTest.Unit = .packets, sources: UInt32? = nil,
    on veth: VethPair, in lab: Lab,
    prepare: (AegisUnderTest) throws -> Void = { _ in }
  ) throws {
    aegis = try AegisUnderTest(name, sources: sources, drops: 1_200_000, in: lab)
    self.unit = unit
    try prepare(aegis)
    try aegis.claimSlot(for: veth.interface)
    super.init(aegis.subject, on: veth, count: aegis.verdicts)
  }

  func limit(to limit: Limit) throws { try aegis.limit(to: limit, in: unit) }
}
