import Aegis
import ArgumentParser
import Glibc

struct LatencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "latency", usage: "[options] [<iface> ...]",
    abstract: "Measure how long the program itself takes for each packet.",
    discussion: """
      For as long as it runs, the interfaces run the same program built a second time, which looks at the clock \
      at entry and exit and counts the difference in a histogram. It is put under the live link, and taken \
      away, at one instant: no packet is lost, passes unfiltered or is judged otherwise, and counters go on. \
      While nothing is measured it costs nothing.

      Times are ns in the program, by verdict; the driver's and the stack's are not in them. The clock's own \
      cost is, once in each: it is measured first, and told. A percentile is the upper end of its bucket, which \
      is 1 ns wide below 128 ns, and from there on less than a sixty-fourth of the time. JITTER is from the \
      quickest packet to the slowest. The drawing's last line has what took longer than 99 of 100; with -o wide \
      it goes on to the slowest.

      Below is what the counters of the interfaces counted meanwhile: two numbers where packets came while \
      programs were exchanged, without them and with them. What was measured lies between.

      Other commands work meanwhile, but for a second measurement (exit status 75). Ctrl-C ends it early and \
      prints what there is. If it is killed, the program stops measuring by itself soon after its time, and \
      the next command that changes anything, repair among them, puts the usual one back. What is found is also \
      added to the histogram that stats -o prometheus prints.

      EXAMPLES
          # all that is attached, for ten seconds
          aegisctl latency
          # one interface for a minute, with a picture
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
    name: .long, help: ArgumentHelp("Also draw the histogram into this file.", valueName: "file"),
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
    // Nobody wants to learn of it at the end.
    if let svg { try TextFile.check(svg) }
    let session = try Session(at: instance.root, timeout: waiting.timeout)
    // From here on they wait until links run the program again that they ran before.
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

  /// - Returns: The signal that ended it; nil once the time is over or there is nothing left to measure.
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
