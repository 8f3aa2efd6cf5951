import CAegis
import Foundation
import Glibc
import TestSupport
import Testing

extension Kernel {
  /// How a measurement ends that does not just run its time.
  @Suite struct LatencyEndingTests {
    @Test("SIGINT prints what there is; other signals kill, once links run the usual program again")
    func signals() throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live)
      try live.sandbox.send(port: 7001, count: 100)
      let start = Date()
      #expect(LatencyCase.packets(try measurement.end()["total"]) >= 100)
      #expect(Date().timeIntervalSince(start) < 20)
      try Measurement.isOver(live)
      for signal in [SIGTERM, SIGHUP, SIGQUIT] {
        let measurement = try Measurement(live)
        measurement.call.signal(signal)
        let outcome = try measurement.call.wait()
        #expect(outcome.status == signal && outcome.output == "", "\(outcome)")
        try Measurement.isOver(live)
      }
    }

    @Test("killed, the program stops by itself, and the next call that changes something restores")
    func killed() throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live, for: "2s")
      measurement.call.signal(SIGKILL)
      _ = try measurement.call.wait()
      let timed = try Measurement.running(live)
      try live.sandbox.send(port: 7001, count: 50)
      #expect(try Measurement.measured(by: timed) >= 50)
      // Who only looks changes nothing.
      let before = try live.stats()
      #expect(try live.ok(["status"])["measurement"].string == "left")
      let dry = try live.run(["repair", "--dry-run", "-o", "json"])
      #expect(dry.status == 1)
      #expect(try dry.json["items"].first("name", "measuring")["action"].string == "finished")
      #expect(try dry.json["counts"]["restored"].int ?? 0 == 0, "\(dry)")
      #expect(try Measurement.running(live) == timed)

      Thread.sleep(forTimeInterval: 3.5)
      let stopped = try Measurement.measured(by: timed)
      try live.sandbox.send(port: 7001, count: 50)
      try LatencyCase.wait { try live.stats().packets >= before.packets + 50 }
      #expect(try Measurement.measured(by: timed) == stopped)
      #expect(try !live.arrives(from: LatencyCase.dropped))
      try live.ok(["drop-ip", "192.0.2.77"])
      try Measurement.isOver(live)
      #expect(try live.ok(["status"])["measurement"].isNull)
    }

    @Test(
      "killed, each call that changes something puts the program back at once",
      arguments: [
        ["drop-ip", "192.0.2.77"], ["set-rate", "1M/s"], ["repair"], ["load", "--replace"],
        ["load", "--replace", "--max-drops", "2000"], ["latency", "--for", "100ms"],
        ["stats", "--suggest-rate", "--interval", "100ms"],
      ])
    func restored(by command: [String]) throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live)
      measurement.call.signal(SIGKILL)
      _ = try measurement.call.wait()
      #expect(try measurement.isTimed)
      let outcome = try live.run(command)
      #expect(outcome.status == 0, "\(outcome)")
      try Measurement.isOver(live)
      #expect(try live.ok(["repair"])["changed"].bool == false)
    }

    @Test("a killed one is unloaded and detached like any other")
    func killedAndUnloaded() throws {
      let live = try LatencyCase.prepared()
      for commands in [
        [["detach", live.interface], ["unload"]], [["unload", "--force"]],
      ] {
        let measurement = try Measurement(live)
        measurement.call.signal(SIGKILL)
        _ = try measurement.call.wait()
        for command in commands { try live.ok(command) }
        #expect(!FileManager.default.fileExists(atPath: live.aegis.root))
        try live.ok(["load"])
        try live.ok(["attach", live.interface])
      }
    }

    @Test(
      "one that was stopped beyond its deadline finds the program put back, and says so",
      arguments: [("returned", false), ("replaced", true)])
    func stopped(_ ending: String, isMeasuredAgain: Bool) throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live, for: "2s")
      measurement.call.signal(SIGSTOP)
      // Before its deadline nobody takes it away.
      try live.ok(["drop-ip", "192.0.2.77"])
      Thread.sleep(forTimeInterval: 3.5)
      #expect(try measurement.isTimed)
      try live.ok(["drop-ip", "192.0.2.78"])
      try Measurement.isOver(live)
      // Another may measure now, and the first one leaves its mark alone.
      let second = isMeasuredAgain ? try Measurement(live) : nil
      measurement.call.signal(SIGCONT)
      let outcome = try measurement.call.wait()
      #expect(outcome.status == 0)
      #expect(try outcome.json["interfaces"][0]["ending"].string == ending)
      #expect(try outcome.json["total"]["counted"].isNull)
      #expect(outcome.error.contains("measured until then"))
      if let second {
        #expect(try second.isTimed)
        #expect(try live.names().contains("measuring"))
        _ = try second.end()
      }
      try Measurement.isOver(live)
    }

    @Test("killed on entering each of its system calls: packets are judged, the next call restores")
    func killedAtEveryStep() throws {
      let live = try LatencyCase.prepared()
      let command = live.aegis.command(
        ["latency", "--for", "100ms"], namespace: live.sandbox.host.namespace)
      try #require(Strace.isPresent, "needs strace, to kill at a system call")
      let calls = try Strace.record(command, from: live.aegis.root).filter(\.changesSomething)
      try Measurement.isOver(live)
      #expect(calls.contains { $0.name == "mkdir" })
      var sample = Sample()
      // Those about the marks and links, and some of the others.
      let own = calls.filter { $0.name != "bpf" || $0.text.contains("LINK_UPDATE") }
      for call in sample.of(own, 8) + sample.of(calls, 4) {
        let comment: Comment = "killed at \(call), seed \(sample.seed)"
        let outcome = try Strace.run(command, "signal=SIGKILL", at: call)
        try #require([0, 9, 128 + 9].contains(outcome.status), "\(comment): \(outcome)")
        #expect(try live.arrives() && !live.arrives(from: LatencyCase.dropped), comment)
        try live.ok(["set-rate", "1M/s"])
        try Measurement.isOver(live)
      }
      #expect(try live.ok(["repair"])["changed"].bool == false)
    }

    @Test("each system call fails in turn: measured, or said what went wrong, and restored")
    func refusedAtEveryStep() throws {
      let live = try LatencyCase.prepared()
      let command = live.aegis.command(
        ["latency", "--for", "100ms"], namespace: live.sandbox.host.namespace)
      try #require(Strace.isPresent, "needs strace, to make a system call fail")
      let calls = try Strace.record(command, from: live.aegis.root).filter(\.changesSomething)
      var sample = Sample()
      for call in sample.of(calls, 12) {
        let error = ["ENOMEM", "EPERM", "EBUSY", "ENOSPC", "EINTR"][sample.number(below: 5)]
        let comment: Comment = "\(error) of \(call), seed \(sample.seed)"
        let outcome = try Strace.run(command, "error=\(error)", at: call)
        #expect([0, 1, 69, 71, 75, 77].contains(outcome.status), "\(comment): \(outcome)")
        if outcome.status != 0 {
          #expect(outcome.error.contains("aegisctl: "), "\(comment): \(outcome)")
        }
        try live.ok(["set-rate", "1M/s"])
        try Measurement.isOver(live)
      }
    }
  }
}
