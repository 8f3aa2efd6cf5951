import Testing

@testable import Aegis

@Suite("Times by the wall clock")
struct TimestampTests {
  @Test(
    "are read as RFC 3339",
    arguments: [
      ("1970-01-01T00:00:00Z", 0, 0), ("2026-12-01T08:00:00Z", 1_796_112_000, 0),
      ("2026-12-01T09:30:00+01:30", 1_796_112_000, 0),
      ("2026-11-30t23:00:00-09:00", 1_796_112_000, 0),
      ("2000-02-29 12:34:56.5z", 951_827_696, 500_000_000),
      ("2026-12-01T08:00:00.123456789999Z", 1_796_112_000, 123_456_789),
      ("1969-12-31T23:59:59.25Z", -1, 250_000_000), ("9999-12-31T23:59:59Z", 253_402_300_799, 0),
      ("0000-01-01T00:00:00Z", -62_167_219_200, 0),
    ] as [(String, Int64, UInt32)])
  func reads(text: String, seconds: Int64, nanoseconds: UInt32) throws {
    let time = try Timestamp(text)
    #expect(time == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
    #expect(try Timestamp("\(time)").seconds == seconds)
  }

  @Test(
    "are nothing else",
    arguments: [
      Malformed("", "is empty", hint: "2026-12-01"),
      Malformed("2026-12-01", "is not a time", hint: "2026-12-01"),
      Malformed("2026-12-01T08:00:00", "is not a time", hint: "+01:00"),
      Malformed("2026-12-01T08:00Z", "is not a time", hint: "2026"),
      Malformed("2026-12-01T08:00:00.Z", "is not a time", hint: "2026"),
      Malformed("2026-12-01T08:00:00+0100", "is not a time", hint: "2026"),
      Malformed("2026-12-01T08:00:00Z ", "is not a time", hint: "2026"),
      Malformed("+026-12-01T08:00:00Z", "is not a time", hint: "2026"),
      Malformed("2026-13-01T08:00:00Z", "is a day that does not exist"),
      Malformed("2026-02-29T08:00:00Z", "is a day that does not exist"),
      Malformed("1900-02-29T08:00:00Z", "is a day that does not exist"),
      Malformed("2026-00-10T08:00:00Z", "is a day that does not exist"),
      Malformed("2026-12-01T24:00:00Z", "is a time of day that does not exist"),
      Malformed("2026-12-01T08:00:60Z", "is a time of day that does not exist"),
      Malformed("2026-12-01T08:00:00+24:00", "is a time of day that does not exist"),
    ])
  func refuses(malformed: Malformed) {
    malformed.refused { text throws(InputError) in try Timestamp(text) }
  }

  @Test("are of days that follow each other")
  func days() throws {
    var month = 1
    var day = 1
    var year = 1600
    let first = try #require(CivilDate(year: 1600, month: 1, day: 1)).number
    for number in first..<first + 146_097 * 2 {
      let date = CivilDate(day: number)
      #expect((date.year, date.month, date.day) == (year, month, day))
      #expect(date.number == number)
      day += 1
      if CivilDate(year: year, month: month, day: day) == nil {
        (month, day) = (month + 1, 1)
        if month == 13 { (year, month) = (year + 1, 1) }
      }
    }
    #expect(year == 2400)
  }

  @Test("are to come or have passed")
  func remaining() throws {
    let left = try #require(Timestamp.now(adding: .seconds(60)).remaining)
    #expect(left > .seconds(50) && left <= .seconds(60))
    #expect(Timestamp.now(adding: .seconds(-1)).remaining == nil)
    #expect(Timestamp.now() < Timestamp.now(adding: .milliseconds(1500)))
  }
}
