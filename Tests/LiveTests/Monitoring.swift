import Foundation
import Synchronization
import TestSupport

/// Prometheus and what it scrapes, all on the loopback of the host's namespace and gone with the last reference: the
/// endpoint of `contrib/systemd`, a process for each connection, and node_exporter with the textfile that is written
/// there.
final class Monitoring: Sendable {
  private static let nodeExporter = "127.0.0.1:9100"
  private static let prometheus = "127.0.0.1:9090"

  private let live: Live
  private let directory = NSTemporaryDirectory() + "aegis-test-\(RandomName.hex(8))"
  private let servers = Mutex<[RunningCommand]>([])

  init(_ live: Live) throws {
    self.live = live
    try FileManager.default.createDirectory(
      atPath: textfiles, withIntermediateDirectories: true)
    let endpoint = try Unit("aegis-metrics.socket").value("ListenStream")
    try Data(Self.configuration(endpoint).utf8).write(to: URL(filePath: directory + "/config"))
    let activator = try live.activator(at: endpoint, try Unit("aegis-metrics@.service").arguments)
    servers.withLock { $0 = [activator] }
    try start([
      "prometheus-node-exporter", "--web.listen-address=\(Self.nodeExporter)",
      "--collector.disable-defaults", "--collector.textfile",
      "--collector.textfile.directory=\(textfiles)",
    ])
    try start([
      "prometheus", "--web.listen-address=\(Self.prometheus)",
      "--config.file=\(directory)/config", "--storage.tsdb.path=\(directory)/data",
    ])
  }

  deinit {
    _ = stop()
    try? FileManager.default.removeItem(atPath: directory)
  }

  private var textfiles: String { directory + "/textfiles" }

  private static func configuration(_ endpoint: String) -> String {
    """
    global: {scrape_interval: 1s, scrape_timeout: 1s}
    scrape_configs:
    - {job_name: textfile, static_configs: [{targets: ["\(nodeExporter)"]}]}
    - {job_name: socket, static_configs: [{targets: ["\(endpoint)"]}]}

    """
  }

  private func start(_ words: [String]) throws {
    let server = try Command(words, namespace: live.sandbox.host.namespace).start()
    servers.withLock { $0.append(server) }
  }

  /// Ends all of it.
  ///
  /// - Returns: The end of what they complained of.
  func stop() -> String {
    servers.withLock { servers in
      defer { servers = [] }
      for server in servers { server.signal(SIGKILL) }
      return servers.map { "\((try? $0.wait())?.error.suffix(2000) ?? "")" }.joined(separator: "\n")
    }
  }

  /// Does what the timer would have done.
  func writeTextfile() throws {
    let arguments = try Unit("aegis-textfile.service").arguments.dropLast()
    let outcome = try live.run(arguments + [textfiles + "/aegis.prom"])
    guard outcome.status == 0 else { throw SupportError("textfile: \(outcome)") }
  }

  /// What Prometheus answers to a question about now, by the job and the reason of each series; waits half a minute
  /// for what is wanted.
  func answer(to query: String, wanted: [String: Double]) throws -> [String: Double] {
    let limit = Date(timeIntervalSinceNow: 30)
    while true {
      let answer = try answer(to: query)
      if answer == wanted || Date() > limit { return answer }
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  private func answer(to query: String) throws -> [String: Double] {
    let words = ["promtool", "query", "instant", "-o", "json", "http://\(Self.prometheus)", query]
    let outcome = try Command(words, namespace: live.sandbox.host.namespace).run()
    // It does not listen yet.
    guard outcome.status == 0 else { return [:] }
    return try outcome.json.array.reduce(into: [:]) { answer, series in
      let labels = ["job", "reason"].compactMap { series["metric"][$0].string }
      answer[labels.joined(separator: " ")] = series["value"][1].string.flatMap { Double($0) }
    }
  }
}

extension Live {
  /// Listens in the host's namespace and runs the tool on each connection, as a systemd socket with Accept=yes does.
  func activator(at endpoint: String, _ arguments: [String]) throws -> RunningCommand {
    let tool = aegis.command(arguments)
    let activation = ["--accept", "--inetd", "-E", "AEGIS_PIN_ROOT", "-l", endpoint]
    return try Command(
      ["systemd-socket-activate"] + activation + tool.arguments, environment: tool.environment,
      namespace: sandbox.host.namespace
    ).start()
  }
}

/// A unit file of `contrib/systemd`.
private struct Unit {
  private let lines: [Substring]

  init(_ name: String) throws {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().path
    lines = try String(
      contentsOfFile: directory + "/../../contrib/systemd/" + name, encoding: .utf8
    ).split(separator: "\n")
  }

  func value(_ name: String) throws -> String {
    guard let line = lines.first(where: { $0.hasPrefix(name + "=") }) else {
      throw SupportError("no \(name)")
    }
    return String(line.dropFirst(name.count + 1))
  }

  /// Of the tool that it runs.
  var arguments: [String] {
    get throws { try value("ExecStart").split(separator: " ").dropFirst().map(String.init) }
  }
}
