import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What Prometheus reads, with its own tool to judge it.
  @Suite struct MetricsTests {
    private func check(_ text: String) throws -> Outcome {
      try Command(["promtool", "check", "metrics"]).run(input: text)
    }

    private func value(_ series: String, in text: String) -> String? {
      let line = text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
      return line.map { String($0.dropFirst(series.count + 1)) }
    }

    @Test func promtoolFindsNothingToSay() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "203.0.113.1", "--monitor"])
      try live.ok(["drop-ip", live.peer])
      #expect(try !live.arrives())
      let text = try live.run(["stats", "-o", "prometheus"]).output
      let outcome = try check(text)
      #expect(outcome.status == 0 && outcome.output + outcome.error == "", "\(outcome)")
      let name = "aegis_packets_total{interface=\"\(live.interface)\",direction=\"in\""
      #expect(value(name + ",verdict=\"drop\",reason=\"drop.host\"}", in: text) == "1")
      #expect(value("aegis_entries{list=\"drops_ipv4\"}", in: text) == "2")
      #expect(value("aegis_mode{mode=\"enforce\"}", in: text) == "1")
      #expect(value("aegis_loaded", in: text) == "1")
      #expect(!text.contains("aegis_confirm_remaining_seconds"))
      #expect(try live.run(["metrics"]).output.contains("aegis_build_info"))
    }

    @Test func promtoolWouldSaySomething() throws {
      #expect(try check("# TYPE aegis_packets counter\naegis_packets 1\n").status != 0)
    }

    @Test func aFileIsReplacedAtOnce() throws {
      let live = try Live.attached()
      let directory = NSTemporaryDirectory() + "aegis-\(RandomName.hex(8))"
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: directory) }
      let path = directory + "/aegis.prom"
      let words = ["stats", "-o", "prometheus", "--textfile", path]
      #expect(try live.run(words).status == 0)
      let first = try String(contentsOfFile: path, encoding: .utf8)
      #expect(try check(first).status == 0)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o644)
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["aegis.prom"])
      // What is gone is not told of any more.
      try live.ok(["unload", "--force"])
      #expect(try live.run(words).status == 69)
      #expect(value("aegis_loaded", in: try String(contentsOfFile: path, encoding: .utf8)) == "0")
      #expect(try live.run(["stats", "-o", "prometheus", "--textfile", "/nowhere/x"]).status == 1)
    }

    /// Says something, byte after byte or at once, and prints what comes back.
    private static let client = """
      import socket, sys, time
      for _ in range(100):
          try:
              s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10); break
          except ConnectionRefusedError: time.sleep(0.05)
      for part in sys.stdin.buffer.read().split(b"~"):
          s.sendall(part); time.sleep(0.05)
      start = time.time(); answer = b""
      while data := s.recv(65536): answer += data
      sys.stdout.buffer.write(answer)
      sys.stderr.write("slow" if time.time() - start > 3 else "quick")
      """

    private func ask(_ live: Live, _ requests: [String]) throws -> [Outcome] {
      let port = "9987"
      let server = try live.activator(
        at: "127.0.0.1:\(port)", ["metrics", "--inetd", "--timeout", "1s"])
      defer {
        server.signal(SIGKILL)
        _ = try? server.wait()
      }
      return try requests.map {
        try Command(
          ["python3", "-c", Self.client, port], namespace: live.sandbox.host.namespace
        ).run(input: $0)
      }
    }

    @Test func aSocketIsServed() throws {
      let live = try Live.attached()
      let answers = try ask(
        live,
        [
          "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "GET /me~trics HT~TP/1.0\r~\n\r\n",
          "HEAD /metrics HTTP/1.0\r\n\r\n", "GET /readyz HTTP/1.0\r\n\r\n",
          "GET /healthz HTTP/1.0\r\n\r\n", "GET /secret HTTP/1.0\r\n\r\n",
          "DELETE /metrics HTTP/1.0\r\n\r\n", "nonsense\r\n",
          "GET / HTTP/1.0\r\n" + String(repeating: "a: b\r\n", count: 40_000), "GET / HT", "",
        ])
      let first = answers.map { String($0.output.split(separator: "\r\n").first ?? "") }
      #expect(
        first == [
          "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK",
          "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 405 Method Not Allowed",
          "HTTP/1.1 400 Bad Request", "HTTP/1.1 431 Request Header Fields Too Large",
          "HTTP/1.1 408 Request Timeout", "",
        ], "\(answers)")
      #expect(answers.allSatisfy { $0.error == "quick" })
      #expect(
        answers[0].output.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n")
      )
      let parts = answers[0].output.components(separatedBy: "\r\n\r\n")
      #expect(try check(parts[1]).status == 0)
      #expect(parts[0].contains("\r\nContent-Length: \(parts[1].utf8.count)\r\n"))
      #expect(answers[2].output.hasSuffix("\r\n\r\n"))
    }

    @Test func whatDoesNotProtectIsNotReady() throws {
      let live = try Live.attached()
      try live.ok(["detach", live.interface])
      let detached = try ask(live, ["GET /readyz HTTP/1.0\r\n\r\n"])[0].output
      #expect(detached.contains(" 503 ") && detached.contains("nothing is attached"))
      try live.ok(["unload", "--force"])
      let answers = try ask(
        live, ["GET /readyz HTTP/1.0\r\n\r\n", "GET /metrics HTTP/1.0\r\n\r\n"])
      #expect(answers[0].output.contains(" 503 "))
      #expect(answers[1].output.contains(" 200 ") && answers[1].output.contains("aegis_loaded 0"))
    }
  }
}
