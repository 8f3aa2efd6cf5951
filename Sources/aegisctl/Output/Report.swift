/// The output of a command, in the forms that the formats need.
protocol Report {
  associatedtype Object: Encodable

  /// For programs: contains `apiVersion` and `kind`.
  var object: Object { get }

  /// For people.
  func table(wide: Bool) -> Table

  /// Arguments for a later command, one per line.
  var names: [String] { get }
}

extension Report {
  /// Complete lines, or nothing at all.
  func text(as format: OutputFormat) throws -> String {
    switch format {
    case .table: table(wide: false).text
    case .wide: table(wide: true).text
    case .json: try JSONText.pretty(object)
    case .yaml: try YAMLText.text(ofJSON: JSONText.compact(object))
    case .name: names.map { $0.printable() + "\n" }.joined()
    }
  }
}
