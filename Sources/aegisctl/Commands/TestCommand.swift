import Aegis
import ArgumentParser

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "test", usage: "[options] <policy> ... --cases <file>",
    abstract: "Check what a policy does with packets that you name.",
    discussion: """
      Runs each packet in a file of cases through the datapath's own code, with your policy, and reports the \
      cases whose verdict or reason is not the expected one. Nothing is loaded and no privileges are needed, \
      so it can run wherever the policy is kept. Each case is independent, as if no packet had come before: a \
      rate lets its first packet pass.

      A case is a line: from SOURCE[:PORT] [to DESTINATION] [length BYTES] [class NAME]: VERDICT [REASON]. SOURCE and \
      DESTINATION are written as for aegisctl why, and so are tcp-flags, icmp, hop-limit, dscp, vlan, \
      fragment and socket, each with its value, in front of the colon. VERDICT is pass or drop, and REASON is one that aegisctl \
      stats shows, such as drop.host or just host. With class the source is taken to be of that class. Empty lines, and what follows a #, are ignored.

      Exits 0 if every case holds, 1 if one does not, and 65 if a policy or a case cannot be read. -o tap and \
      -o junit print reports for test tools.

      EXAMPLES
          # check a policy against your expectations
          aegisctl test policy.yaml --cases cases.txt
          # a single case, from a script
          echo 'from 203.0.113.7 to 22: drop' | aegisctl test policy.yaml --cases -
          # for a CI server
          aegisctl test /etc/aegis --cases cases.txt -o junit > report.xml
      """)

  @Argument(
    help: ArgumentHelp(
      "A policy file, a directory of policy files, or - for standard input; several are combined.",
      valueName: "policy"),
    completion: .file())
  var policies: [String]

  @Option(
    name: .long,
    help: ArgumentHelp("The cases; - for standard input. May be repeated.", valueName: "file"),
    completion: .file())
  var cases: [String] = []

  @Option(name: .shortAndLong, help: "Output format.")
  var output = TestFormat.table

  @Flag(name: .shortAndLong, help: "Print nothing unless something goes wrong.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print more details when something goes wrong.")
  var verbose = false

  mutating func validate() throws {
    Verbosity.isVerbose = verbose
    if cases.isEmpty { throw ValidationError("name the cases with --cases") }
    if (policies + cases).count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input can be read only once")
    }
  }

  func run() throws {
    let cases = try CaseFile.read(cases)
    let probe = try PolicyFiles.probe(policies)
    let results = try cases.map { one throws(AegisError) in try CaseResult(of: one, by: probe) }
    let report = TestReport(results)
    if !quiet { try StandardOutput.write(report.text(as: output)) }
    if results.contains(where: { !$0.holds }) { throw ExitCode(1) }
  }
}
