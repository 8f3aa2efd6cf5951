import FoundationEssentials

/// Shares as bars in groups: an SVG for light and dark pages, narrow enough for a phone, with selectable text.
struct BarChart {
  private struct Bar {
    let name: String
    let share: Double
  }

  private struct Group {
    let name: String
    var bars: [Bar] = []
  }

  private let title: String
  private let subtitle: String
  private var groups: [Group] = []

  /// - Parameters:
  ///   - table: Has the columns `flow`, `competitor` and `share`. The first row of a flow is the base of comparison
  ///     and has no bar.
  init(_ title: String, _ subtitle: String, _ table: Table) {
    self.title = title
    self.subtitle = subtitle
    let places = ["flow", "competitor", "share"].map { key in
      table.columns.firstIndex { $0.key == key }
    }
    guard let flow = places[0], let name = places[1], let share = places[2] else { return }
    for row in table.rows {
      guard groups.last?.name == row[flow].text else {
        groups.append(Group(name: row[flow].text))
        continue
      }
      guard case .number(let value, _) = row[share] else { continue }
      groups[groups.count - 1].bars.append(Bar(name: row[name].text, share: value))
    }
  }

  func write(to path: String) throws {
    try Data(svg.utf8).write(to: URL(filePath: path))
  }

  private static let width = 400
  private static let bars = (start: 160, full: 190)
  private static let line = 20

  private var svg: String {
    var y = 70
    var body = ""
    for group in groups {
      body += text(group.name, x: 14, y: y, "group")
      y += Self.line + 4
      for bar in group.bars {
        let length = Int((min(max(bar.share, 0), 1) * Double(Self.bars.full)).rounded())
        let kind = bar.name.lowercased().hasPrefix("aegis") ? "own" : "other"
        body += text(bar.name, x: Self.bars.start - 8, y: y, "name")
        body += """
            <rect class="\(kind)" x="\(Self.bars.start)" y="\(y - 11)" width="\(length)" height="13" rx="2"/>

          """
        body += text(
          Cell.number(bar.share, decimals: 2).text, x: Self.bars.start + length + 6, y: y, "value")
        y += Self.line
      }
      y += 12
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(y)" role="img">
        <title>\(escaped(title))</title>
      \(Self.style)
        <rect class="page" width="\(Self.width)" height="\(y)"/>
      \(text(title, x: 14, y: 24, "title"))\(text(subtitle, x: 14, y: 42, "subtitle"))\(body)</svg>

      """
  }

  private func text(_ text: String, x: Int, y: Int, _ kind: String) -> String {
    "  <text class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\">\(escaped(text))</text>\n"
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  private static let style = """
      <style>
        .page { fill: #ffffff }
        .own { fill: #0969da }
        .other { fill: #8c959f }
        text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1f2328 }
        .title { font-size: 17px; font-weight: bold }
        .subtitle { font-size: 12px }
        .group { font-weight: bold }
        .name { text-anchor: end }
        @media (prefers-color-scheme: dark) {
          .page { fill: #0d1117 }
          .own { fill: #58a6ff }
          .other { fill: #6e7681 }
          text { fill: #e6edf3 }
        }
      </style>
    """
}
