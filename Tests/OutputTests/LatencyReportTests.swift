import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import aegisctl

@Suite struct LatencyReportTests {
  @Test func table() throws {
    let text = try LatencyReport(.usual).text(as: .table)
    #expect(
      text.hasPrefix(
        """
        VERDICT  PACKETS  P50  P90  P99  P99.9    MAX  JITTER
        pass        1532  112  118  126   1007  30000   29900
        drop         280   62   66   66     66     66       6
        all         1812  112  118  126   1007  30000   29940

        measured  2.0 s on eth0 (native)
        times     in ns, including 27 (p50) for reading the clock
        counted   1812 packets during the measurement

               NS  PASS                      DROP
        """), "\(text)")
    #expect(text.hasSuffix("128-30000     2  ▏                      0\n"), "\(text)")
    #expect(text.contains("112-115   800  ██████████████████     0\n"), "\(text)")
    #expect(text.contains("62-63     0                       200  ████▌\n"), "\(text)")
  }

  @Test func wide() throws {
    let text = try LatencyReport(.usual).text(as: .wide)
    #expect(text.contains(" JITTER  MIN  MEAN  P99.99\n"))
    #expect(text.contains("29900  100   133   30000\n"), "\(text)")
    // To the slowest.
    #expect(text.split(separator: "\n").last?.contains("-32767") == true, "\(text)")
  }

  @Test("no packet is no failure, and is said")
  func nothingCame() throws {
    let none = LatencyResult.of(counted: [.pass: 0...3, .drop: 0...0])
    #expect(
      try LatencyReport(none).text(as: .table) == """
        VERDICT  PACKETS  P50  P90  P99  P99.9  MAX  JITTER
        pass           0    -    -    -      -    -       -
        drop           0    -    -    -      -    -       -
        all            0    -    -    -      -    -       -

        measured  2.0 s on eth0 (native)
        times     in ns, including 27 (p50) for reading the clock
        counted   0 to 3 packets during the measurement
        packets   none arrived

        """)
  }

  @Test func object() throws {
    let report = LatencyReport(.usual)
    let json = try JSON(parsing: report.text(as: .json))
    #expect(json["apiVersion"].string == "aegis/v1" && json["kind"].string == "Latency")
    #expect(json["interfaces"][0]["ending"].string == "completed")
    #expect(json["clock"]["p50"].int == 27)
    let pass = json["items"].first("verdict", "pass")
    #expect(pass["nanoseconds"].keys.count == 9)
    #expect(pass["nanoseconds"]["p999"].int == 1007)
    #expect(pass["counted"]["atLeast"].int == 1532)
    for item in json["items"].array + [json["total"]] {
      let sum = item["buckets"].array.reduce(0) { $0 + ($1["packets"].int ?? 0) }
      #expect(sum == item["packets"].int)
    }
    #expect(pass["buckets"][0]["from"].int == 100 && pass["buckets"][0]["to"].int == 100)
    #expect(json["total"]["packets"].int == 1812)
    #expect(json["total"]["counted"]["atMost"].int == 1812)
    #expect(try report.text(as: .name) == "eth0\n")
    let part = LatencyReport(.of(ending: .replaced))
    #expect(try JSON(parsing: part.text(as: .json))["total"]["counted"].isNull)
  }

  @Test func bars() {
    #expect(LatencyDrawing.bar(0, of: 9, width: 4) == "")
    #expect(LatencyDrawing.bar(9, of: 9, width: 4) == "████")
    #expect(LatencyDrawing.bar(9, of: 16, width: 4) == "██▎")
    // What is there is seen.
    #expect(LatencyDrawing.bar(1, of: 1_000_000, width: 4) == "▏")
  }

  @Test(
    "rows hold every packet once, whatever the times",
    arguments: [(20, 0.99), (20, 1), (144, 1), (3, 1), (1, 0.5)])
  func rows(most: Int, share: Double) {
    var state: UInt64 = 1
    for round in 0..<50 {
      var packets: [UInt64: UInt64] = [:]
      for _ in 0...round {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        packets[state >> (40 + state % 24), default: 0] += 1 + state >> 60
      }
      packets[7] = 1
      let result = LatencyResult.of(pass: packets, drop: [9: 2, 100: 3])
      let all = result.all
      let rows = LatencyRows(result, upTo: all.percentile(share) ?? 0, most: most)
      let shown = rows.rows + [rows.longer].compactMap(\.self)
      #expect(shown.reduce(0) { $0 + $1.passed + $1.dropped } == all.packets)
      #expect(shown.reduce(0) { $0 + $1.dropped } == 5)
      for (one, next) in zip(shown, shown.dropFirst()) {
        #expect(one.range.upperBound + 1 == next.range.lowerBound)
      }
      // With a row an octave there may be more.
      let octaves = rows.rows.allSatisfy { $0.range.upperBound >= $0.range.lowerBound * 2 - 1 }
      #expect(rows.rows.count <= most || octaves, "\(rows.rows)")
    }
  }

  @Test("rows are no finer than the clock")
  func coarseClock() {
    let ticks = stride(from: UInt64(80), through: 180, by: 10)
    let result = LatencyResult.of(
      pass: Dictionary(uniqueKeysWithValues: ticks.map { ($0, 100) }))
    let rows = LatencyRows(result, upTo: 180, most: 20).rows
    #expect(rows.count { $0.passed == 0 } * 5 <= rows.count, "\(rows)")
    #expect(rows.count > 5)
  }
}
