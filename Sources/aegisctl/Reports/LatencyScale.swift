import Glibc

/// The positions of times and packet counts in a picture.
struct LatencyScale {
  private let times: ClosedRange<Double>
  private let most: UInt64
  private let across: ClosedRange<Double>
  /// From the top down, as in SVG.
  private let down: ClosedRange<Double>

  /// - Parameters:
  ///   - times: ns from the left edge to the right.
  ///   - most: Packets of the highest bar.
  init(
    times: ClosedRange<UInt64>, most: UInt64, x: ClosedRange<Double>, y: ClosedRange<Double>
  ) {
    let first = Double(max(1, times.lowerBound))
    self.times = first...max(first + 1, Double(times.upperBound) + 1)
    self.most = max(1, most)
    across = x
    down = y
  }

  func x(_ time: Double) -> Double {
    let share = log(max(1, time) / times.lowerBound) / log(times.upperBound / times.lowerBound)
    return across.lowerBound + share * (across.upperBound - across.lowerBound)
  }

  /// A single packet is visible, and zero is at the bottom.
  func y(_ packets: UInt64) -> Double {
    let share = log10(Double(packets) * 2) / log10(Double(most) * 2)
    return down.upperBound - share * (down.upperBound - down.lowerBound)
  }

  /// Packet counts to draw lines at: 1, 10, 100 ...
  var decades: [UInt64] {
    sequence(first: 1) { $0.multipliedReportingOverflow(by: 10).partialValue }
      .prefix { $0 <= most }.map(\.self)
  }

  /// The ns values to label on the axis, at least 40 apart: 1, 2 and 5 of each decade, else 1, else closer ones.
  var ticks: [UInt64] {
    for steps in [[1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 5], [1, 3], [1]] {
      let ticks = ticks(steps)
      let places = ticks.map { x(Double($0)) }
      if zip(places, places.dropFirst()).allSatisfy({ $1 - $0 >= 56 }) { return ticks }
    }
    return [UInt64(times.lowerBound)]
  }

  private func ticks(_ steps: [Double]) -> [UInt64] {
    let decades = (0..<19).map { pow(10, Double($0)) }
    return decades.flatMap { decade in steps.map { $0 * decade } }
      .filter { $0 == $0.rounded() && times.contains($0) }.map { UInt64($0) }
  }
}
