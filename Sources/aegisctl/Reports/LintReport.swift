import Aegis

/// What is found in a policy, with the places in its files.
struct LintReport {
  struct Item: Encodable {
    let code: String
    let severity: String
    let place: PolicySpot
    let others: [PolicySpot]
    let message: String
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "LintReport"
    let warnings: Int
    let notes: Int
    let findings: [Item]
  }

  let items: [Item]

  /// All findings, in the order of the files and lines.
  init(findingsOf reader: PolicyReader) {
    self.init(PolicyLint(reader.policy).findings, reader)
  }

  init(warningsOf reader: PolicyReader) {
    self.init(PolicyLint(reader.policy).warnings, reader)
  }

  private init(_ findings: [LintFinding], _ reader: PolicyReader) {
    let order = Dictionary(
      reader.files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let items = findings.filter { !reader.isInFile($0.place) }.map { Self.item($0, reader) }
    self.items = items.enumerated().sorted { one, other in
      let (left, right) = (one.element.place, other.element.place)
      return (left.file.flatMap { order[$0] } ?? 0, left.line ?? 0, one.offset)
        < (right.file.flatMap { order[$0] } ?? 0, right.line ?? 0, other.offset)
    }.map(\.element)
  }

  private static func item(_ finding: LintFinding, _ reader: PolicyReader) -> Item {
    let spot = reader.spot(of: finding.place)
    let message = finding.text { other in
      let there = reader.spot(of: other)
      let line = there.line.map { line in
        there.file == spot.file ? "line \(line)" : "\(there.file ?? ""):\(line)"
      }
      return "\(other) (\([there.field, line].compactMap(\.self).joined(separator: ", ")))"
    }
    return Item(
      code: finding.code.rawValue, severity: finding.severity.rawValue, place: spot,
      others: finding.others.map(reader.spot), message: message)
  }

  var object: Object {
    Object(
      warnings: items.count { $0.severity == LintFinding.Severity.warning.rawValue },
      notes: items.count { $0.severity == LintFinding.Severity.note.rawValue }, findings: items)
  }

  /// One for each finding.
  var texts: [String] { items.map(\.text) }

  /// Complete lines, or nothing at all.
  func text(as format: OutputFormat) throws -> String {
    switch format {
    case .table: lines(texts)
    case .wide: lines(items.map { "\($0.text) [\($0.severity), \($0.code)]" })
    case .json: try JSONText.pretty(object)
    case .yaml: try YAMLText.text(ofJSON: JSONText.compact(object))
    case .name: lines(items.map(\.where))
    }
  }

  private func lines(_ texts: [String]) -> String {
    texts.map { $0.printable() + "\n" }.joined()
  }
}

extension LintReport.Item {
  /// `policy.yaml:9`, or less if that is not known.
  fileprivate var `where`: String {
    [place.file, place.line.map { "\($0)" }].compactMap(\.self).joined(separator: ":")
  }

  fileprivate var text: String {
    (place.file == nil ? "" : "\(self.where): ") + "\(place.field) \"\(place.name)\": \(message)"
  }
}
