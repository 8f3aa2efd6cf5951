import Foundation
import Glibc
import TestSupport
import Testing

extension Kernel {
  /// What `latency` measures, and that packets do not notice it.
  @Suite struct LatencyTests {
    @Test("every packet of a flow within the measurement is in the histogram, once")
    func exact() throws {
      let live = try LatencyCase.prepared()
      let before = try live.stats()
      let measurement = try Measurement(live)
      try live.sandbox.send(port: 7001, count: 2000)
      try live.sandbox.send(from: LatencyCase.dropped, port: 7001, count: 1500)
      // Until the last is judged.
      try LatencyCase.wait { try live.stats()["drop.host"] - before["drop.host"] == 1500 }
      let found = try measurement.end()
      let after = try live.stats()
      let pass = found["items"].first("verdict", "pass")
      let drop = found["items"].first("verdict", "drop")
      #expect(LatencyCase.packets(pass) == after.passed - before.passed)
      #expect(LatencyCase.packets(pass) >= 2000)
      #expect(LatencyCase.packets(drop) == 1500)
      for item in [pass, drop, found["total"]] {
        let packets = LatencyCase.packets(item)
        #expect(LatencyCase.sum(item) == packets)
        #expect(item["counted"]["atLeast"].int == packets)
        #expect(item["counted"]["atMost"].int == packets)
        let times = item["nanoseconds"]
        let ordered = ["min", "p50", "p90", "p99", "p999", "p9999", "max"].map {
          times[$0].int ?? -1
        }
        #expect(ordered == ordered.sorted() && ordered[0] > 0, "\(times)")
        #expect(times["jitter"].int == ordered[6] - ordered[0])
      }
      #expect(LatencyCase.packets(found["total"]) == after.packets - before.packets)
      #expect((found["clock"]["p50"].int ?? 0) > 0)
      #expect(found["interfaces"][0]["name"].string == live.interface)
      #expect(found["interfaces"][0]["ending"].string == "completed")
      try Measurement.isOver(live)
      try keeps(live, found)
    }

    /// What it found is what Prometheus is told.
    private func keeps(_ live: Live, _ found: JSON) throws {
      let text = try live.run(["metrics"]).output
      for item in found["items"].array {
        let labels = "{verdict=\"\(item["verdict"].string ?? "")\"}"
        let line = "aegis_packet_processing_seconds_count\(labels) \(LatencyCase.packets(item))\n"
        #expect(text.contains(line))
      }
      let checked = try Command(["promtool", "check", "metrics"]).run(input: text)
      #expect(checked.status == 0 && checked.output + checked.error == "", "\(checked)")
      // Another adds to it.
      let measurement = try Measurement(live)
      try live.sandbox.send(port: 7001, count: 10)
      let more = LatencyCase.packets(try measurement.end()["items"].first("verdict", "pass"))
      let sum = more + LatencyCase.packets(found["items"].first("verdict", "pass"))
      let line = "aegis_packet_processing_seconds_count{verdict=\"pass\"} \(sum)\n"
      #expect(try live.run(["metrics"]).output.contains(line))
    }

    @Test("a flow across both swaps: no packet is lost, and none is judged otherwise")
    func acrossTheSwaps() throws {
      let live = try LatencyCase.prepared()
      try live.ok(["set-default", "deny"])
      try live.ok(["allow-key", "any:7000/udp"])
      try live.ok(["set-rate", "1M/s"])
      let before = try live.stats()
      let receiver = try live.sandbox.receiver(port: 7000)
      let flow = ReplaceTests.Flow(live.sandbox, dropped: LatencyCase.dropped, port: 7000)
      for _ in 0..<6 {
        let found = try live.ok(["latency", "--for", "300ms"])
        for verdict in ["pass", "drop"] {
          let item = found["items"].first("verdict", verdict)
          let packets = LatencyCase.packets(item)
          #expect(packets > 0 && LatencyCase.sum(item) == packets)
          #expect((item["counted"]["atLeast"].int ?? .max) <= packets, "\(item)")
          #expect((item["counted"]["atMost"].int ?? 0) >= packets, "\(item)")
        }
        #expect(try Measurement.running(live) == Measurement.inForce(live))
      }
      let sent = flow.stop()
      let arrived = receiver.take()
      #expect(sent > 200)
      #expect(arrived.count == sent)
      #expect(arrived.allSatisfy { $0.source == live.peer })
      let after = try live.stats()
      #expect(after["pass.key"] - before["pass.key"] == sent)
      #expect(after["drop.host"] - before["drop.host"] >= sent - 40)
    }

    @Test("in generic mode too, all interfaces or the named one")
    func genericMode() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      try live.ok(["attach", "lo"])
      try live.ok(["attach", live.interface, "--mode", "generic"])
      for (names, count) in [([], 2), (["lo"], 1), ([live.interface, "lo"], 2)] {
        let found = try live.ok(["latency", "--for", "100ms"] + names)
        #expect(found["interfaces"].array.count == count)
        #expect(found["interfaces"].array.allSatisfy { $0["mode"].string == "generic" })
      }
      let measurement = try Measurement(live)
      #expect(try live.arrives())
      let ping = try live.sandbox.run(in: .host, ["ping", "-c", "2", "-i", "0.1", "127.0.0.1"])
      #expect(ping.status == 0)
      let total = try measurement.end()["total"]
      #expect(LatencyCase.packets(total) >= 5)
      #expect(total["counted"]["atMost"].int == LatencyCase.packets(total))
    }

    @Test("a table, a picture that is a document, and a file that is replaced at once")
    func printed() throws {
      let live = try LatencyCase.prepared()
      try TemporaryDirectory.with { directory in
        let path = directory.path + "/latency.svg"
        let quiet = try live.run(["latency", "--for", "100ms", "--svg", path])
        #expect(quiet.status == 0 && quiet.output.contains("\npackets   none arrived\n"))
        let flow = ReplaceTests.Flow(live.sandbox, dropped: LatencyCase.dropped, port: 7000)
        let outcome = try live.run(["latency", "--for", "500ms", "--svg", path])
        _ = flow.stop()
        #expect(outcome.status == 0 && outcome.error == "", "\(outcome)")
        #expect(outcome.output.hasPrefix("VERDICT  PACKETS  "))
        #expect(outcome.output.contains("█"))
        let parse =
          "import sys, xml.etree.ElementTree as t; print(t.parse(sys.argv[1]).getroot().tag)"
        let root = try Command(["python3", "-c", parse, path]).succeed()
        #expect(root == "{http://www.w3.org/2000/svg}svg\n")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(files == ["latency.svg"])
      }
      // That there is no place for the picture is said before it takes any time.
      let nowhere = try live.run(["latency", "--for", "100ms", "--svg", "/nowhere/x.svg"])
      #expect(nowhere.status == 1 && nowhere.output.isEmpty)
      #expect(nowhere.error.contains("cannot write /nowhere/x.svg"))
      try Measurement.isOver(live)
    }

    @Test("what cannot be measured is refused, and nothing is changed")
    func refusals() throws {
      let live = Live(try Sandbox(ipv6: false))
      #expect(try live.fails(69, ["latency"]).contains("nothing is loaded"))
      try live.ok(["load"])
      #expect(try live.fails(69, ["latency"]).contains("nothing is attached"))
      #expect(try live.fails(69, ["latency", live.interface]).contains("is not attached"))
      try live.ok(["attach", live.interface])
      #expect(try live.fails(69, ["latency", live.interface, "lo"]).contains("lo is not attached"))
      for duration in ["99ms", "3601s"] {
        #expect(try live.fails(65, ["latency", "--for", duration]).contains("100ms to 1h"))
      }
      #expect(try Measurement.running(live) == Measurement.inForce(live))
      #expect(try live.names() == ["current", "gen1", "links"])
    }
  }
}
