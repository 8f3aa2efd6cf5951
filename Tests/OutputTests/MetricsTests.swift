import Testing

@testable import Aegis
@testable import aegisctl

@Suite struct MetricsTests {
  @Test func writesAndEscapes() {
    var family = MetricFamily(name: "a_total", kind: .counter, help: "One \\ two\nthree \"four\".")
    family.add(1_234_567_890_123_456, ["x": "a\"b\\c\nd", "y": ""])
    family.add(0.25)
    family.add(-3)
    #expect(
      family.text == """
        # HELP a_total One \\\\ two\\nthree "four".
        # TYPE a_total counter
        a_total{x="a\\"b\\\\c\\nd",y=""} 1234567890123456
        a_total 0.25
        a_total -3

        """)
    #expect(MetricFamily(name: "a", kind: .gauge, help: "b").text == "")
  }

  private func interface(
    _ name: String, _ mode: String, _ direction: Direction = .in, isAttached: Bool
  ) -> Metrics.Interface {
    Metrics.Interface(
      name: name, direction: direction.rawValue, mode: mode, isAttached: isAttached,
      isDeclared: false,
      counts: Counts.of([("drop.rate", 5), ("pass.default", 7)]))
  }

  /// One name in two namespaces, or attached again under another index.
  @Test func noSeriesOccursTwice() {
    var metrics = Metrics()
    metrics.add(interface("eth0", "native", isAttached: true))
    metrics.add(interface("eth0", "generic", isAttached: false))
    metrics.add(interface("eth1", "generic", isAttached: false))
    metrics.add(interface("eth0", "tc", .out, isAttached: true))
    let lines = metrics.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    let series = lines.map { $0.prefix { $0 != " " } }
    #expect(series.count == Set(series).count)
    let drops = ",verdict=\"drop\",reason=\"drop.rate\"} "
    let name = "aegis_packets_total{interface=\"eth0\",direction="
    #expect(lines.contains { $0 == name + "\"in\"" + drops + "10" })
    #expect(lines.contains { $0 == name + "\"out\"" + drops + "5" })
    #expect(
      lines.contains {
        $0.hasPrefix("aegis_bytes_total{interface=\"eth1\"") && $0.hasSuffix(" 700")
      })
  }

  /// Cumulative, the last the same as the count, and every series there from the beginning.
  @Test func histogramOfLatencies() {
    var metrics = Metrics()
    metrics.latency = [
      .pass: .of([31: 1, 32: 2, 127: 4, 128: 8, 20_000_000: 16]), .drop: LatencyHistogram(),
    ]
    let lines = metrics.processing.text.split(separator: "\n").map(String.init)
    #expect(lines[1] == "# TYPE aegis_packet_processing_seconds histogram")
    func value(_ series: String) -> String? {
      let name = "aegis_packet_processing_seconds" + series + " "
      return lines.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }
    for (bound, count) in [
      ("3.2e-08", 1), ("6.4e-08", 3), ("1.28e-07", 7), ("2.56e-07", 15), ("0.016777216", 15),
      ("+Inf", 31),
    ] {
      #expect(value("_bucket{verdict=\"pass\",le=\"\(bound)\"}") == "\(count)")
      #expect(value("_bucket{verdict=\"drop\",le=\"\(bound)\"}") == "0")
    }
    #expect(value("_count{verdict=\"pass\"}") == "31")
    #expect(value("_sum{verdict=\"pass\"}") == "0.320001627")
    #expect(lines.count == 2 + 2 * 23)
    #expect(Metrics().processing.text == "")
  }

  @Test func nothingLoadedIsSaid() {
    #expect(Metrics().text.contains("\naegis_loaded 0\n"))
    #expect(!Metrics().text.contains("aegis_mode"))
  }
}
