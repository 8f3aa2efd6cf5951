import Aegis
import Glibc
import Linux

/// Serves many connections in one thread. Nothing in it grows with the number of clients.
struct HTTPServer: ~Copyable {
  /// Where it listens, with the port that the kernel chose.
  let endpoint: ListenEndpoint
  private let listener: TCPListener
  private let limit: Duration
  /// Oldest first.
  private var connections: [HTTPConnection] = []
  /// The kernel would report the same error again at once.
  private var pause = ContinuousClock.now
  private var answers: RecentAnswers

  private static let most = 128
  /// How long a connection keeps its place when all are taken: slow clients must not keep others out.
  private static let grace = Duration.milliseconds(100)

  init(at endpoint: ListenEndpoint, _ site: MetricsSite, within limit: Duration) throws {
    listener = try kernel { () throws(SystemError) in try Self.listener(at: endpoint) }
    self.endpoint = ListenEndpoint(endpoint.address, port: listener.port)
    self.limit = limit
    answers = RecentAnswers(site)
  }

  private static func listener(at endpoint: ListenEndpoint) throws(SystemError) -> TCPListener {
    let (port, name) = (endpoint.port, "\(endpoint)")
    if let address = endpoint.address {
      return try TCPListener(address: address.networkOrder, port: port, named: name)
    }
    do {
      return try TCPListener(address: .init(repeating: 0, count: 16), port: port, named: name)
    } catch {
      // A kernel without IPv6.
      guard error.errno == EAFNOSUPPORT else { throw error }
      return try TCPListener(address: .init(repeating: 0, count: 4), port: port, named: name)
    }
  }

  /// Serves until a signal ends the process.
  mutating func run() -> Never {
    while true { proceed() }
  }

  /// When the next connection can be accepted.
  private var acceptsFrom: ContinuousClock.Instant {
    connections.count < Self.most ? pause : max(pause, connections[0].start + Self.grace)
  }

  private mutating func proceed() {
    var end = connections.map(\.end).min()
    let isAccepting = acceptsFrom <= .now
    if !isAccepting { end = min(end ?? acceptsFrom, acceptsFrom) }
    var requests = connections.map(\.request)
    requests.append(
      pollfd(fd: isAccepting ? listener.rawValue : -1, events: Int16(POLLIN), revents: 0))
    Descriptors.wait(for: &requests, until: end)
    // An answer may take long. What came meanwhile is read before anybody is too late.
    let now = ContinuousClock.now
    for place in connections.indices {
      connections[place].proceed(isReady: requests[place].revents != 0, at: now) {
        answers.answer($0)
      }
    }
    for connection in connections where connection.isOver { close(connection.input) }
    connections.removeAll(where: \.isOver)
    if requests.last?.revents != 0 { accept(at: now) }
  }

  private mutating func accept(at now: ContinuousClock.Instant) {
    while acceptsFrom <= now {
      do {
        guard let descriptor = try listener.accept() else { return }
        if connections.count == Self.most { turnAwayOldest() }
        connections.append(HTTPConnection(input: descriptor, output: descriptor, within: limit))
      } catch {
        if error.errno == ECONNABORTED { continue }
        // Most likely there are too many descriptors.
        if let oldest = connections.first, oldest.start + Self.grace <= now {
          turnAwayOldest()
        } else {
          pause = .now + Self.grace
        }
      }
    }
  }

  private mutating func turnAwayOldest() {
    connections[0].turnAway()
    close(connections.removeFirst().input)
  }
}

/// Answers that are given again for a second, so that many requests cost no more than one.
struct RecentAnswers {
  private static let age = Duration.seconds(1)

  private let site: MetricsSite
  private var answers: [HTTPRequest: (text: String, end: ContinuousClock.Instant)] = [:]

  init(_ site: MetricsSite) { self.site = site }

  mutating func answer(_ request: HTTPRequest) -> String {
    if let recent = answers[request], ContinuousClock.now < recent.end { return recent.text }
    let response = site.answer(request)
    let text = response.text(isHead: request.method == "HEAD")
    // Only resources that exist: their number is known.
    if ![.notFound, .methodNotAllowed].contains(response.status) {
      answers[request] = (text, .now + Self.age)
    }
    return text
  }
}
