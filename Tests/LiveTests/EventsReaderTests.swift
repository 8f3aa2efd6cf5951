import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Readers that come and go, and what they read from.
  @Suite struct EventsReaderTests {
    private func notice(_ live: Live) throws {
      try live.sandbox.send(from: "192.0.2.99", port: 7001)
    }

    @Test("there is one reader at a time, of each instance")
    func second() throws {
      let live = try Live.attached()
      let first = try EventReading(live)
      let message = try live.fails(75, ["events", "--timeout", "200ms"])
      #expect(
        message.contains("another aegisctl has read the events of \(live.aegis.root)"))
      #expect(message.contains("\nhint: only one reader can run at a time"))
      // Nor is the file of the first one touched.
      try TemporaryDirectory.with { directory in
        let file = try directory.file("capture", Array("kept".utf8))
        try live.fails(75, ["events", "--timeout", "50ms", "--pcap", file])
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "kept")
      }
      // Who changes something does not wait for it.
      try live.ok(["drop-ip", "192.0.2.1", "--timeout", "1s"])
      _ = try first.end()
      #expect(try live.run(["events", "--for", "100ms", "--timeout", "200ms"]).status == 0)
    }

    @Test("who waits for packets that cannot come is told so")
    func nothingAttached() throws {
      let live = try Live.attached()
      let words = ["events", "--for", "50ms"]
      let note = "note: no interface is attached"
      #expect(try !live.run(words).error.contains(note))
      try live.ok(["detach", live.sandbox.host.interface])
      #expect(try live.run(words).error.hasPrefix(note))
      #expect(try live.run(words + ["-q"]).error == "")
    }

    @Test(
      "after one that was killed the datapath stops telling, and nobody sees what was told to it")
    func killed() throws {
      let live = try Live.attached()
      let first = try EventReading(live, ["--source", "192.0.2.1"])
      first.signal(SIGSTOP)
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 5)
      first.signal(SIGKILL)
      _ = try first.outcome()
      #expect(try live.eventsAreRead)
      let next = try Events(live.run(["events", "--for", "200ms", "-o", "json"]))
      #expect(next.all.isEmpty && next["matched"] == 0)

      let other = try EventReading(live, ["--source", "192.0.2.1"])
      other.signal(SIGKILL)
      _ = try other.outcome()
      Thread.sleep(forTimeInterval: 2.1)
      #expect(try live.eventsAreRead)
      // One that does not even match.
      try notice(live)
      #expect(try !live.eventsAreRead)
    }

    @Test("one that was stopped for long is told again, and says what it missed")
    func stopped() throws {
      let live = try Live.attached()
      let reading = try EventReading(live, ["--source", "192.0.2.0/24"])
      reading.signal(SIGSTOP)
      Thread.sleep(forTimeInterval: 2.5)
      try notice(live)
      #expect(try !live.eventsAreRead)
      reading.signal(SIGCONT)
      try live.wait(untilEventsAreRead: true)
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 2)
      let events = try reading.end()
      #expect(events.all.map { $0["source"].string } == ["192.0.2.1", "192.0.2.1"])
      #expect(events.summary["secondsMissed"].double.map { $0 > 0.3 } == true)
      #expect(events.error.contains("; nothing told for "))
    }

    @Test("ends as others do of a signal, or when nobody takes its output, and tells the datapath")
    func ends() throws {
      let live = try Live.attached()
      for signal in [SIGTERM, SIGHUP, SIGQUIT] {
        let reading = try EventReading(live)
        reading.signal(signal)
        #expect(try reading.outcome().status == signal)
        #expect(try !live.eventsAreRead)
      }
      // Before it has anything to print.
      let tool = live.aegis.command(["events", "-o", "json"])
      let pipe = try Command(
        ["bash", "-c", "\"$@\" | sleep 0.5; echo ${PIPESTATUS[0]}", "bash"] + tool.arguments,
        environment: tool.environment, namespace: live.sandbox.host.namespace
      ).start()
      try live.wait(untilEventsAreRead: true)
      #expect(try pipe.wait().output == "141\n")
      #expect(try !live.eventsAreRead)
    }

    @Test("a signal ends one whose FIFO nobody opens")
    func unopened() throws {
      let live = try Live.attached()
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/fifo"
        try #require(mkfifo(path, 0o600) == 0)
        let reading = try EventReading(live, ["--pcap", path])
        Thread.sleep(forTimeInterval: 0.1)
        reading.signal(SIGTERM)
        #expect(try reading.outcome().status == SIGTERM)
      }
    }

    @Test("a signal ends one whose capture nobody takes, though somebody could")
    func untaken() throws {
      let live = try Live.attached()
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/fifo"
        try #require(mkfifo(path, 0o600) == 0)
        let pipe = FileHandle(fileDescriptor: open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
        defer { try? pipe.close() }
        let reading = try EventReading(
          live, ["--pcap", path, "--rate", "1000000", "--source", "192.0.2.0/24"])
        var waiting: Int32 = 0
        // Several times what a pipe takes.
        try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 2000)
        for _ in 0..<500 where waiting < 50_000 {
          Thread.sleep(forTimeInterval: 0.02)
          try #require(ioctl(pipe.fileDescriptor, UInt(FIONREAD), &waiting) == 0)
        }
        #expect(waiting >= 50_000)
        reading.signal(SIGTERM)
        #expect(try reading.outcome().status == SIGTERM)
        #expect(try !live.eventsAreRead)
      }
    }

    @Test func unloadedMeanwhile() throws {
      let live = try Live.attached()
      let reading = try EventReading(live, ["--source", "192.0.2.1"])
      try live.sandbox.send(from: "192.0.2.1", port: 7001)
      try live.ok(["unload", "--force"])
      let outcome = try reading.outcome()
      #expect(outcome.status == 69)
      let events = try Events(outcome)
      #expect(events.all.count == 1)
      #expect(events.error.contains("1 event of 1 packet that matched"))
      #expect(events.error.contains("\"message\":\"nothing is loaded at \(live.aegis.root)\""))
      #expect(!FileManager.default.fileExists(atPath: live.aegis.root))
    }

    @Test func unloadedAndLoadedAgain() throws {
      let live = try Live.attached()
      let reading = try EventReading(live)
      reading.signal(SIGSTOP)
      try live.ok(["unload", "--force"])
      try live.ok(["load"])
      reading.signal(SIGCONT)
      let outcome = try reading.outcome()
      #expect(outcome.status == 69 && outcome.error.contains("was unloaded"))
      #expect(try !live.eventsAreRead)
    }

    @Test("one whose datapath is gone leaves alone who reads from the next")
    func successor() throws {
      let live = try Live.attached()
      let first = try EventReading(live)
      first.signal(SIGSTOP)
      try live.ok(["unload", "--force"])
      try live.ok(["load"])
      let second = try EventReading(live)
      first.signal(SIGCONT)
      #expect(try first.outcome().status == 69)
      #expect(try live.eventsAreRead)
      _ = try second.end()
    }

    @Test("goes on under another program, and ends there")
    func replacedMeanwhile() throws {
      let live = try Live.attached()
      let reading = try EventReading(live, ["--source", "192.0.2.0/24"])
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 2)
      try live.ok(["load", "--replace", "--max-drops", "1000"])
      try live.sandbox.send(from: "192.0.2.2", port: 7001, count: 3)
      try live.fails(75, ["events", "--timeout", "50ms"])
      try live.ok(["load", "--rollback"])
      try live.sandbox.send(from: "192.0.2.3", port: 7001, count: 4)
      #expect(try live.eventsAreRead)
      let events = try reading.end()
      let sources = events.all.compactMap { $0["source"].string }
      #expect(
        sources
          == [2, 3, 4].enumerated().flatMap { Array(repeating: "192.0.2.\($0 + 1)", count: $1) })
      #expect(events["matched"] == 9 && events.isAccountedFor)
      #expect(try !live.eventsAreRead)
    }
  }
}
