import Aegis
import ArgumentParser

/// The formats for the results of `test`.
enum TestFormat: String, CaseIterable, ExpressibleByArgument {
  case table, wide, json, yaml, name, tap, junit
}

struct TestReport: Report {
  struct CaseObject: Encodable {
    let file: String
    let line: Int
    let packet: String
    let expected: String
    let verdict: String
    let reason: String
    let wouldDrop: String?
    let holds: Bool
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Test"
    let passed: Int
    let failed: Int
    let cases: [CaseObject]
  }

  let results: [CaseResult]

  init(_ results: [CaseResult]) {
    self.results = results
  }

  private var failures: [CaseResult] { results.filter { !$0.holds } }

  func text(as format: TestFormat) throws -> String {
    switch format {
    case .table: try text(as: OutputFormat.table)
    case .wide: try text(as: OutputFormat.wide)
    case .json: try text(as: OutputFormat.json)
    case .yaml: try text(as: OutputFormat.yaml)
    case .name: try text(as: OutputFormat.name)
    case .tap: TAPText.text(results)
    case .junit: JUnitText.text(results)
    }
  }

  var object: Object {
    Object(
      passed: results.count - failures.count, failed: failures.count,
      cases: results.map { result in
        CaseObject(
          file: result.expected.file, line: result.expected.line, packet: result.expected.packet,
          expected: result.expected.expectation, verdict: result.reason.verdict.rawValue,
          reason: result.reason.name, wouldDrop: result.wouldDrop?.name, holds: result.holds)
      })
  }

  /// The cases that fail; all cases with `wide`.
  func table(wide: Bool) -> Table {
    let shown = wide ? results : failures
    let rows = shown.map { result in
      [
        result.holds ? "ok" : "FAILED", result.expected.place, result.expected.text,
        result.outcome,
      ]
    }
    let failed = failures.count
    let summary = Table(
      ["", ""],
      rows: [
        ["passed", "\(results.count - failed)"], ["failed", "\(failed)"],
      ])
    if rows.isEmpty { return summary }
    return Table(joining: [
      (nil, Table(["result", "line", "case", "what happens"], rows: rows)), (nil, summary),
    ])
  }

  /// The places of the cases that fail.
  var names: [String] { failures.map(\.expected.place) }
}

extension PolicyCase {
  var place: String { "\(file):\(line)" }
}

/// TAP version 14.
enum TAPText {
  static func text(_ results: [CaseResult]) -> String {
    var lines = ["TAP version 14", "1..\(results.count)"]
    for (index, result) in results.enumerated() {
      let status = result.holds ? "ok" : "not ok"
      lines.append("\(status) \(index + 1) - \(escaped(result.expected.text))")
      if result.holds { continue }
      lines += [
        "  ---", "  at: \"\(quoted(result.expected.place))\"",
        "  expected: \"\(result.expected.expectation)\"",
        "  actual: \"\(quoted(result.outcome))\"", "  ...",
      ]
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func escaped(_ text: String) -> String {
    escaping(text, ["#", "\\"])
  }

  private static func quoted(_ text: String) -> String {
    escaping(text.printable(), ["\"", "\\"])
  }

  private static func escaping(_ text: String, _ special: Set<Unicode.Scalar>) -> String {
    text.unicodeScalars.map { special.contains($0) ? "\\\($0)" : "\($0)" }.joined()
  }
}

/// The XML format of JUnit's Ant task, which CI servers read.
enum JUnitText {
  static func text(_ results: [CaseResult]) -> String {
    let failed = results.count { !$0.holds }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuite name=\"aegisctl test\" tests=\"\(results.count)\" failures=\"\(failed)\">",
    ]
    for result in results {
      let name = "name=\"\(escaped(result.expected.text))\""
      let place = "classname=\"\(escaped(result.expected.place))\""
      if result.holds {
        lines.append("  <testcase \(place) \(name)/>")
      } else {
        lines.append("  <testcase \(place) \(name)>")
        lines.append("    <failure message=\"\(escaped(result.outcome))\"/>")
        lines.append("  </testcase>")
      }
    }
    return (lines + ["</testsuite>"]).map { $0 + "\n" }.joined()
  }

  private static func escaped(_ text: String) -> String {
    let entities: [Unicode.Scalar: String] = [
      "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;",
    ]
    return text.printable().unicodeScalars.map { entities[$0] ?? "\($0)" }.joined()
  }
}
