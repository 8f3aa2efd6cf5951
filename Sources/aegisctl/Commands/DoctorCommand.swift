import Aegis
import ArgumentParser
import Glibc

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "doctor", usage: "[options] [<iface> ...]",
    abstract: "Check this host and its interfaces before attaching.",
    discussion: """
      Tries what the kernel can do with objects that are gone at once, rather than guessing from its \
      version, and looks at the interfaces that are named and the tunnels that run over them. Nothing is changed and nothing is attached. \
      Whatever is not in order comes with why it matters and the command that sets it right; -o wide also \
      shows what is in order.

      Exits 0 unless a finding is an error, and then 1; warnings are no errors. Without privileges it says \
      what it could not look at.

      EXAMPLES
          # the host alone, then an interface too
          aegisctl doctor
          aegisctl doctor eth0 -o wide
          # for a script
          aegisctl doctor eth0 -o json
      """)

  @Argument(
    help: ArgumentHelp("Interfaces to look at as well.", valueName: "iface"),
    completion: .custom { _, _, _ in Completions.attachable() })
  var interfaces: [String] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let doctor = Doctor(instance.root)
    var report = DoctorReport()
    var errors: [AegisError] = []
    report.add(doctor.host(), about: "host")
    for name in interfaces.map(Interfaces.ownName).uniqued() {
      do {
        report.add(try doctor.interface(name), about: name)
      } catch {
        errors.append(error)
      }
    }
    try output.print(report)
    try Failures.check(errors)
    if report.count(.error) > 0 { throw ExitCode(EXIT_FAILURE) }
  }
}
