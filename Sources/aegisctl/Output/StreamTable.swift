/// A table whose rows are not known in advance: a column has its given width until a wider cell occurs, and from then
/// on the width of that cell.
struct StreamTable {
  private var columns: [(column: Table.Column, width: Int)]

  init(_ columns: [(column: Table.Column, width: Int)]) {
    self.columns = columns.map { ($0.column, max($0.width, $0.column.title.displayWidth)) }
  }

  var header: String {
    var copy = self
    return copy.line(columns.map { $0.column.title.uppercased() })
  }

  /// - Parameter paint: The text before and after the text of a cell.
  /// - Precondition: There is a cell for every column.
  mutating func line(
    _ cells: [String], paint: (Int) -> (String, String)? = { _ in nil }
  ) -> String {
    precondition(cells.count == columns.count, "a cell for every column")
    var result = ""
    var owed = 0
    for (index, cell) in cells.enumerated() {
      let text = cell.printable()
      columns[index].width = max(columns[index].width, text.displayWidth)
      let blanks = columns[index].width - text.displayWidth
      let isRight = columns[index].column.alignment == .right
      result += String(repeating: " ", count: owed + (isRight ? blanks : 0))
      let (before, after) = paint(index) ?? ("", "")
      result += before + text + after
      owed = 2 + (isRight ? 0 : blanks)
    }
    return result + "\n"
  }
}
