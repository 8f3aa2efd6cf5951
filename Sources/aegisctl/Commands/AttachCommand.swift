public import Aegis
public import ArgumentParser

struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "attach", usage: "[options] <iface> ...",
    abstract: "Send the packets of an interface through the datapath.",
    discussion: """
      Makes and pins a link for each interface; it stays when this command ends. A program that somebody \
      else attached is never displaced: it is named instead.

      Mode auto takes native mode, in the driver, and falls back to generic mode, which works everywhere \
      but is slower, with a warning that says why. Offload is for the few cards that run the program \
      themselves.

      EXAMPLES
          # two interfaces
          aegisctl attach eth0 eth1
          # a bridge or a tunnel
          aegisctl attach br0 --mode generic
      """)

  @Argument(
    help: ArgumentHelp("Interfaces.", valueName: "iface"),
    completion: .custom { _, _, _ in Completions.interfaces() })
  var interfaces: [String]

  @Option(name: .shortAndLong, help: "Where the program runs.")
  var mode = AttachMode.auto

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let attachments = Interfaces(try session.datapath())
    var report = AttachReport(isDryRun: change.dryRun)
    var errors: [AegisError] = []
    for name in interfaces.uniqued() {
      do {
        let outcome = try attachments.attach(name, mode: mode, in: session)
        if let warning = outcome.warning { StandardError.write("warning: \(warning)\n") }
        report.add(name, outcome)
      } catch {
        errors.append(error)
      }
    }
    if !report.isEmpty { try change.print(report) }
    try Failures.check(errors)
  }
}

extension AttachMode: ExpressibleByArgument {}
