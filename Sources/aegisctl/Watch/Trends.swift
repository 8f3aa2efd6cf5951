/// Packets per second over the last minute, for each line of a table of counters.
struct Trends {
  struct Line: Hashable {
    let interface: String
    let name: String
  }

  private static let bars = Array("▁▂▃▄▅▆▇█")
  /// At one value per second, this is a minute.
  private static let most = 60
  private var rates: [Line: [Double]] = [:]
  /// The number of reads in a minute.
  private let length: Int
  private var looks = 0
  /// The largest number of bars that fit; the oldest ones are dropped.
  var width = Self.most

  /// - Parameter interval: The time between two reads; values older than a minute are dropped.
  init(interval: Duration) {
    length = Int(max(1, (Duration.seconds(60) / interval).rounded()))
  }

  mutating func add(_ current: [Line: Double]) {
    looks += 1
    for line in Set(rates.keys).union(current.keys) {
      // A new line was at zero before.
      let past = rates[line] ?? Array(repeating: 0, count: min(looks - 1, length))
      rates[line] = (past + [current[line] ?? 0]).suffix(length)
    }
  }

  /// The latest value is on the right. The largest value of the line gets the highest bar, and only zero the lowest.
  func sparkline(_ line: Line) -> String {
    let values = averages(rates[line] ?? []).suffix(width)
    let most = values.max() ?? 0
    return String(
      values.map { value in
        guard value > 0, most > 0 else { return Self.bars[0] }
        let steps = Double(Self.bars.count - 1)
        return Self.bars[min(Self.bars.count - 1, max(1, Int((value / most * steps).rounded())))]
      })
  }

  /// Averages for each second, if there are several reads in one.
  private func averages(_ values: [Double]) -> [Double] {
    let size = (length + Self.most - 1) / Self.most
    return stride(from: values.count, to: 0, by: -size).map { end in
      let part = values[max(0, end - size)..<end]
      return part.reduce(0, +) / Double(part.count)
    }.reversed()
  }
}
