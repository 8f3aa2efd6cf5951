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

  private func interface(_ name: String, _ mode: String, isAttached: Bool) -> Metrics.Interface {
    Metrics.Interface(
      name: name, mode: mode, isAttached: isAttached, isDeclared: false,
      counts: Counts.of([("drop.rate", 5), ("pass.default", 7)]))
  }

  /// One name in two namespaces, or attached again under another index.
  @Test func noSeriesOccursTwice() {
    var metrics = Metrics()
    metrics.add(interface("eth0", "native", isAttached: true))
    metrics.add(interface("eth0", "generic", isAttached: false))
    metrics.add(interface("eth1", "generic", isAttached: false))
    let lines = metrics.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    let series = lines.map { $0.prefix { $0 != " " } }
    #expect(series.count == Set(series).count)
    let drops = "aegis_packets_total{interface=\"eth0\",verdict=\"drop\",reason=\"drop.rate\"} 10"
    #expect(lines.contains { $0 == drops })
    #expect(
      lines.contains {
        $0.hasPrefix("aegis_bytes_total{interface=\"eth1\"") && $0.hasSuffix(" 700")
      })
  }

  @Test func nothingLoadedIsSaid() {
    #expect(Metrics().text.contains("\naegis_loaded 0\n"))
    #expect(!Metrics().text.contains("aegis_mode"))
  }
}
