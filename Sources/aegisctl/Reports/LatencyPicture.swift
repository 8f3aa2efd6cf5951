import Aegis

/// A histogram as a standalone SVG: packets over ns, both logarithmic, with the percentiles marked.
struct LatencyPicture {
  private static let width = 960.0
  private static let height = 540.0
  /// The edges of the plot.
  private static let (left, right, top, bottom) = (72.0, 936.0, 146.0, 476.0)

  private static let style = """
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-size: 18px; font-weight: 600 }
    .back { fill: #ffffff } .grid { stroke: #d8dee4 } .axis { stroke: #57606a }
    .pass { fill: #1f77b4 } .drop { fill: #d1571b }
    .mark { stroke: #24292f; stroke-dasharray: 4 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .back { fill: #0d1117 } .grid { stroke: #30363d } .axis { stroke: #8b949e }
      .pass { fill: #58a6ff } .drop { fill: #f0883e }
      .mark { stroke: #e6edf3 }
    }
    """

  private let result: LatencyResult
  private let rows: [LatencyRows.Row]
  private let scale: LatencyScale

  init(_ result: LatencyResult) {
    self.result = result
    rows = LatencyRows(result, upTo: result.all.most ?? 0, most: 144).rows
    let times = (rows.first?.range.lowerBound ?? 1)...(rows.last?.range.upperBound ?? 1)
    let most = rows.map { max($0.passed, $0.dropped) }.max() ?? 1
    scale = LatencyScale(
      times: times, most: most, x: Self.left...Self.right, y: Self.top...Self.bottom)
  }

  /// The complete document.
  var text: String {
    let (width, height) = (Self.number(Self.width), Self.number(Self.height))
    let head = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img">
      <title>\(Self.escaped(title))</title>
      <style>
      \(Self.style)
      </style>
      <rect class="back" width="\(width)" height="\(height)"/>

      """
    return head + headings + grid + bars + marks + "</svg>\n"
  }

  private var title: String {
    "Time in the program a packet: " + result.interfaces.map(\.name).joined(separator: ", ")
  }

  private var headings: String {
    let all = result.all
    let clock =
      result.clock.percentile(0.5).map { ", including \($0) ns for reading the clock" } ?? ""
    let facts =
      all.packets == 0
      ? "no packets in \(LatencyReport.seconds(result.seconds))"
      : "\(all.packets) packets in \(LatencyReport.seconds(result.seconds))\(clock); "
        + "jitter \(all.jitter ?? 0) ns"
    var lines = Self.text(title, x: Self.left, y: 32, "title")
    lines += Self.text(facts, x: Self.left, y: 54)
    let shown = Verdict.allCases.filter {
      $0 != .reply || result.histograms[$0]?.packets ?? 0 > 0
    }
    for (index, verdict) in shown.enumerated() {
      let x = Self.left + Double(index) * 180
      lines += Self.box(verdict.rawValue, x: x, y: 66, width: 12, height: 12)
      let packets = result.histograms[verdict]?.packets ?? 0
      lines += Self.text("\(verdict.rawValue): \(packets)", x: x + 18, y: 77)
    }
    return lines
  }

  private var grid: String {
    let (left, right, bottom) = (Self.left, Self.right, Self.bottom)
    var lines = ""
    for packets in scale.decades {
      let y = scale.y(packets)
      lines += Self.line("grid", left, y, right, y)
      lines += Self.text(Self.short(packets), x: left - 8, y: y + 4, end: "end")
    }
    for tick in scale.ticks {
      let x = scale.x(Double(tick))
      lines += Self.line("axis", x, bottom, x, bottom + 5)
      lines += Self.text("\(tick)", x: x, y: bottom + 20, end: "middle")
    }
    lines += Self.line("axis", left, bottom, right, bottom)
    lines += Self.text(
      "ns, logarithmic", x: (left + right) / 2, y: bottom + 44, end: "middle")
    return lines + Self.text("packets", x: left - 8, y: Self.top - 10, end: "end")
  }

  /// Bars are side by side if both verdicts have packets.
  private var bars: String {
    let isSplit = rows.contains { $0.passed > 0 } && rows.contains { $0.dropped > 0 }
    return rows.map { row in
      let first = scale.x(Double(row.range.lowerBound))
      let width = scale.x(Double(row.range.upperBound) + 1) - first
      let half = isSplit ? width / 2 : width
      return bar("pass", row.passed, x: first, width: half)
        + bar("drop", row.dropped, x: isSplit ? first + half : first, width: half)
    }.joined()
  }

  private func bar(_ verdict: String, _ packets: UInt64, x: Double, width: Double) -> String {
    if packets == 0 { return "" }
    let y = scale.y(packets)
    return Self.box(verdict, x: x, y: y, width: max(0.5, width - 0.5), height: Self.bottom - y)
  }

  /// Percentiles of both verdicts together, with their labels at different heights.
  private var marks: String {
    let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)]
    var lines = ""
    for (index, (name, share)) in shares.enumerated() {
      guard let time = result.all.percentile(share) else { return "" }
      let x = scale.x(Double(time))
      let y = Self.top - 46 + Double(index) * 15
      lines += Self.line("mark", x, y - 10, x, Self.bottom)
      let isLate = x > Self.right - 110
      lines += Self.text(
        "\(name) \(time)", x: x + (isLate ? -5 : 5), y: y, end: isLate ? "end" : "start")
    }
    return lines
  }
}

extension LatencyPicture {
  private static func text(
    _ text: String, x: Double, y: Double, _ kind: String? = nil, end: String = "start"
  ) -> String {
    let kind = kind.map { " class=\"\($0)\"" } ?? ""
    let place = "x=\"\(number(x))\" y=\"\(number(y))\""
    return "<text\(kind) \(place) text-anchor=\"\(end)\">\(escaped(text))</text>\n"
  }

  private static func line(
    _ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double
  ) -> String {
    let (from, to) = ((number(x1), number(y1)), (number(x2), number(y2)))
    let place = "x1=\"\(from.0)\" y1=\"\(from.1)\" x2=\"\(to.0)\" y2=\"\(to.1)\""
    return "<line class=\"\(kind)\" \(place)/>\n"
  }

  private static func box(
    _ kind: String, x: Double, y: Double, width: Double, height: Double
  ) -> String {
    let place = "x=\"\(number(x))\" y=\"\(number(y))\""
    let size = "width=\"\(number(width))\" height=\"\(number(height))\""
    return "<rect class=\"\(kind)\" \(place) \(size)/>\n"
  }

  /// With at most one decimal.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }

  private static func short(_ power: UInt64) -> String {
    let units: [(UInt64, String)] = [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")]
    let unit = units.first { power >= $0.0 }
    return unit.map { "\(power / $0.0)\($0.1)" } ?? "\(power)"
  }

  /// Escapes a name: an interface may have any.
  private static func escaped(_ text: String) -> String {
    text.printable().map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(character)
      }
    }.joined()
  }
}
