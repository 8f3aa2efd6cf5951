import Aegis
import ArgumentParser

struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "tune", usage: "[options] <iface>",
    abstract: "Pin the packet processing of an interface to CPUs.",
    discussion: """
      Without --cpu it only reports: where the interrupts of the interface go, how many queues it has, and \
      whether their CPUs are isolated (isolcpus, nohz_full, rcu_nocbs), slowed down (the frequency governor, \
      C-states) or managed by irqbalance.

      With --cpu it distributes the queues over the CPUs: their interrupts, and so the datapath, and \
      transmission (XPS). Processing after the datapath follows the interrupt; it is moved (RPS) only if it is \
      already spread, or if there are no interrupts to pin. Settings that are already right stay as they are, \
      and other problems are shown with the command that fixes them.

      Prints the shell commands that undo the change; -o name prints only those. Pinning is lost when the \
      interface is removed or the host reboots. If a step fails, earlier steps stay, and their undo commands \
      are printed. Interrupts that the kernel manages for the driver cannot be pinned; the others are.

      EXAMPLES
          # show the state, then what would change
          aegisctl tune eth0
          aegisctl tune eth0 --cpu 2-5 --dry-run
          # all on one CPU, and save the undo commands
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

  @Flag(name: .long, help: "Only show what would change.")
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
      // Printed even with --quiet: it shows how to undo the changes made so far.
      try StandardOutput.write(report.text(as: output.output))
    }
    try Failures.check(outcome.errors)
  }
}
