import Aegis
import ArgumentParser

struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "tune", usage: "[options] <iface>",
    abstract: "Pin an interface's work to chosen CPUs.",
    discussion: """
      Without --cpu it only tells: where the interface's interrupts go, how many queues there are, and \
      whether the CPUs that take them are isolated (isolcpus, nohz_full, rcu_nocbs), slowed down (the \
      frequency governor, C-states) or meddled with (irqbalance).

      With --cpu, queues take turns on the CPUs: their interrupts, and so the datapath, and the CPUs that \
      send on them (XPS). The stack's work after the datapath follows the interrupt; it is moved (RPS) \
      where it is spread already, or where there are no interrupts to pin. Nothing else is changed, and \
      what is in order stays; the rest comes with the command that sets it right.

      Prints the shell commands that undo it; -o name prints those alone. What was pinned is lost when the \
      interface goes or the host boots. If something is refused half-way, what was done stays, with how to \
      undo it. An interrupt that the kernel manages for its driver cannot be pinned; the others are.

      EXAMPLES
          # look, then see what would be done
          aegisctl tune eth0
          aegisctl tune eth0 --cpu 2-5 --dry-run
          # all on one CPU, keeping the way back
          aegisctl tune eth0 --cpu 2 -o name >undo.sh
          # for a script
          aegisctl tune eth0 --cpu 2,3 -o json
      """)

  @Argument(
    help: ArgumentHelp("The interface.", valueName: "iface"),
    completion: .custom { _, _, _ in Completions.interfaces() })
  var interface: String

  @Option(
    name: .long, help: ArgumentHelp("CPUs to pin to, such as 2, 2,3 or 2-5.", valueName: "cpus"))
  var cpu: String?

  @Flag(name: .long, help: "Only say what would change.")
  var dryRun = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let cpus: CPUList?
    do throws(InputError) {
      cpus = try cpu.map { text throws(InputError) in try CPUList(text) }
    } catch {
      throw AegisError(error)
    }
    let interface = Interfaces.ownName(of: interface)
    let outcome = try Tune().run(interface, cpus: cpus, isDryRun: dryRun)
    let report = TuneReport(outcome, interface: interface, cpus: cpus, isDryRun: dryRun)
    if outcome.errors.isEmpty {
      try output.print(report)
    } else {
      // Also when quiet: it says how to undo what was done until then.
      try StandardOutput.write(report.text(as: output.output))
    }
    try Failures.check(outcome.errors)
  }
}
