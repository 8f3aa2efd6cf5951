/// Figures in rows: text on the terminal, one object per row in JSON.
struct Table {
  struct Column {
    /// Its name in JSON.
    let key: String
    /// Its title on the terminal.
    let title: String

    init(_ key: String, _ title: String) {
      self.key = key
      self.title = title
    }
  }

  let title: String
  let columns: [Column]
  private(set) var rows: [[Cell]] = []

  init(_ title: String, _ columns: [Column]) {
    self.title = title
    self.columns = columns
  }

  mutating func add(_ row: [Cell]) {
    precondition(row.count == columns.count, "a cell for every column")
    rows.append(row)
  }

  var text: String {
    let lines = [columns.map(\.title)] + rows.map { $0.map(\.text) }
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let isNumeric = columns.indices.map { column in rows.contains { $0[column].isNumber } }
    let body = lines.map { line in
      let cells = columns.indices.map { column in
        let blanks = String(repeating: " ", count: widths[column] - line[column].count)
        return isNumeric[column] ? blanks + line[column] : line[column] + blanks
      }
      var text = cells.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    return "\(title)\n\n" + body.joined(separator: "\n") + "\n"
  }
}

extension Table: Encodable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Row: Encodable {
    let columns: [Column]
    let cells: [Cell]

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      for (column, cell) in zip(columns, cells) {
        try container.encode(cell, forKey: Key(stringValue: column.key))
      }
    }
  }

  private enum Member: CodingKey { case title, rows }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Member.self)
    try container.encode(title, forKey: .title)
    try container.encode(rows.map { Row(columns: columns, cells: $0) }, forKey: .rows)
  }
}
