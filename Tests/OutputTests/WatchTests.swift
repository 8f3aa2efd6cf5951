import Testing

@testable import aegisctl

@Suite struct WatchTests {
  private let line = Trends.Line(interface: "eth0", name: "drop.rate")

  private func sparkline(_ values: [Double], interval: Duration = .seconds(1)) -> String {
    var trends = Trends(interval: interval)
    for value in values { trends.add([line: value]) }
    return trends.sparkline(line)
  }

  @Test func drawsWhatItSaw() {
    #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(sparkline([0, 0]) == "▁▁")
    // The least there is still shows.
    #expect(sparkline([1, 1_000_000]) == "▂█")
    #expect(sparkline([]) == "")
  }

  @Test func forgetsAfterAMinute() {
    let values = [9.0] + Array(repeating: 1, count: 60)
    #expect(sparkline(values) == String(repeating: "█", count: 60))
    #expect(sparkline(values, interval: .seconds(30)) == "██")
    // Ten looks a second: still a bar for each second.
    let quick = Array(repeating: 1.0, count: 10) + Array(repeating: 7, count: 590)
    #expect(
      sparkline(quick, interval: .milliseconds(100)) == "▂" + String(repeating: "█", count: 59))
  }

  @Test func theNewestFit() {
    var trends = Trends(interval: .seconds(1))
    for value in [0, 7, 0, 1.0] { trends.add([line: value]) }
    trends.width = 2
    #expect(trends.sparkline(line) == "▁█")
  }

  @Test func whatIsNewWasZeroBefore() {
    var trends = Trends(interval: .seconds(1))
    trends.add([:])
    trends.add([line: 5])
    trends.add([:])
    #expect(trends.sparkline(line) == "▁█▁")
  }

  @Test func fitsTheScreen() {
    #expect(Screen.fitted("abc\nde\n", columns: 2, rows: 5) == ["ab", "de"])
    #expect(Screen.fitted("a\nb\nc\n", columns: 9, rows: 3) == ["a", "b", "c"])
    #expect(Screen.fitted("a\nb\nc\nd\n", columns: 9, rows: 3) == ["a", "b", "..."])
    #expect(Screen.fitted("日本\n", columns: 3, rows: 3) == ["日"])
    #expect(Screen.fitted("▁▂▃\n", columns: 2, rows: 1) == ["▁▂"])
  }
}
