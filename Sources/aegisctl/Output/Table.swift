/// Text in columns, in one or more sections.
struct Table {
  private let sections: [Section]

  private init(sections: [Section]) {
    self.sections = sections
  }

  /// A table without a heading. If no column has a title, the line of titles is omitted.
  ///
  /// - Precondition: every row has a cell for every column.
  init(_ columns: [Column], rows: [[String]]) {
    sections = [Section(heading: nil, columns: columns, rows: rows)]
  }

  /// Tables separated by an empty line, each below its title if it has one.
  init(joining tables: [(title: String?, table: Table)]) {
    sections = tables.flatMap { title, table in
      table.sections.enumerated().map { $0 == 0 ? $1.headed(title ?? $1.heading) : $1 }
    }
  }

  var text: String {
    sections.dropFirst().reduce(sections.first?.text ?? "") { $0 + "\n" + $1.text }
  }
}
