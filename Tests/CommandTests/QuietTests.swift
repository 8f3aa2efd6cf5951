import TestSupport
import Testing

@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct QuietTests {
  static let steps = GoldenStep.all.filter {
    !["dump", "status", "stats"].contains($0.arguments[0])
  }

  @Test func quietPrintsNothing() throws {
    try OwnNamespace.with { namespace in
      let instance = Aegisctl()
      defer { instance.cleanUp() }
      for step in Self.steps {
        for flags in [["-q"], ["--quiet", "-o", "json"]] {
          let outcome = try instance.run(
            step.arguments + flags, input: step.input, namespace: namespace)
          #expect(outcome.status == 0, "\(step.name): \(outcome.error)")
          #expect(outcome.output == "", "\(step.name)")
          // A warning is no data: it is said even so.
          #expect(outcome.error.isEmpty || outcome.error.hasPrefix("warning: "), "\(step.name)")
        }
      }
    }
  }

  @Test func dryRunChangesNothing() throws {
    try OwnNamespace.with { namespace in
      let instance = Aegisctl()
      defer { instance.cleanUp() }
      for step in Self.steps where !step.arguments.contains("--dry-run") {
        let before = try state(of: instance, namespace)
        let words = step.arguments + ["--dry-run"]
        let table = try instance.run(words, input: step.input, namespace: namespace)
        #expect(table.status == 0, "\(step.name): \(table.error)")
        #expect(table.output.contains("(dry run)"), "\(step.name): \(table.output)")
        let json = try instance.run(
          words + ["-o", "json"], input: step.input, namespace: namespace)
        #expect(try state(of: instance, namespace) == before, "\(step.name)")

        let real = try instance.run(
          step.arguments + ["-o", "json"], input: step.input, namespace: namespace)
        #expect(said(json) == said(real), "\(step.name)")
        #expect(try json.json["dryRun"].bool == true)
        #expect(try real.json["dryRun"].bool == false)
      }
    }
  }

  /// All but what only the real thing can know, such as the memory that it takes.
  private func said(_ outcome: Outcome) -> [String] {
    let unknown = ["dryRun", "memoryBytes", "mode", "warning", "expires", "expiredBefore"]
    return outcome.output.split(separator: "\n")
      .filter { line in !unknown.contains { line.contains("\"\($0)\" :") } }
      .map { $0.hasSuffix(",") ? String($0.dropLast()) : String($0) }
  }

  private func state(of instance: Aegisctl, _ namespace: String) throws -> [String] {
    try [["dump", "-o", "json"], ["status", "-o", "json"]].map {
      let output = try instance.run($0, namespace: namespace).output
      return Volatile.normalised(output, root: instance.root)
    }
  }
}
