/// The result of a measurement.
public struct LatencyResult: Sendable {
  /// How the measurement of an interface ended.
  public enum Ending: String, Sendable, CaseIterable {
    /// The interface was measured until the program was restored.
    case completed
    /// The program stopped by itself before it could be put back.
    case deadline
    /// The interface was removed.
    case gone
    /// The interface was detached, or the datapath was unloaded.
    case detached
    /// Another program was put in force.
    case replaced
    /// Another process restored the program.
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
  /// The time from when all interfaces were measured until the first was not.
  public let seconds: Double
  public let histograms: [Verdict: LatencyHistogram]
  /// The part of an operator's program in the times of the packets that it was asked about; nil if none is set.
  public let hook: LatencyHistogram?
  /// The cost of the clock itself, which is included once in every time.
  public let clock: LatencyHistogram
  /// Packets according to the counters of these interfaces: at least those counted while all were measured, at most
  /// those counted from before the first one was measured until after the last one was. nil if the counters continued
  /// without the measurement.
  public let counted: [Verdict: ClosedRange<UInt64>]?

  /// The histogram of both verdicts together.
  public var all: LatencyHistogram {
    histograms.values.reduce(into: LatencyHistogram()) { $0 += $1 }
  }
}
