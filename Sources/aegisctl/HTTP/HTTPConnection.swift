import Glibc
import Linux

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

  /// Writes as much as the other end takes in time; that it went away is nothing to tell anybody.
  func send(_ text: String) {
    let flags = fcntl(output, F_GETFL)
    _ = fcntl(output, F_SETFL, flags | O_NONBLOCK)
    defer { _ = fcntl(output, F_SETFL, flags) }
    // Also one who was too slow is told.
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

  /// Takes what is still on its way, for a little: closing a socket with unread data would have the answer lost.
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
