import Aegis
import ArgumentParser

struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "lint", usage: "[options] <policy> ...",
    abstract: "Find rules and entries of a policy that have no effect.",
    discussion: """
      Reads a policy and reports rules, keys, drop entries and rates that can never match, that something \
      earlier decides about, or that another one makes redundant. Each finding is a line that names both \
      places. Nothing is loaded and no privileges are needed.

      Only what is certain is reported, whatever else is loaded. An entry that expires hides nothing that lasts \
      longer, and an entry that is only monitored hides nothing.

      A warning is about something that cannot do what it says; aegisctl apply prints warnings too. A note is \
      about something that changes nothing, which may be intended. -o wide shows the severity and the code of \
      each finding.

      Codes: contradictory (no packet can match), shadowed (earlier rules match all of it), redundant (another \
      one does the same), unreachable (an earlier stage decides), needless (the default does the same), \
      overridden (a protected key lets its packets in), empty (what it names has no addresses), unused (nothing \
      names it).

      Entries in the file of a list are not reported.

      Exits 0 if nothing is found, 1 if something is, and 65 if a policy cannot be read.

      EXAMPLES
          # check a policy before it is applied
          aegisctl lint policy.yaml
          # all files of a directory, as JSON
          aegisctl lint /etc/aegis -o json
          # what is loaded
          aegisctl dump -o yaml | aegisctl lint -
      """)

  @Argument(
    help: ArgumentHelp(
      "A policy file, a directory of policy files, or - for standard input; several are combined.",
      valueName: "policy"),
    completion: .file())
  var policies: [String]

  @OptionGroup var output: OutputOptions

  @Flag(name: .shortAndLong, help: "Print more details when something goes wrong.")
  var verbose = false

  mutating func validate() throws {
    Verbosity.isVerbose = verbose
    if policies.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input can be read only once")
    }
  }

  func run() throws {
    let report = LintReport(findingsOf: try PolicyFiles.read(policies).reader)
    try output.write(report.text(as: output.output))
    if !report.items.isEmpty { throw ExitCode(1) }
  }
}
