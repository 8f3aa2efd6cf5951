import Aegis

struct TuneReport: Report {
  struct Change: Encodable {
    /// `interrupt 24 (eth0-rx-0)`
    let subject: String
    let action: String
    let path: String
    let before: String
    let after: String
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Tune"
    let changed: Bool
    let dryRun: Bool
    let interface: String
    /// As given, in the kernel's notation; absent if not given.
    let cpus: String?
    let findings: [DoctorReport.Item]
    let items: [Change]
    /// Shell commands.
    let undo: [String]
  }

  let object: Object
  private let findings: DoctorReport

  init(_ outcome: Tune.Outcome, interface: String, cpus: CPUList?, isDryRun: Bool) {
    var findings = DoctorReport()
    findings.add(outcome.findings, about: interface)
    self.findings = findings
    object = Object(
      changed: outcome.isChanged, dryRun: isDryRun, interface: interface, cpus: cpus?.description,
      findings: findings.object.items,
      items: outcome.changes.map {
        Change(
          subject: $0.subject, action: $0.action.rawValue, path: $0.path, before: $0.before,
          after: $0.after)
      },
      undo: outcome.undo)
  }

  /// Commands for a shell.
  var names: [String] { object.undo }

  func table(wide: Bool) -> Table {
    // If no CPUs were given, nothing is changed, and findings that are in order are shown too.
    let found: (String?, Table) = (nil, findings.table(wide: wide || object.cpus == nil))
    if object.cpus == nil { return Table(joining: [found]) }
    let undo: [(String?, Table)] =
      object.undo.isEmpty ? [] : [("undo with", Table([""], rows: object.undo.map { [$0] }))]
    return Table(joining: [found, (nil, changes)] + undo)
  }

  private var changes: Table {
    let suffix = object.dryRun ? " (dry run)" : ""
    let rows = object.items.map { [$0.subject, $0.action + suffix, "\($0.before) -> \($0.after)"] }
    return Table(
      ["", "", ""], rows: rows.isEmpty ? [[object.interface, "unchanged", "nothing to pin"]] : rows)
  }
}
