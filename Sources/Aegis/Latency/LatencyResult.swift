/// What a measurement found.
public struct LatencyResult: Sendable {
  /// How the measurement of an interface came to its end.
  public enum Ending: String, Sendable, CaseIterable {
    /// It was measured until the program was put back.
    case completed
    /// The program stopped by itself before it could be put back.
    case deadline
    /// The interface went.
    case gone
    /// It was detached, or the datapath unloaded.
    case detached
    /// Another program came into force.
    case replaced
    /// Somebody else put the program back.
    case returned

    /// Whether no other program of ours saw packets of the interface before the end.
    var isWhole: Bool { self == .completed || self == .gone }
  }

  public struct Interface: Sendable {
    public let name: String
    public let mode: AttachMode
    public let ending: Ending
  }

  public let interfaces: [Interface]
  /// From when all interfaces were measured until the first was not.
  public let seconds: Double
  public let histograms: [Verdict: LatencyHistogram]
  /// What the clock alone takes, which every time has in it once.
  public let clock: LatencyHistogram
  /// Packets by the counters of these interfaces: at least those counted while all were measured, at most those from
  /// before the first was until after the last was. nil where the counters went on without the measurement.
  public let counted: [Verdict: ClosedRange<UInt64>]?

  /// Of both verdicts.
  public var all: LatencyHistogram {
    histograms.values.reduce(into: LatencyHistogram()) { $0 += $1 }
  }
}
