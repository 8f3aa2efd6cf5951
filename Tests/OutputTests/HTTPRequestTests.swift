import Testing

@testable import aegisctl

@Suite struct HTTPRequestTests {
  private func parse(_ text: String) -> HTTPRequest.Parsed { HTTPRequest.parse(Array(text.utf8)) }

  @Test(arguments: [
    ("GET /metrics HTTP/1.0\r\n\r\n", "GET", "/metrics"),
    ("GET /metrics?a=b&c HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/metrics"),
    ("HEAD / HTTP/1.0\n\n", "HEAD", "/"),
    ("\r\n\r\nGET / HTTP/1.0\r\n\r\n", "GET", "/"),
    ("GET http://h:1/readyz HTTP/1.1\r\nhOST:\r\n\r\n", "GET", "/readyz"),
    ("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "/"),
    ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS", "*"),
    ("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", "POST", "/x"),
    ("GET / HTTP/1.0\r\nX:\tä\r\n\r\n", "GET", "/"),
  ])
  func reads(_ text: String, _ method: String, _ path: String) {
    #expect(parse(text) == .complete(HTTPRequest(method: method, path: path)))
    // However it comes: every beginning of it is either not yet enough or the whole.
    for length in 0..<text.utf8.count {
      switch HTTPRequest.parse(Array(text.utf8.prefix(length))) {
      case .refused(let status): Issue.record("\(status) after \(length) of \(text)")
      case .incomplete, .complete: break
      }
    }
  }

  @Test(arguments: [
    ("GET\r\n", HTTPStatus.badRequest), ("GET /\r\n", .badRequest),
    ("GET  / HTTP/1.1\r\n", .badRequest), (" GET / HTTP/1.1\r\n", .badRequest),
    ("GET / HTTP/1.1 \r\n", .badRequest), ("GET metrics HTTP/1.1\r\n", .badRequest),
    ("G{T / HTTP/1.1\r\n", .badRequest), ("GET /\u{1} HTTP/1.1\r\n", .badRequest),
    ("GET /ä HTTP/1.1\r\n", .badRequest), ("GET /#x HTTP/1.1\r\n", .badRequest),
    ("GET / http/1.1\r\n", .badRequest), ("GET / HTTP/11\r\n", .badRequest),
    ("GET / HTTP/2.0\r\n", .versionNotSupported), ("GET / HTTP/1.2\r\n", .versionNotSupported),
    ("GET / HTTP/1.1\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .badRequest),
    ("GET / HTTP/1.0\r\nX : a\r\n\r\n", .badRequest),
    ("GET / HTTP/1.0\r\nX: a\r\n folded\r\n\r\n", .badRequest),
    ("GET / HTTP/1.0\r\n: a\r\n\r\n", .badRequest),
    ("GET / HTTP/1.0\r\nnothing\r\n\r\n", .badRequest),
    ("GET / HTTP/1.0\r\nX: a\rb\r\n\r\n", .badRequest),
    ("GET / HTTP/1.0\r\nX: \0\r\n\r\n", .badRequest),
    ("\u{16}\u{3}\u{1}\u{2}\n", .badRequest),
  ])
  func refuses(_ text: String, _ status: HTTPStatus) {
    #expect(parse(text) == .refused(status))
  }

  @Test func waitsForTheRest() {
    for text in ["", "G", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"] {
      #expect(parse(text) == .incomplete)
    }
  }

  @Test func hasAnEnd() {
    let most = HTTPRequest.maximumSize
    #expect(parse("GET /" + String(repeating: "a", count: most)) == .refused(.uriTooLong))
    let headers = "GET / HTTP/1.0\r\n" + String(repeating: "a: b\r\n", count: most / 6)
    #expect(parse(headers + "\r\n") == .refused(.headersTooLarge))
    #expect(parse(String(repeating: "\r\n", count: most)) == .refused(.uriTooLong))
  }

  @Test func garbageNeverEndsIt() {
    let good = Array("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4) {
        let index = Int.random(in: 0..<bytes.count)
        if Bool.random() { bytes[index] = .random(in: 0...255) } else { bytes.remove(at: index) }
      }
      if case .complete(let request) = HTTPRequest.parse(bytes) {
        #expect(request.path == "*" || request.path.hasPrefix("/"))
        #expect(!request.method.isEmpty)
      }
    }
  }

  @Test func answersSayHowLongTheyAre() {
    let response = HTTPResponse(.ok, "ä\n")
    #expect(
      response.text(isHead: false) == """
        HTTP/1.1 200 OK\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Length: 3\r
        Cache-Control: no-store\r
        X-Content-Type-Options: nosniff\r
        Connection: close\r
        \r
        ä

        """)
    #expect(response.text(isHead: true) + "ä\n" == response.text(isHead: false))
    #expect(HTTPResponse(.methodNotAllowed).text(isHead: true).contains("\r\nAllow: GET, HEAD\r\n"))
  }
}
