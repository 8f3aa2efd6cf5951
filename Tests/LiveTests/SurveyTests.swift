import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What sources really send, and a rate that would leave them alone.
  @Suite struct SurveyTests {
    @Test("counts what each source sends while it is asked, and nothing before or after")
    func survey() throws {
      let live = try Live.attached()
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 50)
      let command = live.aegis.command(
        ["stats", "--suggest-rate", "--interval", "1s", "-o", "json"],
        namespace: live.sandbox.host.namespace)
      let running = try command.start()
      Thread.sleep(forTimeInterval: 0.4)
      for last in 1...20 { try live.sandbox.send(from: "192.0.2.\(last)", port: 7001, count: 5) }
      try live.sandbox.send(from: "192.0.2.99", port: 7001, count: 2000)
      let outcome = try running.wait()
      try #require(outcome.status == 0, "\(outcome.error)")
      let found = try outcome.json
      #expect(found["sources"].int == 21)
      #expect(found["packets"].int == 2100)
      #expect(found["packetsNotSurveyed"].int == 0)
      let strict = found["proposals"][0]
      #expect(strict["rate"].string == "10/s")
      #expect(strict["burst"].int == 10)
      // One of 21, and 1980 of its 2000 packets.
      #expect(strict["sourcesTouched"].double.map { abs($0 - 1 / 21) < 0.001 } == true)
      #expect(strict["packetsTouched"].double.map { abs($0 - 1980 / 2100) < 0.01 } == true)
      let lax = found["proposals"][3]
      #expect(lax["packetsTouched"].double == 0)

      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 5)
      let map = live.aegis.root + "/current/survey"
      let left = try live.sandbox.run(in: .host, ["bpftool", "-j", "map", "dump", "pinned", map])
      #expect(try left.json.array.isEmpty)
    }

    @Test("a survey whose caller is killed ends by itself")
    func killed() throws {
      let live = try Live.attached()
      let command = live.aegis.command(
        ["stats", "--suggest-rate", "--interval", "1s"], namespace: live.sandbox.host.namespace)
      let running = try command.start()
      Thread.sleep(forTimeInterval: 0.3)
      running.signal(SIGKILL)
      _ = try running.wait()
      Thread.sleep(forTimeInterval: 0.8)
      try live.sandbox.send(from: "192.0.2.1", port: 7001, count: 5)
      let map = live.aegis.root + "/current/survey"
      let noted = try live.sandbox.run(in: .host, ["bpftool", "-j", "map", "dump", "pinned", map])
      #expect(try noted.json.array.count == 1, "but for those missed")
      #expect(try live.ok(["stats", "--suggest-rate", "--interval", "100ms"])["sources"].int == 0)
    }
  }
}
