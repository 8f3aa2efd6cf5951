import Foundation
import TestSupport
import Testing

extension Kernel {
  @Suite struct WatchTests {
    /// A line of JSON for each look, the rates of which add up to what was sent.
    @Test func piped() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", live.peer])
      let words = ["stats", "-w", "--interval", "200ms", "--count", "5"]
      let command = live.aegis.command(words)
      let watch = try Command(
        command.arguments, environment: command.environment,
        namespace: live.sandbox.host.namespace
      ).start()
      Thread.sleep(forTimeInterval: 0.3)
      try live.sandbox.send(port: 7001, count: 500)
      let outcome = try watch.wait()
      #expect(outcome.status == 0, "\(outcome)")
      let looks = try outcome.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(looks.count == 5)
      #expect(looks.allSatisfy { $0["kind"].string == "Stats" && $0["time"].string != nil })
      let dropped = looks.map {
        Stats($0["items"].first("interface", live.interface))
      }
      #expect(dropped.last?["drop.host"] == 500)
      let rates = looks.compactMap {
        $0["total"]["reasons"].first("reason", "drop.host")["packetsPerSecond"].double
      }
      let sum = rates.reduce(0, +) * 0.2
      #expect((400...600).contains(sum), "\(rates)")
    }

    /// Runs the tool on a terminal, then signals it, and prints what it drew and how it ended.
    private static let terminal = """
      import fcntl, os, pty, signal, struct, sys, termios, time
      pid, terminal = pty.fork()
      if pid == 0:
          os.environ["TERM"] = "xterm"
          os.execv(sys.argv[1], sys.argv[1:])
      size = lambda rows: fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", rows, 40, 0, 0))
      size(12); time.sleep(1); size(3); time.sleep(0.5)
      os.write(terminal, b"\\x03")
      text = b""
      try:
          while data := os.read(terminal, 65536): text += data
      except OSError: pass
      os.write(1, text)
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """

    private func drawn(_ live: Live, _ environment: [String: String?]) throws -> Outcome {
      let command = live.aegis.command(
        ["stats", "--watch", "--interval", "30s"], environment: environment)
      return try Command(
        ["python3", "-c", Self.terminal] + command.arguments, environment: command.environment,
        namespace: live.sandbox.host.namespace
      ).run()
    }

    @Test func onATerminal() throws {
      let live = try Live.attached()
      let outcome = try drawn(live, ["NO_COLOR": nil])
      #expect(outcome.status == 0, "\(outcome)")
      let text = outcome.output
      #expect(text.hasPrefix("\u{1b}[?1049h\u{1b}[?25l"))
      let parts = text.components(separatedBy: "\u{1b}[?25h\u{1b}[?1049l")
      #expect(parts.count == 2)
      // What is seen last stays.
      #expect(parts.last?.contains("INTERFACE") == true)
      // Drawn at once and again for the other size, not only at the interval.
      #expect(parts[0].components(separatedBy: "\u{1b}[H").count >= 3, "\(text)")
      #expect(parts[0].contains("..."))
      #expect(text.contains("\u{1b}[1m"))
    }

    @Test func noColour() throws {
      let live = try Live.attached()
      let outcome = try drawn(live, ["NO_COLOR": "1"])
      #expect(outcome.status == 0)
      #expect(!outcome.output.contains("\u{1b}[1m") && outcome.output.contains("INTERFACE"))
    }

    @Test func interruptedInAPipe() throws {
      let live = try Live.attached()
      let command = live.aegis.command(["stats", "-w", "--interval", "30s"])
      for (signal, status) in [(SIGINT, Int32(0)), (SIGTERM, SIGTERM)] {
        let watch = try command.start()
        Thread.sleep(forTimeInterval: 0.5)
        watch.signal(signal)
        let outcome = try watch.wait(timeout: 10)
        #expect(outcome.status == status, "\(outcome)")
      }
    }

    @Test func conditions() throws {
      let live = try Live.attached()
      let check = { (words: [String]) in try live.run(["stats", "--interval", "300ms"] + words) }
      #expect(try check(["--fail-if", "drop > 5"]).status == 0)
      try live.ok(["drop-ip", live.peer])
      try live.sandbox.send(port: 7001, count: 10)
      let critical = try check(["--fail-if", "drop > 9"])
      #expect(critical.status == 2)
      #expect(critical.output == "AEGIS CRITICAL - drop 10 (> 9) | 'drop'=10c;;9;0\n")
      #expect(try check(["--fail-if", "drop > 10", "--warn-if", "drop.host >= 10"]).status == 1)
      // Nothing was dropped meanwhile.
      #expect(try check(["--fail-if", "drop > 0/s"]).status == 0)
      #expect(try live.run(["stats", "nosuch0", "--fail-if", "drop > 1"]).status == 3)
      try live.ok(["unload", "--force"])
      let unknown = try check(["--fail-if", "drop > 5"])
      #expect(unknown.status == 3 && unknown.output.hasPrefix("AEGIS UNKNOWN - nothing is loaded"))
    }

    @Test func theBusiestAndTheCPUs() throws {
      let live = try Live.attached()
      try live.limit(10)
      #expect(try !live.run(["stats", "--top"]).output.contains("busiest"))
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 5010)
      let stats = try live.ok(["stats", "--top", "1"])
      #expect(stats["top"]["sources"][0]["name"].string == "192.0.2.9")
      #expect(stats["top"]["rules"][0]["rule"].string == "all")
      #expect(stats["top"]["reasons"][0]["reason"].string == "drop.rate")
      #expect(stats["top"]["reasons"][0]["packets"].int == 5000)
      let item = stats["items"].first("interface", live.interface)
      let sum = item["cpus"].array.reduce(0) {
        $0 + ($1["passed"]["packets"].int ?? 0) + ($1["dropped"]["packets"].int ?? 0)
      }
      #expect(sum == Stats(item).packets && sum >= 5010)
      let wide = try live.run(["stats", "-o", "wide", "--top"]).output
      #expect(["by CPU\n", "busiest rules", "192.0.2.9"].allSatisfy { wide.contains($0) })
      let average =
        try live.ok(["stats", "--since-boot"])["total"]["reasons"]
        .first("reason", "drop.rate")["packetsPerSecond"].double ?? 0
      #expect(average > 0 && average < 5000)
    }
  }
}
