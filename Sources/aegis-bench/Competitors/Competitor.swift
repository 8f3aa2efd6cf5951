/// What stands at the end of a veth and decides about packets.
protocol Competitor: AnyObject {
  var name: String { get }
  var veth: VethPair { get }
  /// Of the packets it can be sent.
  var frame: [UInt8] { get }

  func attach() throws
  func detach() throws
  /// What it has decided so far, by its own counters; nil if it has none.
  func verdicts() throws -> Verdicts?
}

extension Competitor {
  var frame: [UInt8] { Frame.udp(from: 0) }
}

/// One that limits sources.
protocol LimitingCompetitor: Competitor {
  func limit(to limit: Limit) throws
  /// Packets of one source that it is to let pass in so many seconds.
  func allowance(_ limit: Limit, seconds: Double) -> Double
  /// Packets that it is to let pass of those offered, all of one source.
  func model(_ limit: Limit, _ offered: [Generator.Stretch]) -> Double
}

extension LimitingCompetitor {
  func allowance(_ limit: Limit, seconds: Double) -> Double {
    Double(limit.burst) + Double(limit.rate) * seconds
  }

  func model(_ limit: Limit, _ offered: [Generator.Stretch]) -> Double {
    bucketModel(limit, offered)
  }

  /// What a token bucket lets pass, as exactly as a stretch is short.
  func bucketModel(_ limit: Limit, _ offered: [Generator.Stretch]) -> Double {
    var tokens = Double(limit.burst)
    var admitted = 0.0
    for stretch in offered {
      let fresh = tokens + Double(limit.rate) * stretch.seconds
      let passed = min(stretch.packets, fresh)
      admitted += passed
      tokens = min(Double(limit.burst), fresh - passed)
    }
    return admitted
  }
}
