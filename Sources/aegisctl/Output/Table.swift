/// Text in columns, in one section or several.
struct Table {
  private let sections: [Section]

  private init(sections: [Section]) {
    self.sections = sections
  }

  /// A table without a heading. Without a single column title it also has no line of titles.
  ///
  /// - Precondition: every row has a cell for every column.
  init(_ columns: [Column], rows: [[String]]) {
    sections = [Section(heading: nil, columns: columns, rows: rows)]
  }

  /// Tables below each other with an empty line between them, each below its title if it has one.
  init(joining tables: [(title: String?, table: Table)]) {
    sections = tables.flatMap { title, table in
      table.sections.enumerated().map { $0 == 0 ? $1.headed(title ?? $1.heading) : $1 }
    }
  }

  var text: String {
    sections.dropFirst().reduce(sections.first?.text ?? "") { $0 + "\n" + $1.text }
  }
}
