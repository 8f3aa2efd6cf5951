import Aegis
import ArgumentParser
import Glibc

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "metrics", usage: "[options]",
    abstract: "Print metrics for Prometheus, or answer one HTTP request.",
    discussion: """
      Prints what stats -o prometheus prints. With --inetd it answers one request of HTTP/1.0 or 1.1 on its \
      standard input and output and exits, so that a systemd socket with Accept=yes or inetd serves \
      metrics with no process in between: contrib/systemd has the units.

      /metrics has the metrics, also (aegis_loaded 0) while nothing is loaded; /healthz answers 200 as long \
      as it is asked; /readyz answers 503 and says why when nothing is loaded or attached, an interface \
      that is to be attached is not or was moved to another network namespace, or a policy was not confirmed in time. Requests that are wrong get \
      400, 404, 405, 414, 431 or 505, and slow ones 408. The exit status is 0 whatever was answered.

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
      "With --inetd: how long a client has in all (default: 5s).", valueName: "duration"),
    transform: DurationArgument.parse)
  var timeout = Duration.seconds(5)

  @OptionGroup var instance: InstanceOptions

  func run() throws {
    guard inetd else {
      return try StandardOutput.write(Metrics(instance.datapath()).text)
    }
    // Clients leave as they please.
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
