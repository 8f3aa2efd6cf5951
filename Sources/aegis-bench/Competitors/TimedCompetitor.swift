import Aegis
import BPF

/// A program between two reads of the clock.
final class TimedCompetitor: XDPCompetitor {
  enum Kind {
    /// The clock alone.
    case empty
    case aegis(listing: UInt32, limit: Limit?)
    case reference(Limiter, Limit)
  }

  let histogram: Histogram
  /// The instance that it shares its maps with.
  private let aegis: AegisUnderTest?

  init(_ kind: Kind, on veth: VethPair, in lab: Lab) throws {
    switch kind {
    case .empty:
      let (subject, histogram) = try Self.load("timed_empty", named: "the clock alone") { _ in }
      self.histogram = histogram
      aegis = nil
      super.init(subject, on: veth)
    case .aegis(let listed, let limit):
      let aegis = try AegisUnderTest("Aegis", drops: 131_072, in: lab)
      if listed > 0 { try aegis.drop((0..<listed).map { Prefix(.v4(LiveFlow.source + $0)) }) }
      if let limit { try aegis.limit(to: limit) }
      try aegis.claimSlot(for: veth.interface)
      let (subject, histogram) = try Self.load("timed", named: "Aegis", sharing: aegis.share(with:))
      self.histogram = histogram
      self.aegis = aegis
      super.init(subject, on: veth, count: aegis.verdicts)
    case .reference(let limiter, let limit):
      let loaded = try limiter.load(
        entries: 65_536, limit: limit, in: lab, program: "limit_timed")
      histogram = loaded.histogram
      aegis = nil
      super.init(loaded.subject, on: veth, count: loaded.verdicts)
    }
  }

  private static func load(
    _ program: String, named name: String, sharing share: (borrowing BPFObject) throws -> Void
  ) throws -> (ProgramUnderTest, Histogram) {
    var object = try BenchObjects.open(BenchObjects.timed, name: "timed")
    try share(object)
    try object.load()
    return (
      try ProgramUnderTest(name, object.programDescriptor(program)),
      try Histogram(PerCPUMap(object.mapDescriptor("histogram"), name: "histogram"))
    )
  }
}
