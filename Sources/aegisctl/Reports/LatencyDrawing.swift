import Aegis

/// A histogram in the terminal: each row has a bar for each verdict.
struct LatencyDrawing {
  private static let eighths = Array("▏▎▍▌▋▊▉█")

  private let rows: LatencyRows

  init(_ rows: LatencyRows) {
    self.rows = rows
  }

  /// One table; none without packets.
  var tables: [Table] {
    let all = rows.rows + [rows.longer].compactMap(\.self)
    if all.isEmpty { return [] }
    let shown = [\LatencyRows.Row.passed, \.dropped].filter { path in
      all.contains { $0[keyPath: path] > 0 }
    }
    let titles: [Table.Column] = shown.flatMap { path -> [Table.Column] in
      [.right(path == \.passed ? "pass" : "drop"), ""]
    }
    let most = shown.flatMap { path in all.map { $0[keyPath: path] } }.max() ?? 1
    let width = shown.count == 1 ? 44 : 18
    return [
      Table(
        [.right("ns")] + titles,
        rows: all.map { row in
          [Self.text(row.range)]
            + shown.flatMap { path -> [String] in
              let packets = row[keyPath: path]
              return ["\(packets)", Self.bar(packets, of: most, width: width)]
            }
        })
    ]
  }

  private static func text(_ range: ClosedRange<UInt64>) -> String {
    let (first, last) = (range.lowerBound, range.upperBound)
    return first == last ? "\(first)" : "\(first)-\(last)"
  }

  /// The largest count gets the longest bar; only zero gets none.
  static func bar(_ packets: UInt64, of most: UInt64, width: Int) -> String {
    if packets == 0 { return "" }
    let length = max(1, Int((Double(packets) / Double(most) * Double(width * 8)).rounded()))
    let rest = length % 8 == 0 ? "" : String(eighths[length % 8 - 1])
    return String(repeating: eighths[7], count: length / 8) + rest
  }
}
