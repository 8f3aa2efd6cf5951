import Aegis
import ArgumentParser

struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "load", usage: "[options]",
    abstract: "Load the datapath into the kernel and pin it.",
    discussion: """
      Loads the XDP program and its maps into the kernel and pins them. Nothing is filtered until an interface \
      is attached. If the datapath is already loaded, nothing changes.

      --replace installs this version of the program under the existing links, and no packet passes unfiltered \
      meanwhile. It also resizes the maps given with --max-…. Entries, rates, bucket levels and counters are \
      kept, even from an earlier layout. The previous program stays pinned: --rollback returns to it and keeps \
      the current policy.

      EXAMPLES
          # for a drop list of up to four million entries of each family
          aegisctl load --max-drops 4000000
          # after an upgrade of aegisctl
          aegisctl load --replace
      """)

  @Flag(name: .long, help: "Replace the loaded program, keeping its policy and counters.")
  var replace = false

  @Flag(name: .long, help: "Return to the program before the last replacement.")
  var rollback = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      The most drop entries of each family (default: 1000000). Memory is taken only for those that there are.
      """,
      valueName: "n"))
  var maxDrops: UInt32?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Capacity for allow keys, and for protected keys (default: 4096).", valueName: "n"))
  var maxKeys: UInt32?

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Number of sources that the default rate tracks, rounded up; all other rates share the same number again \
      (default: 49152).
      """, valueName: "n"))
  var maxSources: UInt32?

  @Option(
    name: .long,
    help: ArgumentHelp("Capacity for users of the relay (default: 1024).", valueName: "n"))
  var maxUsers: UInt32?

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if rollback,
      replace || [maxDrops, maxKeys, maxSources, maxUsers].contains(where: { $0 != nil })
    {
      throw ValidationError("--rollback cannot be used with --replace or --max-…")
    }
    for (name, value) in [
      ("--max-drops", maxDrops), ("--max-keys", maxKeys), ("--max-sources", maxSources),
    ] {
      try Bounds.check(name, value, 1...Capacity.most)
    }
    try Bounds.check("--max-users", maxUsers, 1...Capacity.mostUsers)
  }

  func run() throws {
    let session = try Session.create(
      at: instance.root, timeout: change.timeout, dryRun: change.dryRun)
    let loader = Loader(instance.root)
    let outcome =
      try rollback
      ? loader.rollBack(in: session)
      : loader.load(
        .init(drops: maxDrops, keys: maxKeys, sources: maxSources, users: maxUsers),
        replace: replace, in: session)
    let rules = outcome.memory == nil ? [] : try RateTable(Datapath(at: instance.root)).rules()
    let rates = rules.filter { $0.selector == .rest && !$0.isTotal }.map(\.rate)
    try change.print(
      LoadReport(root: instance.root, outcome: outcome, rates: rates, isDryRun: change.dryRun),
      at: instance.root)
  }
}
