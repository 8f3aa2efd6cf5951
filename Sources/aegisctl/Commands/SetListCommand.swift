public import Aegis
public import ArgumentParser

extension NamedList.Action: ExpressibleByArgument {}

struct SetListCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-list", usage: "[options] <name>",
    abstract: "Define a list of drop entries, so that each owner has its own.",
    discussion: """
      Makes the list if there is none, and changes only what is given. Every drop entry belongs to a list; an \
      address is dropped until the last list lets it go. drop-ip without --list changes the list manual, which \
      always exists and has no properties. drop-ip --list and feed fill the others.

      With --action none the entries do nothing by themselves: the list is a set. With --monitor its entries \
      only count what they would drop. With --direction out or both they hold for what this host sends to \
      them. With --ttl or --until all entries expire together. A change takes effect with the next packet, \
      however long the list is; only a change of the direction takes as long as adding the entries.

      --remove removes the list with all its entries. There can be 255 lists, and an address can be in 16.

      EXAMPLES
          # a list for each owner
          aegisctl set-list fail2ban-sshd --note 'bans of the jail sshd'
          aegisctl drop-ip --list fail2ban-sshd 203.0.113.7 --ttl 1h
          # lifts that ban, and no other one
          aegisctl drop-ip --list fail2ban-sshd --remove 203.0.113.7
          # first look at what a list would drop
          aegisctl set-list blocklist --monitor
          aegisctl stats --by list
          aegisctl set-list blocklist --enforce
          # all lists
          aegisctl dump lists
          # the list and its entries
          aegisctl set-list blocklist --remove
      """)

  @Argument(
    help: ArgumentHelp("The name of the list.", valueName: "name"),
    completion: .custom { words, _, _ in Completions.lists(words) })
  var name: String

  @Option(name: .long, help: "What entries do: drop or none (default: drop).")
  var action: NamedList.Action?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Which packets entries hold for: in, out or both (default: in).", valueName: "direction"))
  var direction: Directions?

  @Flag(name: .long, help: "Only count what entries would drop.")
  var monitor = false

  @Flag(name: .long, help: "Drop again what a monitored list only counted.")
  var enforce = false

  @Option(
    name: .long,
    help: ArgumentHelp("Add this address or prefix; may be repeated.", valueName: "addr|prefix"))
  var add: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Remove this address or prefix; may be repeated.", valueName: "addr|prefix"))
  var del: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long all entries last, such as 90s, 10m, 1h30m or 7d; never, 0 and -1 mean forever.",
      valueName: "duration"),
    transform: LifetimeArgument.parse)
  var ttl: Lifetime?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "When all entries expire, such as 2026-12-01T08:00:00Z.", valueName: "time"))
  var until: String?

  @Option(
    name: .long,
    help: ArgumentHelp("A comment stored with the list (at most 63 bytes).", valueName: "text"))
  var note: String?

  @Flag(name: .long, help: "Remove the list and its entries.")
  var remove = false

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    let isGiven =
      action != nil || direction != nil || monitor || enforce || !add.isEmpty || !del.isEmpty
      || ttl != nil || until != nil || note != nil
    if remove, isGiven { throw ValidationError("--remove cannot be used with other settings") }
    if monitor, enforce { throw ValidationError("give either --monitor or --enforce") }
    if ttl != nil, until != nil { throw ValidationError("give either --ttl or --until") }
  }

  func run() throws {
    let name = try InputArgument.read { _ throws(InputError) in
      try ListName(definedAs: self.name)
    }
    let (added, removed) = (try prefixes(add, "--add"), try prefixes(del, "--del"))
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let plan: Plan
    var made = try ListChange(of: name, in: datapath)
    if remove {
      plan = try made.removal()
    } else {
      try edit(&made.after)
      plan = try made.plan(adding: added, removing: removed)
    }
    try lockOut.request.run(plan, on: datapath, in: session)
    let words = remove ? [] : made.after.words
    if remove, made.before == nil, !change.output.quiet {
      Notice.give("there is no list \(name)")
    }
    let text = (["list \(name)"] + words).joined(separator: ", ")
    try change.print(
      ChangeReport([(text, outcome(plan))], dryRun: change.dryRun), at: instance.root)
  }

  private func outcome(_ plan: Plan) -> String {
    let own = plan.items.first { $0.part == .list }
    return own?.action.rawValue ?? (plan.isEmpty ? "unchanged" : "changed")
  }

  private func edit(_ list: inout NamedList) throws {
    list.action = action ?? list.action
    list.directions = direction ?? list.directions
    if monitor || enforce { list.isMonitored = monitor }
    if let note {
      list.note = try InputArgument.read(of: "--note") { _ throws(InputError) in try Note(note) }
    }
    if let ttl { list.expire(at: EntryEdit.End(ttl)) }
    if let until { list.expire(at: .at(try UntilArgument.parse(until))) }
  }

  private func prefixes(_ words: [String], _ option: String) throws -> [Prefix] {
    try words.map { text in
      try InputArgument.read(of: option) { notes throws(InputError) in
        try Prefix(text, noting: &notes)
      }
    }
  }
}
