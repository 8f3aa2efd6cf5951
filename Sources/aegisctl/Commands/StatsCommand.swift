import Aegis
import ArgumentParser
import Glibc

struct StatsCommand: ParsableCommand {
  /// What the packets are counted by.
  enum Division: String, CaseIterable, ExpressibleByArgument {
    case interface
    case list
    case addressClass = "class"
    case rule
    case user
  }

  static let configuration = CommandConfiguration.verb(
    "stats", usage: "[options] [<iface> ...]",
    abstract: "Show how many packets passed and were dropped, and why.",
    discussion: """
      Shows packets and bytes (of whole frames) by reason, for each interface and in total, since it was \
      attached. Every packet has exactly one reason. SHARE is the share of the packets that the interface \
      received. --interval samples the counters twice and adds packets and bytes per second; --since-boot \
      shows averages since the host booted. -o wide shows all reasons, and a row for each CPU and interface. \
      --top adds the sources, rules and reasons with the most drops; sources and rules are estimates, as in \
      dump offenders.

      --by class shows the packets of each class, see set-class, on all interfaces since the class was defined; \
      (none) are packets that are not IP, or whose headers could not be read. Packets that leave have the class \
      of their destination, and lines of their own, with out after the name.

      --by list shows the packets that the entries of each list dropped, see set-list, or would have dropped, on all \
      interfaces since the list was defined. A packet is counted for the list that decided. They are counted only while \
      there is a list besides manual, and those that leave have lines of their own, with out after the name.

      --by rule shows the packets that each rule matched, see set-rule, on all interfaces since the rule was made. Rules of \
      packets that leave have lines of their own, with out after the name.

      --by user shows what the relay forwarded for each of its users, to their destination and back. With --top it \
      shows those with the most packets, in the last --interval if you give one.

      --watch continues until Ctrl-C. On a terminal it redraws the table, with a graph of the last minute on \
      each line. Elsewhere it prints a line of JSON per sample.

      --fail-if and --warn-if make it a monitoring plugin: it prints one line with performance data, and exits \
      0 OK, 1 WARNING, 2 CRITICAL or 3 UNKNOWN (the counters cannot be read). A condition is a reason, drop, \
      pass, drop.share, limiter.shared, limiter.contended or wire.lost, then >, >=, < or <=, then a number. A \
      plain number is packets since attached, a number with /s, /m or /h is a rate over --interval (1s by default), \
      and one with % is a share of the packets received in that time. The suffixes k, M and G are decimal. \
      Interfaces are added up.

      --suggest-rate measures for a while (--interval, 10s by default) how much each source sends, apart from \
      what entries drop. It suggests rates, and shows how many sources and packets each rate would have \
      limited.

      EXAMPLES
          # one interface, with current rates
          aegisctl stats eth0 --interval 1s
          # watch, with the ten busiest sources
          aegisctl stats --watch --top
          # what each class of sources sends now
          aegisctl stats --by class --interval 1s
          # which lists drop something now
          aegisctl stats --by list --interval 10s
          # which rules match something now
          aegisctl stats --by rule --interval 10s
          # the busiest users of the relay now
          aegisctl stats --by user --top 20 --interval 1s
          # every reason, for a program
          aegisctl stats -o json
          # for a monitoring system
          aegisctl stats --warn-if 'drop.share > 5%' --fail-if 'drop.rate > 10k/s'
          # for the textfile collector of node_exporter
          aegisctl stats -o prometheus --textfile /var/lib/node_exporter/aegis.prom
          # find a rate that leaves normal traffic alone
          aegisctl stats --suggest-rate --interval 60s
      """)

  @Argument(
    help: ArgumentHelp("Interfaces (default: all).", valueName: "iface"),
    completion: .custom { words, _, _ in Completions.attachedInterfaces(words) })
  var interfaces: [String] = []

  @Option(
    name: .long,
    help: "Count by interface, by list, by class of the source, by rule, or by user of the relay.")
  var by = Division.interface

  @OptionGroup var watch: WatchOptions

  @Flag(name: .long, help: "Show averages per second since this host booted.")
  var sinceBoot = false

  @Option(
    name: .long, defaultAsFlag: 10,
    help: ArgumentHelp("Show the top n sources, rules and reasons.", valueName: "n"))
  var top: Int?

  @OptionGroup var check: CheckOptions

  @Flag(name: .long, help: "Suggest rates based on what sources send now.")
  var suggestRate = false

  @OptionGroup var output: StatsOutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if suggestRate, !interfaces.isEmpty {
      throw ValidationError(
        "--suggest-rate always measures all interfaces and takes no interface names")
    }
    try Bounds.check("--top", top, 1...)
    if by != .interface { try checkDivision() }
    let ways = [watch.watch, sinceBoot, check.isGiven, suggestRate, output.output == .prometheus]
    guard ways.count(where: \.self) <= 1 else {
      throw ValidationError(
        "--watch, --since-boot, conditions, --suggest-rate and -o prometheus cannot be combined")
    }
    if top != nil, check.isGiven || suggestRate || output.output == .prometheus {
      throw ValidationError("--top cannot be used with conditions, --suggest-rate or -o prometheus")
    }
    if watch.watch, ![.table, .wide, .json].contains(output.output) {
      throw ValidationError("--watch supports only -o table, wide and json")
    }
    if watch.watch, output.quiet { throw ValidationError("--watch cannot be used with --quiet") }
    if watch.interval != nil, sinceBoot || output.output == .prometheus {
      throw ValidationError("--interval cannot be used with --since-boot or -o prometheus")
    }
    if output.output == .prometheus, !interfaces.isEmpty {
      throw ValidationError("-o prometheus always prints all interfaces: name none")
    }
    if check.isGiven, output.output != .table {
      throw ValidationError("--fail-if and --warn-if cannot be used with --output")
    }
  }

  private func checkDivision() throws {
    if !interfaces.isEmpty {
      throw ValidationError("--by \(by.rawValue) counts all interfaces together: name none")
    }
    if watch.watch || sinceBoot || check.isGiven || suggestRate || output.output == .prometheus
      || (top != nil && by != .user)
    {
      let others = by == .user ? "--top, --interval" : "--interval"
      throw ValidationError("--by \(by.rawValue) can be used only with \(others) and --output")
    }
  }

  func run() throws {
    if suggestRate {
      let survey = Survey(at: instance.root, timeout: .seconds(10))
      let result = try survey.take(watch.interval ?? .seconds(10), wait: Self.sleep)
      return try output.print(SuggestionReport(result))
    }
    if by == .addressClass { return try countClasses() }
    if by == .list { return try countLists() }
    if by == .rule { return try countRules() }
    if by == .user { return try countUsers() }
    if output.output == .prometheus { return try expose() }
    if check.isGiven { return try judge() }
    if watch.watch { return try look() }
    let (first, busiest) = try sample()
    if sinceBoot {
      return try output.print(
        StatsReport(first, averageOver: Self.secondsSinceBoot, top: busiest))
    }
    guard let interval = watch.interval else {
      return try output.print(StatsReport(first, since: nil, top: busiest))
    }
    Self.sleep(interval)
    let (second, later) = try sample()
    try output.print(StatsReport(second, since: first, top: later))
  }

  private func sample() throws -> (sample: StatsSample, top: StatsTop?) {
    let datapath = try instance.datapath()
    let attachments = try Self.chosen(interfaces, Interfaces(datapath).attachments())
    let sample = try StatsSample(datapath, attachments, withOthers: interfaces.isEmpty)
    let busiest = try top.map { most in
      let (sources, destinations) = try (
        Offenders(datapath).all(), Offenders(datapath[.out]).all()
      )
      return StatsTop(sources, destinations, sample.total, most: most)
    }
    return (sample, busiest)
  }

  private func countClasses() throws {
    let (last, first, seconds) = try samples { try ClassTable($0).counts() }
    try output.print(ClassStatsReport(last, since: first, seconds: seconds))
    if last.values.allSatisfy(\.isEmpty) {
      Notice.give("no class is defined and no rate is for one, so packets have no classes")
    }
  }

  private func countUsers() throws {
    let first = try RelayUsers(instance.datapath()).all()
    guard let interval = watch.interval else {
      return try output.print(UserStatsReport(first, since: nil, seconds: 0, top: top))
    }
    let start = ContinuousClock.now
    Self.sleep(interval)
    let last = try RelayUsers(instance.datapath()).all()
    let seconds = start.duration(to: .now) / .seconds(1)
    try output.print(UserStatsReport(last, since: first, seconds: seconds, top: top))
  }

  private func countLists() throws {
    let (last, first, seconds) = try samples { try ListTable($0).counts() }
    try output.print(ListStatsReport(last, since: first, seconds: seconds))
    if last.values.allSatisfy(\.isEmpty) {
      Notice.give("there is no list besides manual, so nothing is counted by list")
    }
  }

  private func countRules() throws {
    let (last, first, seconds) = try samples { try RuleTable($0).counted() }
    try output.print(RuleStatsReport(last, since: first, seconds: seconds))
    if last.values.allSatisfy(\.isEmpty) { Notice.give("there are no rules") }
  }

  /// The counts of each direction; with --interval, those before it too.
  private func samples<Counts>(
    _ read: (Datapath) throws -> Counts
  ) throws -> (last: [Direction: Counts], first: [Direction: Counts]?, seconds: Double) {
    func take() throws -> [Direction: Counts] {
      let datapath = try instance.datapath()
      return try Direction.allCases.reduce(into: [:]) { $0[$1] = try read(datapath[$1]) }
    }
    let first = try take()
    guard let interval = watch.interval else { return (first, nil, 0) }
    let start = ContinuousClock.now
    Self.sleep(interval)
    let last = try take()
    return (last, first, start.duration(to: .now) / .seconds(1))
  }

  private func look() throws {
    let onScreen = Terminal.canRedraw && output.output != .json
    let watch = StatsWatch(
      interval: watch.interval ?? .seconds(1), count: watch.count,
      isWide: output.output == .wide, look: sample)
    try watch.run(onScreen: onScreen)
  }

  private func judge() throws {
    let result: CheckResult
    do {
      let first = try sample().sample
      var last = first
      if check.needsInterval {
        Self.sleep(watch.interval ?? .seconds(1))
        last = try sample().sample
      }
      let reading = Reading(
        total: last.total, recent: last.total - first.total,
        seconds: first.takenAt.duration(to: last.takenAt) / .seconds(1))
      result = CheckResult(reading, critical: check.failIf, warning: check.warnIf)
    } catch let error as AegisError {
      result = CheckResult(unknown: error)
    } catch let failures as Failures {
      guard let error = failures.errors.first else { throw failures }
      result = CheckResult(unknown: error)
    }
    if !output.quiet { try StandardOutput.write(result.line) }
    if result.state != .ok { throw ExitCode(result.state.rawValue) }
  }

  /// The file also reports that nothing is loaded: its earlier content is obsolete.
  private func expose() throws {
    guard let path = output.textfile else {
      let text = try Metrics(instance.look()).text
      if !output.quiet { try StandardOutput.write(text) }
      return
    }
    do {
      try TextFile.replace(path, with: Metrics(instance.look()).text)
    } catch let error as AegisError where error.kind == .notLoaded {
      try TextFile.replace(path, with: Metrics().text)
      throw error
    }
  }

  private static var secondsSinceBoot: Double { Double(ClockReading.now().boottime) / 1e9 }

  private static func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = timespec()
    while nanosleep(&time, &left) != 0, errno == EINTR { time = left }
  }

  private static func chosen(
    _ names: [String], _ all: [Attachment]
  ) throws -> [Attachment] {
    if names.isEmpty { return all }
    let names = names.map(Interfaces.ownName)
    let unknown = names.filter { name in !all.contains { $0.name == name } }
    try Failures.check(unknown.map { .notAttached($0) })
    return all.filter { names.contains($0.name) }
  }
}
