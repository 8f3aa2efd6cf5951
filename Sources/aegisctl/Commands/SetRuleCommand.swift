import Aegis
import ArgumentParser

struct SetRuleCommand: ParsableCommand {
  /// What becomes of packets that match.
  enum Action: String, CaseIterable, ExpressibleByArgument {
    case drop, allow, limit, hook
  }

  static let configuration = CommandConfiguration.verb(
    "set-rule", usage: "[options] <name>",
    abstract: "Drop, allow or limit packets by what is in their headers.",
    discussion: """
      A rule has a name, selectors, and an action for packets that match all selectors. Rules have an order, and \
      the first one that matches decides. The call states the whole rule: a rule of that name is replaced and keeps \
      its place, and a new one goes to the end. --before and --after place or move it. Without selectors a rule \
      matches every packet. A change takes effect with the next packet.

      'drop' drops the packet. 'allow' lets it in, like an allow key. With 'limit', keys and the default still \
      decide whether the packet is let in, but the rate of the rule replaces all other rates: for each source \
      separately, or with --total for all packets of the rule together. '--rate off' exempts the packets from \
      all rates. With 'hook' the packet goes on to keys, the default and the rates as any other packet, and if it \
      passes, it is given to the program of set-hook. Once a rule has 'hook', that program gets only packets that such \
      rules choose; without one it gets all that pass. Only packets that come in are given to it. Rules come after \
      protected keys, drop entries and IPv6 neighbour discovery, and before keys.

      A selector with --not matches packets that have the field with another value: --not-port 80 matches \
      packets to any other port. Only TCP, UDP and SCTP have ports, and fragments after the first one have \
      neither ports nor TCP flags nor an ICMP type. --from and --to take addresses, prefixes and list:NAME, a \
      list that was made with 'set-list --action none'. --socket asks what a TCP or UDP packet has to do with the \
      sockets of this host: established is a connection or a connected UDP socket, listen a request or a socket \
      that takes what anybody sends. Neither --socket nor --not-socket matches fragments and other \
      protocols. The look-up costs some 100 ns, so name ports too where you can. TCP flags are written as in nft: those that must be set, a /, \
      and those that are looked at.

      With --monitor the rule only counts, and the packet goes on to the next rule. Without --ttl or --until a \
      rule stays until it is removed. With --out it is for packets that leave this host.

      --remove removes one or more rules.

      EXAMPLES
          # large answers of DNS and NTP that nobody asked for
          aegisctl set-rule dns --source-port 53/udp --length 1000- --then drop
          aegisctl set-rule ntp --source-port 123/udp --length 200- --then drop
          # answers that no socket of this host waits for
          aegisctl set-rule stray --source-port 53,123/udp --socket none --then drop
          # TCP packets with flags that no connection has
          aegisctl set-rule xmas --tcp-flags fin,psh,urg --then drop
          # SSH from the partners only, who are in a list
          aegisctl set-list partners --action none --add 192.0.2.0/24
          aegisctl set-rule ssh --port 22/tcp --not-from list:partners --then drop
          # ten echo requests a second in total
          aegisctl set-rule ping --icmp echo-request --then limit --rate 10/s --total
          # 50 new connections a second from each source
          aegisctl set-rule syn --syn --port 80,443 --then limit --rate 50/s
          # no rate for one network
          aegisctl set-rule own --from 192.0.2.0/24 --then limit --rate off
          # give only DNS to your own program, see set-hook
          aegisctl set-rule inspect --port 53/udp --then hook
          # first look at what a rule would drop
          aegisctl set-rule far --hop-limit 1-5 --then drop --monitor
          aegisctl dump rules
          # move it to the front
          aegisctl set-rule far --hop-limit 1-5 --then drop --before dns
          # what this host must not send
          aegisctl set-rule smtp --out --port 25/tcp --then drop
          aegisctl set-rule smtp --out --remove
      """)

  @Argument(
    help: ArgumentHelp("The name of the rule; with --remove one or more.", valueName: "name"),
    completion: .custom { words, _, _ in Completions.rules(words) })
  var names: [String] = []

  @Option(name: .long, help: "What to do with packets that match: drop, allow, limit or hook.")
  var then: Action?

  @OptionGroup var match: RuleMatchOptions
  @OptionGroup var exceptions: RuleExceptionOptions

  @Option(
    name: .long,
    help: ArgumentHelp("The rate of limit, or 'off'; see set-rate.", valueName: "rate"))
  var rate: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Packets or bytes that may arrive at once: 200, 10k, 1MB.", valueName: "n"))
  var burst: String?

  @Option(name: .long, help: "The algorithm that enforces the rate.")
  var algorithm: Rate.Algorithm?

  @Flag(name: .long, help: "Limit all packets of the rule together instead of each source.")
  var total = false

  @Option(
    name: .long,
    help: ArgumentHelp("Place or move the rule before this one.", valueName: "name"),
    completion: .custom { words, _, _ in Completions.rules(words) })
  var before: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Place or move the rule after this one.", valueName: "name"),
    completion: .custom { words, _, _ in Completions.rules(words) })
  var after: String?

  @Flag(name: .long, help: "Only count packets that match; they go on to the next rule.")
  var monitor = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long the rule lasts, such as 90s, 10m, 1h30m or 7d; never, 0 and -1 mean forever (default: never).",
      valueName: "duration"),
    transform: LifetimeArgument.parse)
  var ttl: Lifetime?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "When the rule expires, such as 2026-12-01T08:00:00Z.", valueName: "time"))
  var until: String?

  @Option(
    name: .long,
    help: ArgumentHelp("A comment stored with the rule (at most 63 bytes).", valueName: "text"))
  var note: String?

  @Flag(name: .long, help: "Remove the rules.")
  var remove = false

  @OptionGroup var side: DirectionOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    guard let name = names.first else { throw ValidationError("give the name of a rule") }
    if remove { return try validateRemoval() }
    if names.count > 1 { throw ValidationError("one rule at a time: only --remove takes several") }
    guard let then else {
      throw ValidationError("give --then drop, allow, limit or hook, or --remove")
    }
    if then == .limit, rate == nil {
      throw ValidationError("--then limit requires --rate, a rate or 'off'")
    }
    if then != .limit, rate != nil { throw ValidationError("--rate requires --then limit") }
    let isDetailed = burst != nil || total || algorithm != nil
    if isDetailed, rate == nil || rate == "off" {
      throw ValidationError("--burst, --algorithm and --total require --rate with a rate")
    }
    if burst != nil, algorithm == .fixedWindow {
      throw ValidationError(
        "--burst cannot be used with fixed-window: the rate itself is the burst")
    }
    if match.fragment, exceptions.notFragment {
      throw ValidationError("give either --fragment or --not-fragment")
    }
    if before != nil, after != nil { throw ValidationError("give either --before or --after") }
    if before == name || after == name {
      throw ValidationError("a rule is placed before or after another one")
    }
    if ttl != nil, until != nil { throw ValidationError("give either --ttl or --until") }
  }

  private func validateRemoval() throws {
    let isGiven =
      then != nil || rate != nil || burst != nil || algorithm != nil || total || before != nil
      || after != nil || monitor || ttl != nil || until != nil || note != nil
    if isGiven || match.isGiven || exceptions.isGiven {
      throw ValidationError("--remove cannot be used with other settings")
    }
  }

  func run() throws {
    let names = try self.names.map { try Self.name($0) }
    let rule = try remove ? nil : rule(names[0])
    let edit: Plan.RulesEdit = try rule.map { .put($0, try place()) } ?? .remove(names)
    let session = try change.session(at: instance.root)
    let datapath = try profile.view(of: session.datapath(side.direction))
    let present = try RuleTable(datapath).rules().map(\.name.text)
    let plan = try Plan(rules: edit, of: datapath)
    try lockOut.request.run(plan, on: datapath, in: session)
    if !change.output.quiet { tell(of: rule, names, present) }
    let items = plan.items
    let changes = names.map { name in
      let words = ["rule \(name)"] + (rule?.words ?? [])
      let own = items.first { $0.part == .rule && $0.name == name.text }
      return (words.joined(separator: ", "), own?.action.rawValue ?? "unchanged")
    }
    try change.print(ChangeReport(changes, dryRun: change.dryRun), at: instance.root)
  }

  /// What may not be as intended.
  private func tell(of rule: Rule?, _ names: [RuleName], _ present: [String]) {
    if let rule, let why = rule.contradiction {
      Notice.give("rule \(rule.name) matches nothing: \(why)")
    }
    if rule != nil { return }
    let others = present.filter { name in !names.contains { $0.text == name } }
    for name in names where !present.contains(name.text) {
      let question = Nearest.question(name.text, of: others).map { ": \($0)" }
      Notice.give("there is no rule \(name)" + (question ?? ""))
    }
  }

  private static func name(_ text: String, of option: String? = nil) throws -> RuleName {
    try InputArgument.read(of: option) { _ throws(InputError) in try RuleName(text) }
  }

  private func place() throws -> Plan.RulesEdit.Place? {
    if let before { return .before(try Self.name(before, of: "--before")) }
    return try after.map { .after(try Self.name($0, of: "--after")) }
  }

  private func rule(_ name: RuleName) throws -> Rule {
    var rule = Rule(name, try action())
    rule.match = try match.match()
    rule.exceptions = try exceptions.match()
    if exceptions.notFragment { rule.match.isFragment = false }
    rule.isMonitored = monitor
    rule.note = try note.map { note in
      try InputArgument.read(of: "--note") { _ throws(InputError) in try Note(note) }
    }
    if let ttl { rule.expire(at: EntryEdit.End(ttl)) }
    if let until { rule.expire(at: .at(try UntilArgument.parse(until))) }
    return rule
  }

  private func action() throws -> Rule.Action {
    switch then {
    case .drop?, nil: return .drop
    case .allow?: return .allow
    case .hook?: return .hook
    case .limit?:
      guard let rate, rate != "off" else { return .limit(nil, isTotal: false) }
      var wanted = try RateArgument.parse(rate, of: "--rate", burst: burst)
      if let algorithm { wanted.algorithm = algorithm }
      do {
        try wanted.validate()
      } catch {
        throw AegisError(error, of: "--rate")
      }
      return .limit(wanted, isTotal: total)
    }
  }
}
