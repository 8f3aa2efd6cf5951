import Glibc
import Linux

/// One request and its response on two descriptors, in steps that do not block. The request has a time limit; the
/// response may take two seconds more.
struct HTTPConnection {
  private enum State {
    /// The bytes of the request so far.
    case receiving([UInt8])
    /// The response, and how much of it is sent.
    case sending(String, from: Int)
    /// Reads what else comes, for a short time: closing a socket with unread data could lose the response.
    case draining(pieces: Int)
    case over
  }

  let input: CInt
  let output: CInt
  let start = ContinuousClock.now
  /// When to go on even if nothing is ready.
  private(set) var end: ContinuousClock.Instant
  private var state = State.receiving([])

  private static let mostDrained = 64

  /// - Parameter output: Non-blocking.
  init(input: CInt, output: CInt, within limit: Duration) {
    (self.input, self.output) = (input, output)
    end = start + limit
  }

  var isOver: Bool { if case .over = state { true } else { false } }

  /// What it waits for.
  var request: pollfd {
    if case .sending = state { return pollfd(fd: output, events: Int16(POLLOUT), revents: 0) }
    return pollfd(fd: input, events: Int16(POLLIN), revents: 0)
  }

  /// Goes on if what it waits for is there, and ends the wait if its time was over at `now`.
  ///
  /// - Parameter answer: Makes the whole response to a request.
  mutating func proceed(
    isReady: Bool, at now: ContinuousClock.Instant, _ answer: (HTTPRequest) -> String
  ) {
    if isReady { step(answer) }
    if end > now { return }
    if case .receiving(let bytes) = state, !bytes.isEmpty {
      refuse(.requestTimeout)
    } else {
      state = .over
    }
  }

  private mutating func step(_ answer: (HTTPRequest) -> String) {
    switch state {
    case .receiving(let bytes): receive(after: bytes, answer)
    case .sending(let text, let sent): send(text, from: sent)
    case .draining(let pieces): drain(pieces)
    case .over: break
    }
  }

  /// Responds, unless there is a response already, as far as that is possible at once.
  mutating func turnAway() {
    if case .receiving = state { refuse(.serviceUnavailable) }
    state = .over
  }

  /// nil at the end, or if the client has reset the connection; empty if there is nothing yet.
  private func read() -> ArraySlice<UInt8>? {
    var chunk = [UInt8](repeating: 0, count: 4096)
    do {
      return try Descriptors.read(input, into: &chunk)
    } catch {
      return error.errno == EAGAIN ? [] : nil
    }
  }

  private mutating func receive(after bytes: [UInt8], _ answer: (HTTPRequest) -> String) {
    guard let piece = read() else {
      if bytes.isEmpty { state = .over } else { refuse(.badRequest) }
      return
    }
    let bytes = bytes + piece
    switch HTTPRequest.parse(bytes) {
    case .incomplete: state = .receiving(bytes)
    case .complete(let request): respond(answer(request))
    case .refused(let status): refuse(status)
    }
  }

  private mutating func refuse(_ status: HTTPStatus) {
    respond(HTTPResponse(status).text(isHead: false))
  }

  private mutating func respond(_ text: String) {
    // A client that was too slow gets a response too.
    end = max(end, .now + .seconds(1))
    send(text, from: 0)
  }

  private mutating func send(_ text: String, from sent: Int) {
    do {
      let rest = text.utf8.span.bytes.extracting(droppingFirst: sent)
      let count = try Descriptors.write(rest, to: output) ?? 0
      state = .sending(text, from: sent + count)
      guard count == rest.byteCount else { return }
    } catch {
      state = .over
      return
    }
    end = .now + .seconds(1)
    state =
      shutdown(output, CInt(SHUT_WR)) == 0 ? .draining(pieces: Self.mostDrained) : .over
  }

  private mutating func drain(_ pieces: Int) {
    state = pieces == 0 || read() == nil ? .over : .draining(pieces: pieces - 1)
  }
}

extension HTTPConnection {
  /// Serves one request on descriptors that others have too.
  static func serve(
    input: CInt, output: CInt, within limit: Duration, _ answer: (HTTPRequest) -> String
  ) {
    let flags = fcntl(output, F_GETFL)
    _ = fcntl(output, F_SETFL, flags | O_NONBLOCK)
    defer { _ = fcntl(output, F_SETFL, flags) }
    var connection = HTTPConnection(input: input, output: output, within: limit)
    while !connection.isOver {
      var requests = [connection.request]
      let isReady = Descriptors.wait(for: &requests, until: connection.end)
      connection.proceed(isReady: isReady, at: .now, answer)
    }
  }
}
