import Aegis
import ArgumentParser
import Glibc

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "metrics", usage: "[options]",
    abstract: "Print metrics for Prometheus, or answer one HTTP request.",
    discussion: """
      Prints the same as stats -o prometheus. With --inetd it answers one HTTP/1.0 or 1.1 request on standard \
      input and output and exits, so that inetd or a systemd socket with Accept=yes can serve metrics without \
      a daemon. contrib/systemd has the units.

      /metrics serves the metrics, also while nothing is loaded (aegis_loaded 0). /health always answers 200. \
      /ready answers 503 with the reason if nothing is loaded or attached, if an interface that should be \
      attached is not or was moved to another network namespace, or if a policy was not confirmed in time. \
      /healthz and /readyz are the same. \
      Invalid requests get 400, 404, 405, 414, 431 or 505, and slow ones 408. The exit status is always 0.

      EXAMPLES
          aegisctl metrics
          # what a systemd socket runs for each connection
          aegisctl metrics --inetd
      """)

  @Flag(name: .long, help: "Answer one HTTP request on standard input and output.")
  var inetd = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With --inetd: time limit for the whole request (default: 5s).", valueName: "duration"),
    transform: DurationArgument.parse)
  var timeout = Duration.seconds(5)

  @OptionGroup var instance: InstanceOptions

  func run() throws {
    guard inetd else {
      return try StandardOutput.write(Metrics(instance.datapath()).text)
    }
    // Clients may disconnect at any time.
    signal(SIGPIPE, SIG_IGN)
    let connection = HTTPConnection(input: STDIN_FILENO, output: STDOUT_FILENO, within: timeout)
    switch connection.receive() {
    case .nothing: break
    case .refused(let status): connection.send(HTTPResponse(status).text(isHead: false))
    case .request(let request):
      let response = MetricsSite(root: instance.root).answer(request)
      connection.send(response.text(isHead: request.method == "HEAD"))
    }
  }
}
