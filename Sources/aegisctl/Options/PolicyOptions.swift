import Aegis
import ArgumentParser

/// A policy to answer by, in place of the one that is loaded.
struct PolicyFileOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      Judge by this policy and not by what is loaded: a file, a directory of .yaml, .yml and .json files, or \
      - for standard input; more than one are read as one.
      """, valueName: "file"),
    completion: .file())
  var file: [String] = []
}

/// Which policy a command is about, and how much of it.
struct PolicyOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      The policy: a file, a directory of .yaml, .yml and .json files, or - for standard input; more than \
      one are read as one.
      """, valueName: "file"),
    completion: .file())
  var file: [String] = []

  @Flag(name: .long, help: "Remove what a list that is declared does not have.")
  var prune = false

  func plan(_ wanted: Policy, at datapath: Datapath) throws -> Plan {
    Plan(from: try Policy(of: datapath), to: wanted, pruning: prune)
  }
}
