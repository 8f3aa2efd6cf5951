extension Table {
  struct Section {
    let heading: String?
    private let columns: [Column]
    private let rows: [[String]]

    init(heading: String?, columns: [Column], rows: [[String]]) {
      precondition(rows.allSatisfy { $0.count == columns.count }, "a cell for every column")
      self.heading = heading
      self.columns = columns
      self.rows = rows
    }

    func headed(_ heading: String?) -> Section {
      Section(heading: heading, columns: columns, rows: rows)
    }

    var text: String {
      var lines = rows.map { $0.map { $0.printable() } }
      if columns.contains(where: { !$0.title.isEmpty }) {
        lines.insert(columns.map { $0.title.uppercased() }, at: 0)
      }
      let widths = columns.indices.map { column in
        lines.reduce(0) { max($0, $1[column].displayWidth) }
      }
      var result = heading.map { $0.printable() + "\n" } ?? ""
      for line in lines { append(line, widths, to: &result) }
      return result
    }

    private func append(_ cells: [String], _ widths: [Int], to result: inout String) {
      var owed = 0
      for (index, cell) in cells.enumerated() {
        let blanks = widths[index] - cell.displayWidth
        let isRight = columns[index].alignment == .right
        // Blanks are written only before more text, so that no line ends with one.
        if !cell.isEmpty {
          result += String(repeating: " ", count: owed + (isRight ? blanks : 0))
          result += cell
          owed = isRight ? 0 : blanks
        } else {
          owed += blanks
        }
        owed += 2
      }
      result += "\n"
    }
  }
}
