import Aegis
import ArgumentParser
import Glibc

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "doctor", usage: "[options] [<iface> ...]",
    abstract: "Check this host and its interfaces before attaching.",
    discussion: """
      Tests kernel features with temporary objects instead of guessing from the version, and checks the given \
      interfaces and the tunnels that run over them. Nothing is changed or attached. Each problem is shown \
      with why it matters and the command that fixes it; -o wide also shows the checks that passed.

      Exits 1 if a finding is an error, and 0 otherwise, even with warnings. Without privileges it says what \
      it could not check.

      EXAMPLES
          # the host alone, then with an interface
          aegisctl doctor
          aegisctl doctor eth0 -o wide
          # for a script
          aegisctl doctor eth0 -o json
      """)

  @Argument(
    help: ArgumentHelp("Interfaces to check as well.", valueName: "iface"),
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
