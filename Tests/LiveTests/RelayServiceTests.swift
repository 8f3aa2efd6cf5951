import Foundation
import TestSupport
import Testing

extension Kernel {
  /// A program that knows nothing of the relay asks a DNS server behind it, through the clients of `contrib`.
  struct RelayServiceTests {
    private static let perSecond = 1000
    private static let questions = 2000

    @Test(
      "every question and every answer goes through the relay", arguments: ["v4", "v6"],
      RelayShim.allCases)
    func answers(_ user: String, _ shim: RelayShim) throws {
      try TemporaryDirectory.with { directory in
        let live = try RelayLive()
        let (left, right) = (live.network.left, live.network.right)
        let server = try DNSServer(
          in: right.namespace, at: user == "v4" ? right.v4 : right.v6,
          port: RelayLive.destinationPort)
        defer { server.stop() }
        let token = try directory.file(
          "token",
          try live.aegis.run(
            ["relay-token", user, "-o", "json"], namespace: live.network.router
          ).output.utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token)
        let local: UInt16 = 4000
        let client = try Command(
          try shim.command(in: directory) + ["--token", token, "--local", "127.0.0.1:\(local)"],
          namespace: left.namespace
        ).start()
        defer { client.signal(SIGKILL) }

        let report = try DNSServer.ask(
          Self.questions, perSecond: Self.perSecond, in: left.namespace, port: local, directory)
        let all = "\(Self.questions) (100.00%)"
        #expect(report["Queries sent"] == "\(Self.questions)", "\(report)")
        #expect(report["Queries completed"] == all, "\(report)")
        #expect(report["Queries lost"] == "0 (0.00%)", "\(report)")
        #expect(report["Response codes"] == "NOERROR \(all)", "\(report)")
        // What comes back is longer than what was sent.
        let sizes = report["Average packet size"]?.split { !$0.isNumber }.compactMap { Int($0) }
        #expect(sizes?.last.map { $0 > DNSServer.answerBytes } == true, "\(report)")

        client.signal(SIGTERM)
        let outcome = try client.wait()
        let counts =
          "relay-client: \(Self.questions) sent, \(Self.questions) received, 0 too long, 0 failed"
        #expect(outcome.status == 0 && outcome.error.contains(counts), "\(outcome)")
        let items = try live.ok(["stats", "--by", "user"])["items"].array
        let item = try #require(items.first { $0["user"].string == user })
        #expect(item["packets"].int == Self.questions && item["packetsBack"].int == Self.questions)
      }
    }
  }
}

/// The two clients.
enum RelayShim: CaseIterable, Sendable {
  case c
  case python

  private static let sources = URL(fileURLWithPath: #filePath)
    .appending(path: "../../../contrib/relay-client").standardized.path

  /// What starts it, after it was built.
  func command(in directory: TemporaryDirectory) throws -> [String] {
    switch self {
    case .python: return ["python3", "-B", Self.sources + "/relay_client.py"]
    case .c:
      let program = directory.path + "/relay-client"
      try Command(["cc", "-std=c11", "-O2", "-o", program, Self.sources + "/relay-client.c"])
        .succeed()
      return [program]
    }
  }
}

/// A server of dnsmasq(8), and dnsperf(1), which asks it by UDP only.
struct DNSServer {
  private let server: RunningCommand

  /// Of the text in each answer.
  static let answerBytes = 200
  private static let name = "relay.test"

  init(in namespace: String, at address: String, port: UInt16) throws {
    let text = String(repeating: "x", count: Self.answerBytes)
    server = try Command(
      [
        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=root",
        "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=\(address)",
        "--port=\(port)", "--txt-record=\(Self.name),\(text)",
      ], namespace: namespace
    ).start()
    try Self.wait(for: "\(address.contains(":") ? "[\(address)]" : address):\(port)", in: namespace)
  }

  func stop() { server.signal(SIGKILL) }

  /// Waits until a UDP port is bound.
  static func wait(for place: String, in namespace: String) throws {
    for _ in 0..<100 {
      let bound = try Command(["ss", "-Hlun"], namespace: namespace).succeed()
      if bound.split(whereSeparator: \.isWhitespace).contains(Substring(place)) { return }
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw SupportError("nothing is bound to \(place)")
  }

  /// Asks at the loopback, and returns the lines `NAME: VALUE` of the report.
  static func ask(
    _ count: Int, perSecond rate: Int, in namespace: String, port: UInt16,
    _ directory: TemporaryDirectory
  ) throws -> [String: String] {
    try wait(for: "127.0.0.1:\(port)", in: namespace)
    let questions = try directory.file(
      "questions", String(repeating: "\(name) TXT\n", count: count).utf8)
    let report = try Command(
      [
        "dnsperf", "-m", "udp", "-s", "127.0.0.1", "-p", "\(port)", "-d", questions, "-n", "1",
        "-Q", "\(rate)",
      ], namespace: namespace
    ).succeed()
    let pairs = report.split(separator: "\n").compactMap { line -> (String, String)? in
      let (key, value) = (line.prefix { $0 != ":" }, line.drop { $0 != ":" }.dropFirst())
      let trimmed = { (text: Substring) in text.trimmingCharacters(in: .whitespaces) }
      return value.isEmpty ? nil : (trimmed(key), trimmed(value))
    }
    return Dictionary(pairs) { first, _ in first }
  }
}
