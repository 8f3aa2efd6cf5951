import Aegis
import Testing

@Suite struct WallTimeTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1),
      ("2026-12-01T08:00:00Z", 1_796_112_000_000), ("2026-12-01T08:00:00.250Z", 1_796_112_000_250),
      ("2000-02-29T12:00:00Z", 951_825_600_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000),
    ] as [(String, Int64)])
  func readsAndWrites(_ text: String, _ milliseconds: Int64) throws {
    #expect(try WallTime(text).milliseconds == milliseconds)
    #expect(WallTime(milliseconds: milliseconds).description == text)
  }

  @Test(arguments: [
    ("2026-12-01t08:00:00z", "2026-12-01T08:00:00Z"),
    ("2026-12-01 08:00:00Z", "2026-12-01T08:00:00Z"),
    ("2026-12-01T08:00:00+02:00", "2026-12-01T06:00:00Z"),
    ("2026-12-01T08:00:00-00:30", "2026-12-01T08:30:00Z"),
    ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"),
    ("2026-12-01T08:00:00.1239999Z", "2026-12-01T08:00:00.123Z"),
    ("2026-12-01T08:00:00.5Z", "2026-12-01T08:00:00.500Z"),
  ]) func readsOtherForms(_ text: String, _ same: String) throws {
    #expect(try WallTime(text).description == same)
  }

  @Test(arguments: [
    "", "tomorrow", "2026-12-01", "2026-12-01T08:00Z", "2026-12-01T08:00:00",
    "2026-13-01T08:00:00Z",
    "2026-02-29T08:00:00Z", "2026-04-31T08:00:00Z", "2026-12-00T08:00:00Z", "2026-12-01T24:00:00Z",
    "2026-12-01T08:60:00Z", "2026-12-01T08:00:61Z", "2026-12-01T08:00:00.Z",
    "2026-12-01T08:00:00+2:00", "2026-12-01T08:00:00Z ", "20261201T080000Z",
    "2026-12-01T08:00:00+24:00", "+026-12-01T08:00:00Z",
  ]) func refuses(_ text: String) {
    #expect(throws: InputError.self) { try WallTime(text) }
  }

  /// Against a calendar that counts day by day.
  @Test func everyDay() throws {
    var (year, month, day) = (1970, 1, 1)
    for number in 0..<60_000 {
      let time = WallTime(milliseconds: Int64(number) * 86_400_000)
      let text = [
        String(year), month < 10 ? "0\(month)" : "\(month)", day < 10 ? "0\(day)" : "\(day)",
      ]
      let wanted = text.joined(separator: "-") + "T00:00:00Z"
      guard time.description == wanted, try WallTime(wanted) == time else {
        Issue.record("\(time) is not \(wanted)")
        return
      }
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      day += 1
      if day > days[month - 1] { (day, month) = (1, month + 1) }
      if month > 12 { (month, year) = (1, year + 1) }
    }
  }

  @Test func clocksAgree() throws {
    let clock = ClockReading(realtime: 1_000_000_000_500_400, boottime: 7_000_000_000)
    let time = clock.wallTime(of: 9_000_000_000)
    #expect(time.milliseconds == 1_000_002_001)
    #expect(clock.moment(of: time) == .ahead(9_000_499_600))
    #expect(clock.moment(of: WallTime(milliseconds: 1_000_000_000)) == .passed)
    #expect(clock.moment(of: WallTime(milliseconds: .max)) == .beyond)
  }
}
