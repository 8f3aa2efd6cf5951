import Glibc

/// One request and its answer on two descriptors, waited for no longer than a limit; the answer may take two seconds more.
struct HTTPConnection {
  enum Received {
    case request(HTTPRequest)
    case refused(HTTPStatus)
    /// It ended, or was silent, before it said anything.
    case nothing
  }

  let input: CInt
  let output: CInt
  private let end: ContinuousClock.Instant

  init(input: CInt, output: CInt, within limit: Duration) {
    (self.input, self.output) = (input, output)
    end = .now + limit
  }

  func receive() -> Received {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      guard wait(for: POLLIN, on: input, until: end) else {
        return bytes.isEmpty ? .nothing : .refused(.requestTimeout)
      }
      let count = read(input, &chunk, chunk.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { return bytes.isEmpty ? .nothing : .refused(.badRequest) }
      bytes += chunk[..<count]
      switch HTTPRequest.parse(bytes) {
      case .incomplete: continue
      case .complete(let request): return .request(request)
      case .refused(let status): return .refused(status)
      }
    }
  }

  /// Writes as much as the other end takes in time; that it went away is nothing to tell anybody.
  func send(_ text: String) {
    let flags = fcntl(output, F_GETFL)
    _ = fcntl(output, F_SETFL, flags | O_NONBLOCK)
    defer { _ = fcntl(output, F_SETFL, flags) }
    var rest = Array(text.utf8)[...]
    // Also one who was too slow is told.
    let end = max(end, .now + .seconds(1))
    while !rest.isEmpty, wait(for: POLLOUT, on: output, until: end) {
      let count = rest.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR, errno != EAGAIN {
        return
      }
    }
    drain()
  }

  /// Takes what is still on its way, for a little: closing a socket with unread data would have the answer lost.
  private func drain() {
    guard shutdown(output, Int32(SHUT_WR)) == 0 else { return }
    let soon = ContinuousClock.now + .seconds(1)
    var chunk = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<64 {
      guard wait(for: POLLIN, on: input, until: soon), read(input, &chunk, chunk.count) > 0 else {
        return
      }
    }
  }

  private func wait(
    for event: CInt, on descriptor: CInt, until end: ContinuousClock.Instant
  ) -> Bool {
    while true {
      let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
      guard left > 0 else { return false }
      var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      let count = poll(&request, 1, CInt(min(left.rounded(.up), 1e9)))
      if count > 0 { return true }
      if count < 0, errno != EINTR { return false }
    }
  }
}
