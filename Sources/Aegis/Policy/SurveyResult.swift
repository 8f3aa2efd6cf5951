internal import CAegis

/// What sources sent while they were surveyed, and what rates would have done to it.
public struct SurveyResult: Sendable {
  struct Source: Sendable {
    let packets: UInt64
    /// The number of packets in its fullest 100 ms.
    let peak: UInt64
  }

  /// A rate that leaves this share of the sources alone, and what it would have done to the others.
  public struct Proposal: Sendable {
    /// The share of the sources to leave alone, 0 to 1.
    public let quantile: Double
    /// Packets a second, and at once.
    public let rate: UInt64
    public let burst: UInt64
    /// Shares of the whole, 0 to 1: sources that would have lost packets, and packets that would have been lost.
    public let sourcesTouched: Double
    public let packetsTouched: Double
  }

  public let sourceCount: Int
  public let packets: UInt64
  /// Packets of sources that the survey had no room for.
  public let missed: UInt64
  public let seconds: Double
  private let sources: [Source]

  init(sources: [Source], missed: UInt64, seconds: Double) {
    self.sources = sources
    self.missed = missed
    self.seconds = seconds
    sourceCount = sources.count
    packets = sources.reduce(0) { $0 + $1.packets }
  }

  /// From the strictest to the laxest; none if nothing was sent.
  public var proposals: [Proposal] {
    if sources.isEmpty { return [] }
    let rates = sources.map { Double($0.packets) / seconds }.sorted()
    let peaks = sources.map { Double($0.peak) }.sorted()
    return [0.5, 0.9, 0.99, 0.999].map { quantile in
      // Twice the usual value, since a window is short and traffic grows.
      proposal(
        quantile, rate: Self.round(2 * Self.value(quantile, of: rates)),
        burst: Self.round(max(10, 2 * Self.value(quantile, of: peaks))))
    }
  }

  /// The recommended one: it leaves 99 of 100 sources alone, and affects those that send most.
  public var suggestion: Proposal? { proposals.first { $0.quantile == 0.99 } }

  private func proposal(_ quantile: Double, rate: UInt64, burst: UInt64) -> Proposal {
    let allowed = Double(burst) + Double(rate) * seconds
    let window = Double(AEGIS_SURVEY_WINDOW) / 1e9
    let inWindow = Double(burst) + Double(rate) * window
    let lost = sources.map { source in
      max(0, Double(source.packets) - allowed, Double(source.peak) - inWindow)
    }
    return Proposal(
      quantile: quantile, rate: rate, burst: burst,
      sourcesTouched: Double(lost.count { $0 > 0 }) / Double(sources.count),
      packetsTouched: lost.reduce(0, +) / Double(packets))
  }

  /// The smallest value that this share of the sources does not exceed.
  private static func value(_ quantile: Double, of sorted: [Double]) -> Double {
    let rank = Int((quantile * Double(sorted.count)).rounded(.up))
    return sorted[min(max(rank, 1), sorted.count) - 1]
  }

  /// Rounds up to 1, 2 or 5 times a power of ten.
  private static func round(_ value: Double) -> UInt64 {
    var decade: UInt64 = 1
    while true {
      for step in [1, 2, 5] as [UInt64] where Double(step * decade) >= value {
        return step * decade
      }
      decade *= 10
    }
  }
}
