import Aegis
import ArgumentParser

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "diff", usage: "[options] -f <file>",
    abstract: "Show what apply would change.",
    discussion: """
      Changes nothing, and waits for nobody. Exits 0 when all is as declared, 1 when apply with the same \
      options would change something, and above 1 when it could not tell.

      EXAMPLES
          # is everything as declared, and nothing else there?
          aegisctl diff -f policy.yaml --prune
          # for a script, by its exit status
          aegisctl diff -q -f /etc/aegis
      """)

  @OptionGroup var policy: PolicyOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if policy.file.isEmpty { throw ValidationError("name a policy with --file") }
  }

  func run() throws {
    let wanted = try PolicyFiles.read(policy.file)
    let plan = try policy.plan(wanted, at: instance.look())
    try output.print(PlanReport(plan, dryRun: true, comparison: true))
    if !plan.isEmpty { throw ExitCode(1) }
  }
}
