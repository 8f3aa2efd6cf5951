import Aegis
public import ArgumentParser

struct SetRateCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-rate", usage: "[options] <rate>|off",
    abstract: "Limit how much each source may send.",
    discussion: """
      RATE is packets, bits or bytes a second, minute or hour: 1000/s, 50k/s, 600/m, 10Mbit/s, 2MB/s; 'off' \
      removes the limits that the same options set, and says which others stay. A rate holds from the next packet on, for each IPv4 address and each IPv6 /64 by \
      itself. One rate of packets and one of bits or bytes may stand side by side; a packet must then \
      conform to both. ARP, IPv6 neighbour discovery and protected keys are never limited.

      A source that was silent may send a burst at once; it then earns at the rate. Without --burst that is \
      what the rate gives in 100 ms, and at least 10 packets or 65536 bytes. A burst of bytes holds at least a \
      full Ethernet frame of 1514.

      --port and --from make a rule for packets to a port, from a prefix, or both. Of the rules that match, \
      the most specific decides: port and prefix, port, prefix, default. With --total the rate is for all \
      that the rule matches together, on top of what each source may send.

      Algorithms: token-bucket admits at most the burst and what the rate gives; fixed-window the amount in \
      each period, aligned to the clock, and so twice that around a boundary; per-cpu a share on each CPU, \
      exact only when all CPUs receive alike.

      With --monitor what is over the rate passes and is counted: the way to try a rate out.

      A rate too low for an SSH session of this host to be used is refused, unless a protected key lets the \
      session in. So is one below 100000/s or 1Gbit/s for the peer of a tunnel, such as VXLAN, Geneve, IPIP, \
      GRE or WireGuard: all that it carries counts as sent by that peer.

      EXAMPLES
          # from each source 1000 packets a second, 200 at once, and 10 Mbit/s
          aegisctl set-rate 1000/s --burst 200
          aegisctl set-rate 10Mbit/s
          # DNS: 50 a second from each source, 20000 a second in all
          aegisctl set-rate 50/s --port 53/udp
          aegisctl set-rate 20k/s --port 53/udp --total
          # more for a network
          aegisctl set-rate 10k/s --from 192.0.2.0/24
          # no limit for what no rule is for, or none at all
          aegisctl set-rate off
          aegisctl set-rate off --all
      """)

  @Argument(help: ArgumentHelp("The rate, or 'off'.", valueName: "rate"))
  var rate: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Packets, or bytes, that may come at once: 200, 10k, 1MB.", valueName: "n"))
  var burst: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Only for packets to a port: 53/udp.", valueName: "port/proto"))
  var port: String?

  @Option(
    name: .long, help: ArgumentHelp("Only for sources in a prefix.", valueName: "prefix"))
  var from: String?

  @Flag(name: .long, help: "For all that the rule matches together, not each source.")
  var total = false

  @Option(name: .long, help: "How the rate is kept.")
  var algorithm = Rate.Algorithm.tokenBucket

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How many leading bits of IPv4 and IPv6 addresses tell sources apart (default: 32,64).",
      valueName: "v4,v6"))
  var sourcePrefix: String?

  @Flag(name: .long, help: "With 'off': all rates, also those with --port, --from or --total.")
  var all = false

  @Flag(name: .long, help: "Only count what is over it as what would be dropped.")
  var monitor = false

  @Flag(name: .long, help: "Forget at once what sources have used up.")
  var reset = false

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if rate == nil, sourcePrefix == nil, !reset {
      throw ValidationError("give a rate, 'off', --source-prefix or --reset")
    }
    if rate == nil, burst != nil || port != nil || from != nil || total || monitor {
      throw ValidationError(
        "--burst, --port, --from, --total and --monitor go with a rate or 'off'")
    }
    if rate == "off", burst != nil { throw ValidationError("'off' takes no --burst") }
    if all, rate != "off" { throw ValidationError("--all goes with 'off'") }
    if all, port != nil || from != nil || total {
      throw ValidationError("--all takes no --port, --from or --total")
    }
    if burst != nil, algorithm == .fixedWindow {
      throw ValidationError("a fixed window has no burst but its amount")
    }
  }

  func run() throws {
    let wanted = try parsedRate()
    let selector = try parsedSelector()
    let lengths = try parsedLengths()
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
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
      ChangeReport(changes, remaining: remaining.map(RateText.rule), dryRun: change.dryRun))
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

  /// Which rates 'off' leaves, that somebody may think it removes: all others, or those of the same packets.
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
    RateSelector(
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
