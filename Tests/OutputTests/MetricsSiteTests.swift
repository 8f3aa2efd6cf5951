import Aegis
import Testing

@testable import aegisctl

@Suite struct MetricsSiteTests {
  private let site = MetricsSite(
    root: PinRoot("/sys/fs/bpf/aegis-none-\(UInt64.random(in: 0 ... .max))"))

  private func answer(_ path: String, _ method: String = "GET") -> HTTPResponse {
    site.answer(HTTPRequest(method: method, path: path))
  }

  @Test func nothingIsLoaded() {
    for path in ["/health", "/healthz"] {
      #expect(answer(path).status == .ok)
      #expect(answer(path).body == "ok\n")
    }
    for path in ["/ready", "/readyz"] { #expect(answer(path).status == .serviceUnavailable) }
    #expect(answer("/ready").body == answer("/readyz").body)
    #expect(answer("/metrics").status == .ok)
  }

  @Test func theListIsComplete() {
    let lines = answer("/").body.split(separator: "\n").dropFirst()
    #expect(lines.count == 3)
    for path in lines { #expect(answer(String(path)).status != .notFound) }
  }

  @Test func othersAreRefused() {
    for path in ["/healt", "/health/", "/readyzz", "/healthz?", "*", ""] {
      #expect(answer(path).status == .notFound)
    }
    for path in ["/", "/health", "/healthz", "/ready", "/readyz", "/metrics"] {
      #expect(answer(path, "POST").status == .methodNotAllowed)
      #expect(answer(path, "HEAD").status != .methodNotAllowed)
    }
  }
}
