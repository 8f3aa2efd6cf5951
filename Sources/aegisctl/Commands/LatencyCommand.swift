import Aegis
import ArgumentParser
import Glibc

struct LatencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "latency", usage: "[options] [<iface> ...]",
    abstract: "Measure how long the XDP program takes for each packet.",
    discussion: """
      While it runs, the interfaces use a second build of the same program, which reads the clock at entry and \
      exit and counts the difference in a histogram. The live link switches to it and back atomically: no \
      packet is lost, passes unfiltered or gets another verdict, and counters continue. There is no cost when \
      nothing is measured.

      Times are nanoseconds spent in the program, by verdict, without the driver and the network stack. They \
      include the cost of reading the clock once, which is measured first and shown. A percentile is the upper \
      end of its bucket. A bucket is 1 ns wide below 128 ns, and above that less than 1/64 of the time. JITTER \
      is the difference between the fastest and the slowest packet. The last line of the chart holds the \
      slowest 1 % of packets; -o wide draws them in full.

      Below the table are the interface counters for the same time. If packets arrived while the programs were \
      switched, there are two numbers, without and with those packets; the measured count lies between them.

      While a program of set-hook is in place, the row hook is its part in these times, by itself. The times of its \
      packets include two more readings of the clock.

      Only the XDP program is measured, and so only what comes in: interfaces that are attached in tc mode, \
      what leaves, and packets of the relay are not.

      Other commands work meanwhile, except a second measurement (exit status 75). Ctrl-C ends it early and \
      prints the results so far. If the command is killed, the program stops measuring by itself soon after \
      its time, and repair or the next command that changes something restores the normal program. The results \
      are also added to the histogram in stats -o prometheus.

      EXAMPLES
          # all attached interfaces, for ten seconds
          aegisctl latency
          # one interface for a minute, with a chart
          aegisctl latency eth0 --for 1m --svg eth0.svg
          # every bucket, for a program
          aegisctl latency --for 5s -o json
      """)

  static let durations = Duration.milliseconds(100)...Duration.seconds(3600)

  @Argument(
    help: ArgumentHelp("Interfaces (default: all that are attached).", valueName: "iface"),
    completion: .custom { words, _, _ in Completions.attachedInterfaces(words) })
  var interfaces: [String] = []

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long to measure, 100ms to 1h (default: 10s).", valueName: "duration"),
    transform: DurationArgument.parse)
  var duration = Duration.seconds(10)

  @Option(
    name: .long,
    help: ArgumentHelp("Also write the histogram to this SVG file.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @OptionGroup var waiting: WaitOptions

  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    guard Self.durations.contains(duration) else {
      throw AegisError.outOfBounds("--for", "must be 100ms to 1h")
    }
  }

  func run() throws {
    // Fail now rather than at the end.
    if let svg { try TextFile.check(svg) }
    let session = try Session(at: instance.root, timeout: waiting.timeout)
    // From here on signals wait until the links run their earlier program again.
    let signals = Signals()
    let measurement = try LatencyMeasurement.begin(
      on: interfaces.map(Interfaces.ownName), for: duration, in: session)
    _ = consume session
    let ending = Self.wait(duration, for: measurement, signals)
    let result = try measurement.end(within: max(waiting.timeout, .seconds(60)))
    if let ending, ending != SIGINT { signals.die(of: ending) }
    let report = LatencyReport(result)
    try output.print(report)
    if let svg { try TextFile.replace(svg, with: LatencyPicture(result).text) }
  }

  /// - Returns: The signal that ended it; nil after the duration, or if there is nothing left to measure.
  private static func wait(
    _ duration: Duration, for measurement: borrowing LatencyMeasurement, _ signals: Signals
  ) -> CInt? {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end, measurement.isGoingOn {
      switch signals.next(until: min(end, .now + .milliseconds(250))) {
      case nil, SIGWINCH: break
      case SIGTSTP: signals.stop()
      case let signal: return signal
      }
    }
    return nil
  }
}
