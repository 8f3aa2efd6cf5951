import Aegis

/// A counter compared with a threshold: `drop.rate > 10k/s`.
struct Condition: Equatable {
  enum Metric: Equatable {
    case verdict(Verdict)
    case reason(Reason)
    case limiterShared, limiterContended, wireLost
  }

  enum Comparison: String, CaseIterable {
    // The longer ones come first because they are tried in this order.
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
  }

  /// The quantity that is compared.
  enum Quantity: Equatable {
    /// Packets since the interface was attached.
    case count
    /// Packets per second, over the interval.
    case rate
    /// Percentage of the packets received in the interval.
    case share
  }

  let name: String
  let metric: Metric
  let comparison: Comparison
  let threshold: Double
  let quantity: Quantity
  /// The threshold as written after the comparison.
  let thresholdText: String
}

extension Condition {
  func holds(for value: Double) -> Bool {
    switch comparison {
    case .above: value > threshold
    case .atLeast: value >= threshold
    case .below: value < threshold
    case .atMost: value <= threshold
    }
  }

  func value(of reading: Reading) -> Double {
    switch quantity {
    case .count: Double(packets(reading.total))
    case .rate: reading.seconds > 0 ? Double(packets(reading.recent)) / reading.seconds : 0
    case .share:
      reading.recent.packets == 0
        ? 0 : 100 * Double(packets(reading.recent)) / Double(reading.recent.packets)
    }
  }

  private func packets(_ counts: Counts) -> UInt64 {
    switch metric {
    case .verdict(let verdict): counts.total(verdict).packets
    case .reason(let reason): counts[reason].packets
    case .limiterShared: counts.shared
    case .limiterContended: counts.contended
    case .wireLost: counts.lost
    }
  }
}

/// The input of conditions: the sum over all interfaces.
struct Reading {
  let total: Counts
  /// Counts of the interval only.
  let recent: Counts
  let seconds: Double
}

extension Counts {
  /// The number of all packets with a verdict.
  var packets: UInt64 { total(.pass).packets + total(.drop).packets }
}
