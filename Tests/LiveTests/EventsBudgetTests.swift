import Foundation
import TestSupport
import Testing

extension Kernel {
  /// More packets than are told.
  @Suite struct EventsBudgetTests {
    @Test("of a burst as much is told as the budget has, and all of it is counted")
    func budget() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.0/24"])
      let start = ContinuousClock.now
      let reading = try EventReading(live, ["--rate", "100", "--drops"])
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 20_000)
      let events = try reading.end()
      let seconds = start.duration(to: .now) / .seconds(1)
      #expect(events["matched"] == 20_000 && events.isAccountedFor)
      #expect(Double(events["told"]) <= 100 * seconds + 10)
      #expect(events["told"] >= 10)
      #expect(events.all.count == events["told"] && events["events"] == events["told"])
      #expect(events["lost"] == 0)
      #expect(events.error.contains(" held back by --rate 100"))
    }

    @Test("a small budget has no burst that is larger than what it has in a second")
    func smallBudget() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.0/24"])
      let start = ContinuousClock.now
      let reading = try EventReading(live, ["--rate", "2", "--drops"])
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 1000)
      let events = try reading.end()
      let seconds = start.duration(to: .now) / .seconds(1)
      #expect(events["matched"] == 1000 && events.isAccountedFor)
      #expect(events["told"] >= 2 && Double(events["told"]) <= 2 * seconds + 2)
    }

    @Test("a sample is told by chance, and the rest of it counted")
    func sample() throws {
      let live = try Live.attached()
      let options = ["--rate", "1000000", "--sample", "10", "--source", "192.0.2.0/24"]
      let reading = try EventReading(live, options)
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 5000)
      let events = try reading.end()
      #expect(events["matched"] == 5000 && events.isAccountedFor)
      #expect(events["heldBackByRate"] == 0 && events["lost"] == 0)
      // 500 are due, and gaps of up to 18 deviate by 13.
      #expect((400...600).contains(events["told"]))
      #expect(events.all.count == events["told"])
      #expect(events.error.contains(" passed over by --sample 10"))
    }

    @Test("what a reader is too slow for is lost, counted and said, also when it is quiet")
    func lost() throws {
      for (format, quiet) in [("json", []), ("table", ["-q"])] {
        let live = try Live.attached()
        let options = ["--rate", "1000000", "--source", "192.0.2.0/24"] + quiet
        let reading = try EventReading(live, options, format: format)
        reading.signal(SIGSTOP)
        try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 20_000)
        reading.signal(SIGCONT)
        Thread.sleep(forTimeInterval: 0.15)
        reading.signal(SIGINT)
        let outcome = try reading.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.error.contains(" lost, for they came faster than they were read"))
        guard quiet.isEmpty else { continue }
        let events = try Events(outcome)
        #expect(events.isAccountedFor)
        #expect(events["lost"] > 0 && events.all.count == events["told"])
        // On a machine that is as slow as that it was stopped for too long.
        #expect(events["matched"] == 20_000 || events["secondsMissed"] > 0)
      }
    }

    @Test("output that nobody takes for a while delays events, and loses none")
    func slowOutput() throws {
      let live = try Live.attached()
      let tool = live.aegis.command(
        ["events", "-o", "json", "--rate", "1000000", "--source", "192.0.2.0/24", "--count", "500"])
      let pipe = try Command(
        ["sh", "-c", "\"$@\" | { sleep 3; cat; }", "sh"] + tool.arguments,
        environment: tool.environment, namespace: live.sandbox.host.namespace
      ).start()
      try live.wait(untilEventsAreRead: true)
      // More than a pipe takes.
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 450)
      Thread.sleep(forTimeInterval: 2.4)
      #expect(try live.eventsAreRead)
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 50)
      let events = try Events(pipe.wait(timeout: 30))
      #expect(events.all.count == 500)
      #expect(events["matched"] == 500 && events["secondsMissed"] == 0)
    }
  }
}
