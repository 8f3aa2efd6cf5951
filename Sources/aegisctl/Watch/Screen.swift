/// The whole terminal, borrowed: its earlier contents reappear afterwards.
struct Screen {
  private static let enter = "\u{1b}[?1049h\u{1b}[?25l"
  private static let leave = "\u{1b}[?25h\u{1b}[?1049l"
  private static let home = "\u{1b}[H"
  private static let clearLine = "\u{1b}[K"
  private static let clearRest = "\u{1b}[J"

  func open() throws { try StandardOutput.write(Self.enter) }
  func close() throws { try StandardOutput.write(Self.leave) }

  /// Draws over the current contents, to avoid flicker.
  func draw(_ text: String) throws {
    let (columns, rows) = Terminal.size
    let isColourful = Terminal.isColourful
    let lines = Self.fitted(text, columns: columns, rows: rows)
    let drawn = lines.enumerated().map { index, line in
      (index == 0 && isColourful ? "\u{1b}[1m\(line)\u{1b}[0m" : line) + Self.clearLine
    }
    try StandardOutput.write(Self.home + drawn.joined(separator: "\r\n") + Self.clearRest)
  }

  /// At most `rows` lines, none longer than `columns`.
  static func fitted(_ text: String, columns: Int, rows: Int) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    if lines.count > rows { lines = lines.prefix(rows - 1) + ["..."] }
    return lines.map { cut($0, to: columns) }
  }

  private static func cut(_ line: String, to columns: Int) -> String {
    if line.displayWidth <= columns { return line }
    var result = ""
    var width = 0
    for character in line {
      width += String(character).displayWidth
      if width > columns { break }
      result.append(character)
    }
    return result
  }
}
