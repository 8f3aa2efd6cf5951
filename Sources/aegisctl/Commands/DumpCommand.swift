import Aegis
import ArgumentParser

struct DumpCommand: ParsableCommand {
  /// The parts that can be dumped.
  enum Part: String, CaseIterable, ExpressibleByArgument {
    case drops, keys, rates, rules, classes, lists, offenders, links, users, profiles, all, host,
      log

    /// Whether it is the same for both directions.
    var isShared: Bool {
      [.classes, .lists, .links, .users, .profiles, .host, .log].contains(self)
    }

    /// Whether each profile has its own.
    var isOwn: Bool { [.keys, .rates, .rules, .all].contains(self) }
  }

  static let configuration = CommandConfiguration.verb(
    "dump", usage: "[options] [<part> [<user|addr>]]",
    abstract: "Show the entries that are loaded now.",
    discussion: """
      Shows drop entries and keys with their remaining time, the packets they decided and their notes. Expired \
      entries have no effect and are not shown.

      Drop entries are those of the list manual, or with --list those of another one. lists shows the other \
      lists: what their entries do, how many there are, and how long they last. With -o yaml it has all their \
      entries.

      rules shows the rules in their order, with the packets that each one matched.

      -o json prints input for drop-ip -f and allow-key -f, with every property of the entries: note, expiry, \
      rate, protection and monitor mode. -o yaml prints input for apply: the whole policy, or only the given \
      part. It has the users of the relay, without secrets, if the relay is on or has any. -o name prints only \
      names.

      Offenders are the sources that exceeded their rate most recently, the worst first. Only one in 64 \
      dropped packets is sampled, so counts are estimates and small offenders may be missing.

      users, which are not part of all, shows the users of the relay: where their packets go to, where their client \
      is, and how many packets were forwarded to their destination and back. With a name it shows one user, and \
      with an address those whose destination or client has it.

      host, with -o yaml only, prints two documents for apply: the policy, and the capacities, interfaces and relay. \
      The key file of the relay is not known: add keyFile where the relay is not on yet.

      log shows the last 128 changes: when, by whom, from which SSH client, the command and its --message. It \
      starts anew when the datapath is loaded, for example at boot. The system log has all changes, older ones \
      too. Changes by drop-ip without --message are only there: journalctl -t aegisctl.

      --out shows the entries, rates, rules and offenders of packets that leave; for offenders these are destinations. \
      -o yaml has both directions, or with --out only that one.

      profiles shows the profiles, which one is in force and for how long, and what each has. --as shows the keys, \
      rates and rules of another profile than main. -o yaml writes a document for each profile.

      --expiring shows only drop entries and keys, or lists or rules, that expire within that time.

      EXAMPLES
          # the whole policy, as apply reads it
          aegisctl dump -o yaml
          # all entries, for programs
          aegisctl dump -o json
          # a backup of everything, replaced at once
          aegisctl dump host -o yaml --file state.yaml
          # ban the ten worst for an hour
          aegisctl dump offenders --top 10 -o name | aegisctl drop-ip --ttl 1h -f -
          # what a list of another owner has
          aegisctl dump lists
          aegisctl dump drops --list fail2ban-sshd
          # which rules match
          aegisctl dump rules
          # bans that expire within the hour
          aegisctl dump drops --expiring 1h
          # who changed what, and who banned what
          aegisctl dump log
          journalctl -t aegisctl --grep drop-ip
          # who uses the relay from an address
          aegisctl dump users 203.0.113.7
          # lift all bans
          aegisctl dump drops -o name | aegisctl drop-ip --remove -f -
      """)

  @Argument(
    help:
      "drops, keys, rates, rules, classes, lists, offenders, links, users, profiles, all, host or log."
  )
  var part = Part.all

  @Argument(
    help: ArgumentHelp(
      "Only this user of the relay, or those with this address.", valueName: "user|addr"))
  var user: String?

  @Option(
    name: .long, help: ArgumentHelp("Only the n worst offenders.", valueName: "n"))
  var top: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("The drop entries of this list (default: manual).", valueName: "name"),
    completion: .custom { words, _, _ in Completions.lists(words) })
  var list: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Only entries that expire within this time.", valueName: "duration"),
    transform: DurationArgument.parse)
  var expiring: Duration?

  @Option(
    name: .long,
    help: ArgumentHelp("Write to this file, which is replaced at once.", valueName: "file"),
    completion: .file())
  var file: String?

  @OptionGroup var side: DirectionOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    try Bounds.check("--top", top, 1...)
    if expiring != nil, ![.drops, .keys, .lists, .rules, .all].contains(part) {
      throw ValidationError("\(part) do not expire")
    }
    if part == .host, output.output != .yaml {
      throw ValidationError("host requires -o yaml")
    }
    if profile.profile != nil, !part.isOwn {
      throw ValidationError("\(part) are the same for all profiles: leave out --as")
    }
    if list != nil, part != .drops { throw ValidationError("--list requires drops") }
    if user != nil, part != .users { throw ValidationError("only users can be chosen by name") }
    if side.out, part.isShared {
      throw ValidationError("\(part) are the same for both directions: leave out --out")
    }
  }

  func run() throws {
    let datapath = try profile.view(of: instance.look()[side.direction])
    let list = try list.map { text in
      try InputArgument.read(of: "--list") { _ throws(InputError) in try ListName(text) }
    }
    if part == .host {
      let documents =
        try policies(of: datapath)
        + [YAMLText.text(ofJSON: JSONText.compact(HostObject(datapath)))]
      return try write(documents.joined(separator: "---\n"))
    }
    if output.output == .yaml, part == .all, expiring == nil, !side.out, profile.profile == nil {
      return try write(policies(of: datapath).joined(separator: "---\n"))
    }
    if output.output == .yaml, let policy = try document(of: datapath, list) {
      return try write(YAMLText.text(ofJSON: JSONText.compact(policy)))
    }
    var report = DumpReport(part: part, direction: side.direction)
    report.isOfProfile = !datapath.profile.isMain
    if part == .profiles { report.profiles = try ProfileObject.all(datapath) }
    if part == .drops || part == .all {
      report.drops = try drops(of: datapath, list).entries().filter(isShown)
    }
    if part == .lists || part == .all && expiring == nil {
      report.lists = try lists(of: datapath)
    }
    if part == .keys || part == .all {
      report.keys = try KeyList(datapath).entries().filter(isShown)
    }
    if part == .rules || part == .all && expiring == nil {
      report.rules = try rules(of: datapath)
    }
    if expiring != nil, part != .lists, part != .rules {
      report.showsEntriesOnly = true
      return try write(report.text(as: output.output))
    }
    if part == .rates || part == .all { report.rates = try RateTable(datapath).rules() }
    if part == .classes || part == .all {
      report.classes = try ClassTable(datapath).definitions().sorted { $0.key < $1.key }
        .map(ClassObject.init)
    }
    if part == .offenders || part == .all {
      report.offenders = Array(try Offenders(datapath).all().prefix(top ?? .max))
    }
    if part == .log { report.log = try ChangeLog(datapath).all() }
    if part == .users { report.users = try users(of: datapath) }
    if part == .links || part == .all {
      report.links = try Interfaces(datapath).attachments().filter(\.isAttached)
    }
    try write(report.text(as: output.output))
  }

  private func users(of datapath: Datapath) throws -> [RelayUser] {
    let users = RelayUsers(datapath)
    guard let user else { return try users.all() }
    if let name = try? RelayName(user), let found = try users.user(name) { return [found] }
    if let address = try? IPAddress(user) {
      return try users.all().filter {
        $0.destination.address == address || $0.client?.address == address
      }
    }
    let name = try InputArgument.read { _ throws(InputError) in try RelayName(user) }
    throw AegisError(.badInput, "the relay has no user \(name)", hint: "aegisctl dump users")
  }

  private func write(_ text: String) throws {
    // Entries and notes are private.
    if let file { return try TextFile.replace(file, with: text, mode: 0o600) }
    try output.write(text)
  }

  /// The documents of all profiles.
  private func policies(of datapath: Datapath) throws -> [String] {
    let others = try ProfileTable(datapath).all().dropFirst().map {
      PolicyObject(try Policy(of: datapath[profile: $0]).ownPart, profile: $0.name)
    }
    return try ([whole(of: datapath)] + others).map {
      try YAMLText.text(ofJSON: JSONText.compact($0))
    }
  }

  /// The policy with the users of the relay, if it is on or has some.
  private func whole(of datapath: Datapath) throws -> PolicyObject {
    let users = try RelayUsers(datapath).all()
    let isOn = try RelayStore(datapath).settings() != nil
    return PolicyObject(try Policy(of: datapath), users: isOn || !users.isEmpty ? users : nil)
  }

  /// A policy in the format of `apply`; nil for a part that cannot be declared.
  private func document(of datapath: Datapath, _ list: ListName?) throws -> PolicyObject? {
    switch part {
    case .all where expiring == nil && !side.out && datapath.profile.isMain:
      try whole(of: datapath)
    case .users: PolicyObject(Policy(), users: try users(of: datapath))
    case .lists: PolicyObject(try Policy(listsOf: datapath) { _, list in isShown(list) })
    case .drops where list != nil && list != .manual:
      PolicyObject(try entries(of: datapath, list))
    default: try policy(of: datapath).map { try PolicyObject($0, profile: profile.name()) }
    }
  }

  private func policy(of datapath: Datapath) throws -> Policy? {
    var policy = Policy()
    switch part {
    case .all where expiring != nil:
      policy.drops = try Policy.drops(of: datapath)
      policy.keys = try Policy.keys(of: datapath)
    case .all where side.out: policy = try Policy(ofDirectionOf: datapath)
    case .all: policy = try Policy(of: datapath)
    case .drops: policy.drops = try Policy.drops(of: datapath)
    case .keys: policy.keys = try Policy.keys(of: datapath)
    case .rates: policy.rates = try RateTable(datapath).rules()
    case .classes: policy.classes = try ClassTable(datapath).definitions()
    case .lists, .rules, .offenders, .links, .users, .profiles, .host, .log: return nil
    }
    if !datapath.profile.isMain { policy = policy.ownPart }
    if let expiring { policy.keepOnly(expiringWithin: expiring) }
    if side.direction == .in { return policy }
    var whole = Policy()
    whole.out = policy
    return whole
  }

  /// The entries of a list, in the direction that it has.
  private func drops(of datapath: Datapath, _ name: ListName?) throws -> DropList {
    guard let name, name != .manual else { return DropList(datapath) }
    let list = try DropList(datapath, name)
    let isLeaving = try ListTable(datapath).definitions()[name]?.directions == .out
    return isLeaving ? try DropList(datapath[.out], name) : list
  }

  /// A policy of one list.
  private func entries(of datapath: Datapath, _ name: ListName?) throws -> Policy {
    _ = try drops(of: datapath, name)
    var policy = try Policy(listsOf: datapath) { one, _ in one == name }
    if let expiring { policy.keepOnly(expiringWithin: expiring) }
    return policy
  }

  private func lists(of datapath: Datapath) throws -> [ListObject] {
    let lists = try ListTable(datapath).definitions().filter { isShown($0.value) }
    if lists.isEmpty { return [] }
    let clock = ClockReading.now()
    let coming = try DropList(datapath[.in]).countsByList()
    let leaving = try DropList(datapath[.out]).countsByList()
    return lists.sorted { $0.key < $1.key }.map { name, list in
      let counts = list.directions == .out ? leaving : coming
      return ListObject(name, list, entries: counts[name] ?? 0, clock)
    }
  }

  private func rules(of datapath: Datapath) throws -> [RuleObject] {
    let clock = ClockReading.now()
    return try RuleTable(datapath).counted().filter { isShown($0.rule.expires) }.map {
      RuleObject($0, clock)
    }
  }

  private func isShown(_ list: NamedList) -> Bool { isShown(list.expires) }

  /// - Parameter expires: ns of CLOCK_BOOTTIME; nil means never.
  private func isShown(_ expires: UInt64?) -> Bool {
    guard let expiring else { return true }
    let now = ClockReading.now().boottime
    return expires.map { .nanoseconds($0 - min($0, now)) <= expiring } ?? false
  }

  private func isShown<Element>(_ entry: Entry<Element>) -> Bool {
    guard let expiring else { return true }
    return entry.remaining.map { $0 <= expiring } ?? false
  }
}
