import Testing

@testable import Aegis
@testable import aegisctl

@Suite struct TuneReportTests {
  private static let found = [
    Finding("interrupts", .ok, "2, on CPUs 0-7 now"),
    Finding("irqbalance", .warning, "running", because: "it moves them", fix: "stop it"),
  ]
  private static let changes: [Tune.Change] = [
    Tune.Change(
      subject: "interrupt 24 (eth0-rx-0)", path: "/a", before: "0-7", after: "2", action: .pinned),
    Tune.Change(subject: "interrupt 25", path: "/b", before: "0-7", after: "2", action: .refused),
    Tune.Change(
      subject: "transmit queue 0", path: "/c", before: "4", after: "4", action: .unchanged),
  ]

  private func report(cpus: String?, changes: [Tune.Change] = [], isDryRun: Bool = false) throws
    -> TuneReport
  {
    TuneReport(
      Tune.Outcome(findings: Self.found, changes: changes), interface: "eth0",
      cpus: try cpus.map { try CPUList($0) }, isDryRun: isDryRun)
  }

  @Test func looking() throws {
    let text = try report(cpus: nil).text(as: .table)
    #expect(text.contains("ok       eth0   interrupts  2, on CPUs 0-7 now\n"))
    #expect(!text.contains("undo") && !text.contains("unchanged"))
    #expect(try report(cpus: nil).text(as: .name) == "")
  }

  @Test func pinned() throws {
    let text = try report(cpus: "2", changes: Self.changes).text(as: .table)
    #expect(!text.contains("interrupts "))
    #expect(text.contains("interrupt 24 (eth0-rx-0)  pinned     0-7 -> 2\n"))
    #expect(text.contains("interrupt 25              refused    0-7 -> 2\n"))
    #expect(text.hasSuffix("undo with\necho 0-7 > /a\n"))
    #expect(try report(cpus: "2", changes: Self.changes).text(as: .name) == "echo 0-7 > /a\n")
  }

  @Test func dryRun() throws {
    let report = try report(cpus: "2", changes: Self.changes, isDryRun: true)
    #expect(try report.text(as: .table).contains("  pinned (dry run) "))
    #expect(report.object.changed && report.object.dryRun && report.object.cpus == "2")
  }

  @Test func nothingToPin() throws {
    #expect(try report(cpus: "2").text(as: .table).hasSuffix("eth0  unchanged  nothing to pin\n"))
  }
}
