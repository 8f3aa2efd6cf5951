import Glibc
import Testing

@testable import aegisctl

/// Of which the client is the other end of a pair of sockets.
@Suite struct HTTPConnectionTests {
  private let client: CInt
  private let server: CInt
  private static let answer = String(repeating: "a", count: 10_000_000)

  init() {
    var pair: [CInt] = [0, 0]
    socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair)
    (client, server) = (pair[0], pair[1])
  }

  private func connection(within limit: Duration = .seconds(5)) -> HTTPConnection {
    HTTPConnection(input: server, output: server, within: limit)
  }

  private func say(_ text: String) { _ = write(client, text, text.utf8.count) }

  /// How much there is to read at once.
  private func read() -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    return Glibc.read(client, &buffer, buffer.count)
  }

  @Test func aLongAnswerGoesInPieces() {
    var connection = connection()
    say("GET / HTTP/1.0\r\n\r\n")
    var (received, steps) = (0, 0)
    while received < Self.answer.utf8.count, steps < 100_000 {
      connection.proceed(isReady: true, at: .now) { _ in Self.answer }
      received += max(0, read())
      steps += 1
    }
    #expect(received == Self.answer.utf8.count && steps > 10)
    #expect(!connection.isOver)
    #expect(read() == 0)
    close(client)
    connection.proceed(isReady: true, at: .now) { _ in "" }
    #expect(connection.isOver)
    close(server)
  }

  @Test func whoNeverReadsIsLeft() {
    var connection = connection()
    say("GET / HTTP/1.0\r\n\r\n")
    connection.proceed(isReady: true, at: .now) { _ in Self.answer }
    #expect(connection.request.events == Int16(POLLOUT))
    connection.proceed(isReady: true, at: connection.end) { _ in "" }
    #expect(connection.isOver)
    close(client)
    close(server)
  }

  @Test func whatCameBeforeTheEndIsAnswered() {
    var connection = connection(within: .zero)
    say("GET / HTTP/1.0\r\n\r\n")
    connection.proceed(isReady: true, at: connection.end) { _ in "yes" }
    #expect(!connection.isOver)
    #expect(read() == 3)
    close(client)
    close(server)
  }

  @Test func whoEndsTooSoonIsRefused() {
    var connection = connection()
    say("GET")
    connection.proceed(isReady: true, at: .now) { _ in "" }
    shutdown(client, CInt(SHUT_WR))
    connection.proceed(isReady: true, at: .now) { _ in "" }
    #expect(read() > 0)
    close(client)
    close(server)
  }

  @Test func whoSaysTooMuchIsNotReadForEver() {
    signal(SIGPIPE, SIG_IGN)
    var connection = connection()
    var steps = 0
    while !connection.isOver, steps < 1000 {
      say(String(repeating: "a", count: 8192))
      connection.proceed(isReady: true, at: .now) { _ in "" }
      steps += 1
    }
    #expect(connection.isOver)
    close(client)
    close(server)
  }
}
