import Foundation
import TestSupport
import Testing

extension Kernel {
  /// The server of `metrics --listen`.
  struct MetricsListenTests {
    /// Ends with its last reference.
    private final class Server: Sendable {
      let live: Live
      let process: RunningCommand

      init(_ live: Live, at endpoint: String = "127.0.0.1:9987", _ options: [String] = []) throws {
        self.live = live
        let words = ["metrics", "--listen", endpoint] + options
        process = try live.aegis.command(words, namespace: live.sandbox.host.namespace).start()
      }

      deinit {
        process.signal(SIGKILL)
        _ = try? process.wait()
      }

      func crowd(_ kind: String, host: String = "127.0.0.1") throws -> (fine: Int, worst: Double) {
        let script = URL(filePath: #filePath).deletingLastPathComponent().path
        let outcome = try Command(
          ["python3", script + "/Fixtures/crowd.py", kind, host, "9987"],
          namespace: live.sandbox.host.namespace
        ).run(timeout: 120)
        let words = outcome.output.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let fine = Int(words[0]), let worst = Double(words[1]) else {
          throw SupportError("\(kind): \(outcome)")
        }
        return (fine, worst)
      }

      /// Status and body, once it listens.
      func get(_ path: String, host: String = "127.0.0.1") throws -> (status: Int, body: String) {
        let words = ["curl", "-sS", "--noproxy", "*", "-w", "\n%{http_code}"]
        let command = Command(
          words + ["http://\(host):9987\(path)"], namespace: live.sandbox.host.namespace)
        let end = Date(timeIntervalSinceNow: 5)
        var outcome = try command.run()
        while outcome.status == 7, Date() < end {
          Thread.sleep(forTimeInterval: 0.05)
          outcome = try command.run()
        }
        var lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        let status = lines.popLast().flatMap { Int($0) } ?? 0
        return (status, lines.joined(separator: "\n"))
      }

      /// Waits until a path has a status and a text, for longer than answers are reused.
      func waits(for status: Int, _ text: String, at path: String) throws -> Bool {
        let end = Date(timeIntervalSinceNow: 5)
        while Date() < end {
          let answer = try get(path)
          if answer.status == status, answer.body.contains(text) { return true }
          Thread.sleep(forTimeInterval: 0.2)
        }
        return false
      }

      var descriptors: Int {
        get throws {
          try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.pid)/fd").count
        }
      }

      /// In KiB.
      var memory: Int {
        get throws {
          let status = try String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
          let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
          return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
        }
      }
    }

    @Test(
      "Others are served in time while clients are slow, silent, deaf or say too much",
      arguments: [
        "slow", "silent", "again", "deaf", "oversized", "pipelined", "reset",
      ])
    func othersAreServed(_ kind: String) throws {
      let server = try Server(try Live.attached())
      let result = try server.crowd(kind)
      #expect(result.fine == 10 && result.worst < 2, "\(result)")
      #expect(try server.descriptors < 160)
    }

    @Test("200 at once are all answered")
    func manyAtOnce() throws {
      let server = try Server(try Live.attached())
      let result = try server.crowd("at-once")
      #expect(result.fine == 200 && result.worst < 5, "\(result)")
    }

    @Test("A thousand connections leave no descriptor and no memory behind")
    func nothingGrows() throws {
      let server = try Server(try Live.attached())
      _ = try server.crowd("one-by-one")
      let before = try (server.descriptors, server.memory)
      let result = try server.crowd("one-by-one")
      #expect(result.fine == 1000, "\(result)")
      _ = try server.crowd("reset")
      _ = try server.crowd("one-by-one")
      let end = Date(timeIntervalSinceNow: 10)
      while try server.descriptors > before.0, Date() < end { Thread.sleep(forTimeInterval: 0.1) }
      let after = try (server.descriptors, server.memory)
      #expect(after.0 == before.0)
      #expect(after.1 < before.1 + 8192, "\(before) \(after)")
    }

    @Test("What is loaded, replaced or unloaded meanwhile is reported")
    func datapathsComeAndGo() throws {
      let live = Live(try Sandbox())
      let server = try Server(live)
      #expect(try server.waits(for: 200, "aegis_loaded 0", at: "/metrics"))
      #expect(try server.get("/readyz").status == 503)
      try live.ok(["load"])
      try live.ok(["attach", live.interface])
      #expect(try server.waits(for: 200, "aegis_loaded 1", at: "/metrics"))
      #expect(try server.waits(for: 200, "ready", at: "/readyz"))
      try live.ok(["load", "--replace"])
      try live.ok(["drop-ip", "203.0.113.1"])
      #expect(
        try server.waits(for: 200, "aegis_entries{list=\"drops_ipv4\"} 1", at: "/metrics"))
      let text = try server.get("/metrics").body
      let checked = try Command(["promtool", "check", "metrics"]).run(input: text + "\n")
      #expect(checked.status == 0 && checked.output + checked.error == "", "\(checked)")
      try live.ok(["unload", "--force"])
      #expect(try server.waits(for: 200, "aegis_loaded 0", at: "/metrics"))
      #expect(try server.waits(for: 503, "nothing is loaded", at: "/ready"))
      #expect(try server.get("/healthz").status == 200)
      #expect(try server.get("/secret").status == 404)
    }

    @Test(
      "SIGTERM and SIGINT end it at once, and the datapath stays", arguments: [SIGTERM, SIGINT])
    func aSignalEndsIt(_ signal: Int32) throws {
      let server = try Server(try Live.attached())
      #expect(try server.get("/health").status == 200)
      server.process.signal(signal)
      let outcome = try server.process.wait(timeout: 1)
      #expect(outcome.status == 0)
      #expect(outcome.error == "listening on 127.0.0.1:9987\n")
      #expect(try server.live.ok(["status"])["interfaces"].array.isEmpty == false)
    }

    @Test("SIGTERM ends it as process 1 of a container")
    func aSignalEndsProcess1() throws {
      let live = Live(try Sandbox())
      let tool = live.aegis.command(["metrics", "--listen", "0"])
      let container = try Command(
        ["unshare", "--pid", "--fork", "--"] + tool.arguments, environment: tool.environment,
        namespace: live.sandbox.host.namespace
      ).start()
      defer { container.signal(SIGKILL) }
      Thread.sleep(forTimeInterval: 1)
      let children = "/proc/\(container.pid)/task/\(container.pid)/children"
      let child = try String(contentsOfFile: children, encoding: .utf8).filter(\.isNumber)
      kill(try #require(Int32(child)), SIGTERM)
      let outcome = try container.wait(timeout: 1)
      #expect(outcome.status == 0)
      #expect(outcome.error.wholeMatch(of: /listening on :[1-9][0-9]*\n/) != nil, "\(outcome)")
    }

    @Test("All addresses are those of both families", arguments: [":9987", "9987", "[::]:9987"])
    func everyAddress(_ endpoint: String) throws {
      let server = try Server(Live(try Sandbox()), at: endpoint)
      let end = server.live.sandbox.host
      for host in ["127.0.0.1", "[::1]", end.v4, "[\(end.v6)]"] {
        #expect(try server.get("/health", host: host).status == 200, "\(host)")
      }
    }

    @Test("One address of IPv6")
    func oneAddress() throws {
      let server = try Server(Live(try Sandbox()), at: "[::1]:9987")
      #expect(try server.get("/health", host: "[::1]").status == 200)
    }

    @Test("An address in use is refused, and free again once its process has ended")
    func addressInUse() throws {
      let live = Live(try Sandbox())
      var server: Server? = try Server(live)
      #expect(try server?.get("/health").status == 200)
      let error = try live.fails(71, ["metrics", "--listen", "127.0.0.1:9987"])
      #expect(
        error == "aegisctl: cannot listen on 127.0.0.1:9987: Address already in use\n", "\(error)")
      server = nil
      #expect(try Server(live).get("/health").status == 200)
    }

    @Test("It outlives a lack of descriptors, and does not spin")
    func fewDescriptors() throws {
      let live = try Live.attached()
      let server = try Server(live, at: "127.0.0.1:9987", ["--timeout", "1s"])
      #expect(try server.get("/health").status == 200)
      let limit = try server.descriptors + 3
      try Command(["prlimit", "--pid", "\(server.process.pid)", "--nofile=\(limit):"]).succeed()
      let before = try processorTicks(of: server)
      _ = try server.crowd("silent")
      #expect(try processorTicks(of: server) - before < 200)
      try Command(["prlimit", "--pid", "\(server.process.pid)", "--nofile=1024:"]).succeed()
      #expect(try server.waits(for: 200, "aegis_loaded 1", at: "/metrics"))
    }

    /// Hundredths of a second.
    private func processorTicks(of server: Server) throws -> Int {
      let text = try String(contentsOfFile: "/proc/\(server.process.pid)/stat", encoding: .utf8)
      let words = text.split(separator: " ")
      return (Int(words[13]) ?? 0) + (Int(words[14]) ?? 0)
    }
  }
}
