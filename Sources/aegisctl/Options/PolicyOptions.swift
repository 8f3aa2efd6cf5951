import Aegis
import ArgumentParser

/// A policy to use in place of the loaded one.
struct PolicyFileOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      Use this policy instead of the loaded one: a file, a directory of .yaml, .yml and .json files, or - for \
      standard input. May be repeated; the files are combined.
      """, valueName: "file"),
    completion: .file())
  var file: [String] = []
}

/// The policy that a command works on, and the parts of it.
struct PolicyOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      The policy: a file, a directory of .yaml, .yml and .json files, or - for standard input. May be \
      repeated; the files are combined.
      """, valueName: "file"),
    completion: .file())
  var file: [String] = []

  @Flag(name: .long, help: "Remove entries that are missing from the lists in the file.")
  var prune = false

  @OptionGroup var profile: ProfileOptions

  /// What the files declare, for the profile that is given or those that they say.
  func check(_ wanted: Declaration) throws {
    guard let name = try profile.name(), wanted.host != nil else { return }
    throw AegisError(
      .badInput, "a Host document cannot be applied with --as \(name)",
      hint: "interfaces and capacities are not of a profile: apply them by themselves")
  }

  /// - Parameter datapath: nil if nothing is loaded.
  func plan(_ wanted: Policy, at datapath: Datapath?) throws -> Plan {
    guard let datapath else { return try Plan(from: .initial, to: wanted, pruning: prune) }
    return try Plan(from: Policy(of: datapath), to: wanted, pruning: prune)
      .refreshingPorts(ifPassing: wanted.replies, of: datapath)
  }

  /// - Parameter datapath: nil if nothing is loaded.
  func plans(_ wanted: Declaration, at datapath: Datapath?) throws -> [ProfilePlan] {
    try ProfilePlan.plans(
      for: wanted.profiles, after: wanted.policy, of: datapath, pruning: prune)
  }

  /// nil if no host is declared.
  func plan(_ wanted: HostDeclaration?, at datapath: Datapath?) throws -> HostPlan? {
    try wanted.map { try HostPlan($0, of: datapath, pruning: prune) }
  }
}
