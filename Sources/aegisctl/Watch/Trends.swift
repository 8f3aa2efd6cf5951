/// Packets a second over the last minute, for each line of a table of counters.
struct Trends {
  struct Line: Hashable {
    let interface: String
    let name: String
  }

  private static let bars = Array("▁▂▃▄▅▆▇█")
  /// So many, of a second each, are a minute.
  private static let most = 60
  private var rates: [Line: [Double]] = [:]
  /// Looks in a minute.
  private let length: Int
  private var looks = 0
  /// The most bars there is room for; the oldest give way.
  var width = Self.most

  /// - Parameter interval: between two looks; what is older than a minute is forgotten.
  init(interval: Duration) {
    length = Int(max(1, (Duration.seconds(60) / interval).rounded()))
  }

  mutating func add(_ current: [Line: Double]) {
    looks += 1
    for line in Set(rates.keys).union(current.keys) {
      // A line that is new was at zero before.
      let past = rates[line] ?? Array(repeating: 0, count: min(looks - 1, length))
      rates[line] = (past + [current[line] ?? 0]).suffix(length)
    }
  }

  /// The last one on the right, the highest bar for the most of that line; only what is zero has the lowest.
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

  /// Of each second, when there are several looks in one.
  private func averages(_ values: [Double]) -> [Double] {
    let size = (length + Self.most - 1) / Self.most
    return stride(from: values.count, to: 0, by: -size).map { end in
      let part = values[max(0, end - size)..<end]
      return part.reduce(0, +) / Double(part.count)
    }.reversed()
  }
}
