import BPF
import CAegis
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// What others do while a measurement goes on.
  @Suite struct LatencyMeanwhileTests {
    /// Of a measurement that ends because there is nothing left to measure.
    private func ended(_ measurement: Measurement, _ ending: String, _ said: String) throws {
      let outcome = try measurement.call.wait(timeout: 20)
      #expect(outcome.status == 0, "\(outcome)")
      let json = try outcome.json
      #expect(json["interfaces"][0]["ending"].string == ending, "\(json)")
      #expect(outcome.error.hasPrefix("note: ") && outcome.error.contains(said), "\(outcome.error)")
      #expect((json["seconds"].double ?? 99) < 20)
      #expect(LatencyCase.sum(json["total"]) == LatencyCase.packets(json["total"]))
    }

    @Test("other commands work, and only a second measurement is refused")
    func othersWork() throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live)
      let said = try live.fails(75, ["latency", "--for", "100ms"])
      #expect(said.contains("another aegisctl is measuring the latency"))
      for command in [
        ["drop-ip", live.peer], ["status"], ["stats"], ["dump", "links"], ["load"],
        ["attach", live.interface], ["set-rate", "1M/s"], ["doctor", live.interface],
      ] {
        #expect(try live.run(command).status <= 1, "\(command)")
        #expect(try measurement.isTimed, "\(command)")
      }
      #expect(try !live.arrives())
      for command in [["repair"], ["repair", "--dry-run"]] {
        #expect(try live.ok(command)["changed"].bool == false)
      }
      #expect(try measurement.isTimed)
      try live.ok(["drop-ip", "--remove", live.peer])
      #expect(LatencyCase.packets(try measurement.end()["total"]) > 0)
      try Measurement.isOver(live)
    }

    @Test("a replacement and a rollback are not undone")
    func replaced() throws {
      let live = try LatencyCase.prepared()
      var programs: Set<UInt32> = []
      for command in [["--replace", "--max-drops", "2000"], ["--rollback"]] {
        let measurement = try Measurement(live)
        try live.sandbox.send(port: 7001, count: 20)
        try live.ok(["load"] + command)
        #expect(try !measurement.isTimed)
        try ended(measurement, "replaced", "was replaced")
        programs.insert(try Measurement.inForce(live))
        try Measurement.isOver(live)
      }
      #expect(programs.count == 2)
    }

    @Test("the program stops by itself while somebody keeps the session")
    func kept() throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live, for: "2s")
      do {
        let lock = try FileSystem.lock(live.aegis.root, timeout: .seconds(10))
        let timed = try Measurement.running(live)
        Thread.sleep(forTimeInterval: 4)
        let stopped = try Measurement.measured(by: timed)
        #expect(try live.arrives())
        #expect(try Measurement.measured(by: timed) == stopped)
        _ = consume lock
      }
      try ended(measurement, "deadline", "until the measuring program reached its time limit")
      try Measurement.isOver(live)
    }

    @Test func detached() throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live)
      try live.ok(["detach", live.interface])
      try ended(measurement, "detached", "was detached")
      #expect(try live.arrives(from: LatencyCase.dropped))
      try live.ok(["attach", live.interface])
      try Measurement.isOver(live)
    }

    @Test func unloaded() throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live)
      try live.ok(["unload", "--force"])
      #expect(!FileManager.default.fileExists(atPath: live.aegis.root))
      try ended(measurement, "detached", "was detached")
      #expect(!FileManager.default.fileExists(atPath: live.aegis.root))
    }

    @Test("an interface that goes is measured until then")
    func gone() throws {
      let live = try LatencyCase.prepared()
      try live.ok(["attach", "lo"])
      let measurement = try Measurement(live)
      try live.sandbox.send(port: 7001, count: 20)
      let before = try live.stats().packets
      try live.sandbox.ip(in: .host, ["link del \(live.interface)"])
      measurement.call.signal(SIGINT)
      let outcome = try measurement.call.wait()
      let json = try outcome.json
      #expect(outcome.status == 0 && outcome.error.contains("\(live.interface) disappeared"))
      let interfaces = json["interfaces"]
      #expect(interfaces.first("name", live.interface)["ending"].string == "gone")
      #expect(interfaces.first("name", "lo")["ending"].string == "completed")
      #expect(LatencyCase.packets(json["total"]) >= 20 && before >= 20)
      #expect(try live.ok(["repair"])["counts"]["waiting"].int == 1)
    }

    @Test("a lost pin of the program is found again while another runs in its place")
    func pinsAreRepaired() throws {
      let live = try LatencyCase.prepared()
      let measurement = try Measurement(live)
      let program = try Measurement.inForce(live)
      try FileSystem.remove(live.aegis.root + "/current/" + AEGIS_PROGRAM)
      let repaired = try live.ok(["repair"])
      #expect(repaired["items"].first("name", "current/aegis")["action"].string == "adopted")
      #expect(try Measurement.inForce(live) == program)
      #expect(try measurement.isTimed)
      _ = try measurement.end()
      try Measurement.isOver(live)
    }

    @Test("what was of another build could judge otherwise: it is not measured")
    func otherBuild() throws {
      let live = try LatencyCase.prepared()
      let path = live.aegis.root + "/current/" + AEGIS_MAP_meta.name
      let map = try BPFMap<UInt32, aegis_meta>(pinnedAt: path)
      var meta = try #require(try map.value(forKey: 0))
      meta.object ^= 1
      try map.update(meta, forKey: 0)
      let said = try live.fails(78, ["latency"])
      #expect(said.contains("of another build") && said.contains("load --replace"))
      try Measurement.isOver(live)
      // A rollback knows what it returns to.
      try live.ok(["load", "--replace", "--max-drops", "2000"])
      try live.ok(["latency", "--for", "100ms"])
      try live.ok(["load", "--rollback"])
      try live.fails(78, ["latency"])
      // The very same instructions are the same build, however they came.
      #expect(try live.ok(["load", "--replace"])["changed"].bool == false)
      try live.ok(["latency", "--for", "100ms"])
      try Measurement.isOver(live)
    }
  }
}
