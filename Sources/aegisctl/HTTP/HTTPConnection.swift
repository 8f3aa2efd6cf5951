import Glibc
import Linux

/// One request and its response on two descriptors, with a time limit; the response may take two seconds more.
struct HTTPConnection {
  enum Received {
    case request(HTTPRequest)
    case refused(HTTPStatus)
    /// The client closed the connection, or was silent, before it sent anything.
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
    var ended: Received { bytes.isEmpty ? .nothing : .refused(.badRequest) }
    while true {
      guard Descriptors.wait(for: POLLIN, on: input, until: end) else {
        return bytes.isEmpty ? .nothing : .refused(.requestTimeout)
      }
      do {
        guard let piece = try Descriptors.read(input, into: &chunk) else { return ended }
        bytes += piece
      } catch {
        if error.errno != EAGAIN { return ended }
        continue
      }
      switch HTTPRequest.parse(bytes) {
      case .incomplete: continue
      case .complete(let request): return .request(request)
      case .refused(let status): return .refused(status)
      }
    }
  }

  /// Writes as much as the client takes in time. It is no error if the client disconnects.
  func send(_ text: String) {
    let flags = fcntl(output, F_GETFL)
    _ = fcntl(output, F_SETFL, flags | O_NONBLOCK)
    defer { _ = fcntl(output, F_SETFL, flags) }
    // A client that was too slow gets a response too.
    let end = max(end, .now + .seconds(1))
    do {
      _ = try Descriptors.write(text.utf8.span.bytes, to: output) { _ in
        Descriptors.wait(for: POLLOUT, on: output, until: end)
      }
    } catch {
      return
    }
    drain()
  }

  /// Reads incoming data for a short time: closing a socket with unread data could lose the response.
  private func drain() {
    guard shutdown(output, Int32(SHUT_WR)) == 0 else { return }
    let soon = ContinuousClock.now + .seconds(1)
    var chunk = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<64 {
      guard Descriptors.wait(for: POLLIN, on: input, until: soon),
        (try? Descriptors.read(input, into: &chunk)) ?? nil != nil
      else { return }
    }
  }
}
