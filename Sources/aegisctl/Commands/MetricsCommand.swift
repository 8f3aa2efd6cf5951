import Aegis
import ArgumentParser
import Glibc

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "metrics", usage: "[options]",
    abstract: "Print metrics for Prometheus, or serve them over HTTP.",
    discussion: """
      Prints the same as stats -o prometheus. With --inetd it answers one HTTP/1.0 or 1.1 request on standard \
      input and output and exits, so that inetd or a systemd socket with Accept=yes can serve metrics without \
      a daemon. contrib/systemd has the units. With --listen it stays in the foreground and answers requests \
      until SIGTERM or SIGINT, which end it at once with exit status 0; the datapath stays as it is. This is for \
      containers, where nobody else holds the socket.

      /metrics serves the metrics, also while nothing is loaded (aegis_loaded 0). /health always answers 200. \
      /ready answers 503 with the reason if nothing is loaded or attached, if an interface that should be \
      attached is not or was moved to another network namespace, or if a policy was not confirmed in time. \
      /healthz and /readyz are the same. \
      Invalid requests get 400, 404, 405, 414, 431 or 505, and slow ones 408. With --inetd the exit \
      status is always 0.

      --listen serves up to 128 connections at once, one request each. When all are taken, a new connection \
      replaces the oldest one that has lasted 100ms, which gets 503. Answers are reused for one second.

      EXAMPLES
          aegisctl metrics
          # what a systemd socket runs for each connection
          aegisctl metrics --inetd
          # in a container, on all addresses
          aegisctl metrics --listen :9987
      """)

  @Flag(name: .long, help: "Answer one HTTP request on standard input and output.")
  var inetd = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Serve HTTP on this address until SIGTERM or SIGINT: 127.0.0.1:9987, [::1]:9987, or :9987 for all addresses.",
      valueName: "address:port"),
    transform: Self.endpoint)
  var listen: ListenEndpoint?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With --inetd and --listen: time limit for a whole request (default: 5s).",
      valueName: "duration"),
    transform: DurationArgument.parse)
  var timeout = Duration.seconds(5)

  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if inetd, listen != nil { throw ValidationError("give either --inetd or --listen") }
  }

  func run() throws {
    let site = MetricsSite(root: instance.root)
    // Clients may disconnect at any time.
    if inetd || listen != nil { signal(SIGPIPE, SIG_IGN) }
    if inetd {
      HTTPConnection.serve(input: STDIN_FILENO, output: STDOUT_FILENO, within: timeout) {
        site.answer($0).text(isHead: $0.method == "HEAD")
      }
    } else if let listen {
      Signals.endProcess()
      var server = try HTTPServer(at: listen, site, within: timeout)
      StandardError.write("listening on \(server.endpoint)\n")
      server.run()
    } else {
      try StandardOutput.write(Metrics(instance.datapath()).text)
    }
  }

  static func endpoint(_ text: String) throws -> ListenEndpoint {
    do {
      return try ListenEndpoint(text)
    } catch {
      throw AegisError(error)
    }
  }
}
