import Aegis

struct DoctorReport: Report {
  struct Item: Encodable {
    /// `host` or the name of an interface.
    let subject: String
    let check: String
    let level: String
    let message: String
    let reason: String?
    let fix: String?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Doctor"
    /// Whether no finding is an error.
    let healthy: Bool
    /// The number of findings by level.
    let counts: [String: Int]
    let items: [Item]
  }

  private var items: [Item] = []

  mutating func add(_ findings: [Finding], about subject: String) {
    items += findings.map {
      Item(
        subject: subject, check: $0.check, level: $0.level.rawValue, message: $0.message,
        reason: $0.reason, fix: $0.fix)
    }
  }

  func count(_ level: Finding.Level) -> Int { items.count { $0.level == level.rawValue } }

  var object: Object {
    Object(
      healthy: count(.error) == 0,
      counts: Finding.Level.allCases.reduce(into: [:]) { $0[$1.rawValue] = count($1) },
      items: items)
  }

  /// The subjects and checks of all problems.
  var names: [String] { problems.map { "\($0.subject)/\($0.check)" } }

  private var problems: [Item] { items.filter { $0.level != Finding.Level.ok.rawValue } }

  func table(wide: Bool) -> Table {
    let rows = (wide ? items : problems).flatMap { item in
      [[item.level, item.subject, item.check, item.message]]
        + [("why", item.reason), ("fix", item.fix)].compactMap { word, text in
          text.map { ["", "", "  \(word)", $0] }
        }
    }
    let counts = Finding.Level.allCases.map { "\(count($0)) \($0.rawValue)" }
    let summary = Table([""], rows: [[counts.joined(separator: ", ")]])
    if rows.isEmpty { return summary }
    return Table(joining: [
      (nil, Table(["level", "about", "check", "found"], rows: rows)), (nil, summary),
    ])
  }
}
