import BPF

/// An XDP program, natively attached.
class XDPContestant: Contestant {
  let name: String
  let road: Road
  private let subject: Subject
  private let count: () throws -> Verdicts?
  private var link: XDPLink?

  init(_ subject: Subject, on road: Road, count: @escaping () throws -> Verdicts? = { nil }) {
    name = subject.name
    self.road = road
    self.subject = subject
    self.count = count
  }

  func attach() throws {
    link = try XDPLink(attaching: subject.program, to: road.index, mode: .native)
  }

  func detach() throws {
    try link?.detach()
    link = nil
  }

  func verdicts() throws -> Verdicts? { try count() }
}

/// One of the literature's.
final class ReferenceContestant: XDPContestant, LimitingContestant {
  private let limiter: Limiter
  private let loaded: LoadedLimiter

  init(_ limiter: Limiter, on road: Road, in lab: Lab) throws {
    self.limiter = limiter
    loaded = try limiter.load(entries: 65_536, limit: Limit(rate: 1000), in: lab)
    super.init(loaded.subject, on: road, count: loaded.verdicts)
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
final class AegisContestant: XDPContestant, LimitingContestant {
  let aegis: AegisSubject
  private let unit: AegisSubject.Unit

  init(
    _ name: String = "Aegis", unit: AegisSubject.Unit = .packets, sources: UInt32? = nil,
    on road: Road, in lab: Lab,
    prepare: (AegisSubject) throws -> Void = { _ in }
  ) throws {
    aegis = try AegisSubject(name, sources: sources, drops: 131_072, in: lab)
    self.unit = unit
    try prepare(aegis)
    try aegis.claimSlot(for: road.interface)
    super.init(aegis.subject, on: road, count: aegis.verdicts)
  }

  func limit(to limit: Limit) throws { try aegis.limit(to: limit, in: unit) }
}
