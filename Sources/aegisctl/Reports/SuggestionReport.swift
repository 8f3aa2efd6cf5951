import Aegis

/// The effect that rates would have had on the traffic of some time.
struct SuggestionReport: Report {
  struct ProposalObject: Encodable {
    let rate: String
    let burst: UInt64
    /// The share of the sources that should not be affected, 0 to 1.
    let quantile: Double
    let sourcesTouched: Double
    let packetsTouched: Double
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "RateSuggestion"
    let seconds: Double
    let sources: Int
    let packets: UInt64
    let packetsNotSurveyed: UInt64
    let suggestion: ProposalObject?
    let proposals: [ProposalObject]
  }

  private let result: SurveyResult

  init(_ result: SurveyResult) {
    self.result = result
  }

  var object: Object {
    Object(
      seconds: result.seconds, sources: result.sourceCount, packets: result.packets,
      packetsNotSurveyed: result.missed, suggestion: result.suggestion.map(Self.object),
      proposals: result.proposals.map(Self.object))
  }

  /// Arguments for set-rate.
  var names: [String] {
    result.suggestion.map { ["\($0.rate)/s --burst \($0.burst)"] } ?? []
  }

  private static func object(_ proposal: SurveyResult.Proposal) -> ProposalObject {
    ProposalObject(
      rate: "\(proposal.rate)/s", burst: proposal.burst, quantile: proposal.quantile,
      sourcesTouched: proposal.sourcesTouched, packetsTouched: proposal.packetsTouched)
  }

  func table(wide: Bool) -> Table {
    let seen = Table(
      ["", ""],
      rows: [
        ["surveyed", "\(result.packets) packets of \(result.sourceCount) sources"]
      ]
        + (result.missed > 0
          ? [["not surveyed", "\(result.missed) packets of other sources"]] : []))
    guard let suggestion = result.suggestion else { return seen }
    let rows = result.proposals.map {
      [
        "\(FractionText.percent($0.quantile)) of sources", "\($0.rate)/s", "\($0.burst)",
        FractionText.percent($0.sourcesTouched), FractionText.percent($0.packetsTouched),
      ]
    }
    let proposals = Table(
      [
        "spares", .right("rate"), .right("burst"), .right("sources limited"),
        .right("packets limited"),
      ], rows: rows)
    let command = "aegisctl set-rate \(suggestion.rate)/s --burst \(suggestion.burst) --monitor"
    return Table(joining: [
      (nil, seen), (nil, proposals), (nil, Table(["", ""], rows: [["try", command]])),
    ])
  }
}
