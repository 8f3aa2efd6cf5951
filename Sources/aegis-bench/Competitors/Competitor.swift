/// A subject at the end of a veth that decides about packets.
protocol Competitor: AnyObject {
  var name: String { get }
  var veth: VethPair { get }
  /// A frame that can be sent to it.
  var frame: [UInt8] { get }

  func attach() throws
  func detach() throws
  /// Its decisions so far, from its own counters; nil if it has none.
  func verdicts() throws -> Verdicts?
}

extension Competitor {
  var frame: [UInt8] { Frame.udp(from: 0) }
}

/// A competitor that limits sources.
protocol LimitingCompetitor: Competitor {
  func limit(to limit: Limit) throws
  /// The number of packets of one source that it should pass in `seconds`.
  func allowance(_ limit: Limit, seconds: Double) -> Double
  /// The number of the offered packets, all of one source, that it should pass.
  func model(_ limit: Limit, _ offered: [Generator.Stretch]) -> Double
}

extension LimitingCompetitor {
  func allowance(_ limit: Limit, seconds: Double) -> Double {
    Double(limit.burst) + Double(limit.rate) * seconds
  }

  func model(_ limit: Limit, _ offered: [Generator.Stretch]) -> Double {
    bucketModel(limit, offered)
  }

  /// What a token bucket passes; shorter stretches make it more exact.
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
