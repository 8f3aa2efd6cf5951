import Testing

@testable import Aegis

@Suite("Where a server listens")
struct ListenEndpointTests {
  @Test(
    "is an address and a port, or only a port",
    arguments: [
      ("127.0.0.1:9987", "127.0.0.1:9987"), ("[::1]:9987", "[::1]:9987"),
      ("[2001:0DB8::0001]:65535", "[2001:db8::1]:65535"), ("0.0.0.0:1", "0.0.0.0:1"),
      ("[::]:1", "[::]:1"), (":9987", ":9987"), ("9987", ":9987"), ("0", ":0"),
      ("127.0.0.1:0", "127.0.0.1:0"),
    ])
  func reads(text: String, shown: String) throws {
    #expect("\(try ListenEndpoint(text))" == shown)
  }

  @Test(
    "and nothing else",
    arguments: [
      ("", "has no port"), (":", "has no port from 0"), ("127.0.0.1", "has no port"),
      ("65536", "has no port from 0"), ("09987", "has no port from 0"),
      (":-1", "has no port from 0"), (":http", "has no port from 0"),
      ("localhost:9987", "is not an IP address"), ("*:9987", "is not an IP address"),
      ("::1:9987", "is not an address and a port"), ("[]:9987", "is empty"),
      ("[::1]", "has no port"), ("[::1]9987", "has no port"), ("[127.0.0.1]:1", "in brackets"),
      ("[::ffff:127.0.0.1]:1", "IPv4-mapped"), ("[fe80::1%eth0]:1", "scope id"),
    ])
  func refuses(text: String, problem: String) {
    let error = #expect(throws: InputError.self) { try ListenEndpoint(text) }
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    #expect(error?.input == text)
    #expect(error?.hint?.contains("[::1]:9987") == true)
  }
}
