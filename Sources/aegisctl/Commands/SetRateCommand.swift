import Aegis
public import ArgumentParser

struct SetRateCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-rate", usage: "[options] <rate>|off",
    abstract: "Limit how much each source may send.",
    discussion: """
      RATE is packets, bits or bytes a second, minute or hour: 1000/s, 50k/s, 600/m, 10Mbit/s, 2MB/s; 'off' \
      removes the limits set with the same options, and says which others remain. A rate takes effect with the \
      next packet, and applies to each IPv4 address and each IPv6 /64 separately. You can set one rate in \
      packets and one in bits or bytes; a packet must then conform to both. ARP, IPv6 neighbour discovery and \
      protected keys are never limited.

      A source that was silent may send a burst at once, and continue at the rate. The default burst is 100 ms \
      at the rate, and at least 10 packets or 65536 bytes. A burst in bytes must hold at least one full \
      Ethernet frame, 1514 bytes.

      --port and --from make a rule for packets to a port, from a prefix, or both. The most specific matching \
      rule applies: port and prefix, port, prefix, class, default. --port may name \
      several ports, which then share one rate; a rule for fewer ports is more specific, and a port can be in two \
      such rules. --class makes a rule for the sources of a class, see set-class; foreign is the class of all \
      addresses that no class contains. It cannot be combined with --port or --from. With --total the rate applies to all packets that the rule matches together, in \
      addition to the rate of each source.

      Algorithms: token-bucket allows the burst and then the rate. fixed-window allows the amount in each \
      period, aligned to the clock, and so up to twice that around a boundary. per-cpu gives each CPU an equal \
      share, and is exact only if traffic is spread evenly over the CPUs.

      With --monitor packets over the rate pass and are counted: use it to try out a rate.

      Refuses a rate that is too low for an SSH session of this host, unless a protected key allows the \
      session. Also refuses a rate below 100000/s or 1Gbit/s for the peer of a tunnel, such as VXLAN, Geneve, \
      IPIP, GRE or WireGuard, because everything in the tunnel counts as sent by that peer.

      With --out the rate is for packets that leave this host, and applies to each destination separately. A buffer that is cut into packets later (TSO, GSO, BIG TCP) costs all its packets or their \
      bytes. It leaves once its destination owes nothing, even if it costs more than the burst.

      EXAMPLES
          # for each source: 1000 packets a second, bursts of 200, and 10 Mbit/s
          aegisctl set-rate 1000/s --burst 200
          aegisctl set-rate 10Mbit/s
          # DNS: 50 packets a second from each source, 20000 in total
          aegisctl set-rate 50/s --port 53/udp
          aegisctl set-rate 20k/s --port 53/udp --total
          # a range of ports together
          aegisctl set-rate 500/s --port 27000-27099/udp
          # a higher rate for one network
          aegisctl set-rate 10k/s --from 192.0.2.0/24
          # a lower rate for sources that no class contains
          aegisctl set-rate 200/s --class foreign
          # what this host sends: to each destination, and in total
          aegisctl set-rate 2000/s --out
          aegisctl set-rate 500Mbit/s --total --out
          # see who exceeds a rate
          aegisctl dump offenders
          # remove the default rate, or all rates
          aegisctl set-rate off
          aegisctl set-rate off --all
      """)

  @Argument(help: ArgumentHelp("The rate, or 'off'.", valueName: "rate"))
  var rate: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Packets or bytes that may arrive at once: 200, 10k, 1MB.", valueName: "n"))
  var burst: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only packets to these ports: 53/udp, 80,443/tcp or 8000-8099/tcp.",
      valueName: "ports/proto"))
  var port: String?

  @Option(
    name: .long, help: ArgumentHelp("Only sources in this prefix.", valueName: "prefix"))
  var from: String?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Only sources of this class.", valueName: "name"),
    completion: .custom { words, _, _ in Completions.classes(words) + ["foreign"] })
  var className: String?

  @Flag(name: .long, help: "Limit all sources together instead of each one.")
  var total = false

  @Option(name: .long, help: "The algorithm that enforces the rate.")
  var algorithm = Rate.Algorithm.tokenBucket

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Prefix lengths that identify a source, IPv4 and IPv6 (default: 32,64).",
      valueName: "v4,v6"))
  var sourcePrefix: String?

  @Flag(
    name: .long,
    help: "With 'off': remove all rates, including those with --port, --from, --class or --total.")
  var all = false

  @Flag(name: .long, help: "Only count the packets over the rate, do not drop them.")
  var monitor = false

  @Flag(name: .long, help: "Reset what sources have used of their rates.")
  var reset = false

  @OptionGroup var side: DirectionOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if rate == nil, sourcePrefix == nil, !reset {
      throw ValidationError("give a rate, 'off', --source-prefix or --reset")
    }
    if profile.profile != nil, sourcePrefix != nil || reset {
      throw ValidationError("--source-prefix and --reset hold for all profiles: leave out --as")
    }
    let isSelective = port != nil || from != nil || className != nil || total
    if rate == nil, burst != nil || isSelective || monitor {
      throw ValidationError(
        "--burst, --port, --from, --class, --total and --monitor require a rate or 'off'")
    }
    if className != nil, port != nil || from != nil {
      throw ValidationError("--class cannot be used with --port or --from")
    }
    if rate == "off", burst != nil { throw ValidationError("--burst cannot be used with 'off'") }
    if all, rate != "off" { throw ValidationError("--all requires 'off'") }
    if all, isSelective {
      throw ValidationError("--all cannot be used with --port, --from, --class or --total")
    }
    if burst != nil, algorithm == .fixedWindow {
      throw ValidationError(
        "--burst cannot be used with fixed-window: the rate itself is the burst")
    }
  }

  func run() throws {
    let wanted = try parsedRate()
    let selector = try parsedSelector()
    let lengths = try parsedLengths()
    let session = try change.session(at: instance.root)
    let datapath = try profile.view(of: session.datapath(side.direction))
    let rules = try RateTable(datapath).rules()
    let plan = try Plan(rates: edit(wanted, selector), sourcePrefix: lengths, of: datapath)
    try lockOut.request.run(plan, on: datapath, in: session)
    var changes: [(name: String, action: String)] = []
    if let lengths { changes.append(("source-prefix \(lengths)", action(plan, on: .sourcePrefix))) }
    if all {
      changes += rules.map { (RateText.off($0), "changed") }
      if rules.isEmpty { changes.append((RateText.off(selector, isTotal: false), "unchanged")) }
    } else if rate != nil {
      let name = wanted.map { RateText.rule(rule($0, selector)) }
      changes.append(
        (name ?? RateText.off(selector, isTotal: total), action(plan, on: .rate)))
    }
    let remaining = rate == "off" && !all ? remaining(of: rules, selector) : []
    if reset {
      try RateTable(datapath).reset(in: session)
      changes.append(("debts", "reset"))
    }
    try change.print(
      ChangeReport(changes, remaining: remaining.map(RateText.rule), dryRun: change.dryRun),
      at: instance.root)
    if !remaining.isEmpty { Notice.give("to remove all rates: aegisctl set-rate off --all") }
  }

  private func edit(_ wanted: Rate?, _ selector: RateSelector) -> Plan.RatesEdit {
    if let wanted { return .set([rule(wanted, selector)]) }
    if all { return .removeAll }
    return rate == nil ? .set([]) : .remove(selector, isTotal: total)
  }

  private func rule(_ wanted: Rate, _ selector: RateSelector) -> RateRule {
    RateRule(wanted, for: selector, isTotal: total)
  }

  /// The rates that remain after 'off', though a user may expect otherwise: all others, or those for the same
  /// packets.
  private func remaining(of rules: [RateRule], _ selector: RateSelector) -> [RateRule] {
    rules.filter {
      (selector == .rest || $0.selector == selector)
        && ($0.selector, $0.isTotal) != (selector, total)
    }
  }

  private func action(_ plan: Plan, on part: Plan.Item.Part) -> String {
    plan.counts(of: part).isEmpty ? "unchanged" : "changed"
  }

  private func parsedRate() throws -> Rate? {
    guard let rate, rate != "off" else { return nil }
    var wanted = try RateArgument.parse(rate, burst: burst)
    do {
      wanted.algorithm = algorithm
      wanted.isMonitored = monitor
      try wanted.validate()
      return wanted
    } catch {
      throw AegisError(error)
    }
  }

  private func parsedSelector() throws -> RateSelector {
    if let name = try ClassArgument.read(className) { return RateSelector(className: name) }
    return RateSelector(
      port: try port.map { text in
        try InputArgument.read(of: "--port") { _ throws(InputError) in
          try RateSelector.Port(text)
        }
      },
      prefix: try from.map { text in
        try InputArgument.read(of: "--from") { notes throws(InputError) in
          try Prefix(text, noting: &notes)
        }
      })
  }

  private func parsedLengths() throws -> Policy.SourcePrefix? {
    guard let sourcePrefix else { return nil }
    let numbers = sourcePrefix.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0)
    }
    guard numbers.count == 2, let v4 = numbers[0], let v6 = numbers[1], 1...32 ~= v4, 1...128 ~= v6
    else {
      throw AegisError(
        .badInput, "--source-prefix takes two lengths, not \"\(sourcePrefix)\"",
        hint: "for example 24,56")
    }
    return Policy.SourcePrefix(v4: v4, v6: v6)
  }
}

extension Rate.Algorithm: ExpressibleByArgument {}
