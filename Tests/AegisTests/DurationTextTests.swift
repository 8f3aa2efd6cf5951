import Testing

@testable import Aegis

@Suite("Durations")
struct DurationTextTests {
  @Test(
    "are read",
    arguments: [
      ("90", .seconds(90)), ("90s", .seconds(90)), ("1ms", .milliseconds(1)),
      ("1500ms", .milliseconds(1500)), ("10m", .seconds(600)), ("1h30m", .seconds(5400)),
      ("7d", .seconds(604_800)), ("1w", .seconds(604_800)), ("0h5s", .seconds(5)),
      ("1w2d3h4m5s6ms", .milliseconds(788_645_006)), ("1m1ms", .milliseconds(60_001)),
      ("3650d", .seconds(315_360_000)), ("315360000", .seconds(315_360_000)),
      ("315359999s1000ms", .seconds(315_360_000)),
    ] as [(String, Duration)])
  func reads(text: String, duration: Duration) throws {
    #expect(try DurationText.parse(text) == duration)
  }

  @Test(
    "are refused",
    arguments: [
      Malformed("", "is empty, not a duration"),
      Malformed("s", "is not a duration", hint: "90s, 10m"),
      Malformed("soon", "is not a duration", hint: "90s, 10m"),
      Malformed("-5s", "is not a duration", hint: "90s, 10m"),
      Malformed("+5s", "is not a duration", hint: "90s, 10m"),
      Malformed("5 s", "is not a duration", hint: "90s, 10m"),
      Malformed("5s ", "is not a duration", hint: "90s, 10m"),
      Malformed("5S", "is not a duration", hint: "90s, 10m"),
      Malformed("5y", "is not a duration", hint: "90s, 10m"),
      Malformed("5us", "is not a duration", hint: "90s, 10m"),
      Malformed("1.5h", "is not a duration", hint: "90s, 10m"),
      Malformed("1h30", "is not a duration", hint: "90s, 10m"),
      Malformed("1hm", "is not a duration", hint: "90s, 10m"),
      Malformed("٩s", "is not a duration", hint: "90s, 10m"),
      Malformed("9\u{301}s", "is not a duration", hint: "90s, 10m"),
      Malformed("9s\0", "is not a duration", hint: "90s, 10m"),
      Malformed("30m1h", "with its units largest first", hint: "1h30m or 7d"),
      Malformed("1s1s", "with its units largest first", hint: "1h30m or 7d"),
      Malformed("1ms1s", "with its units largest first", hint: "1h30m or 7d"),
      Malformed("0", "is zero"),
      Malformed("0h0ms", "is zero"),
      Malformed("3650d1ms", "is more than 10 years"),
      Malformed("315360001", "is more than 10 years"),
      Malformed("522w", "is more than 10 years"),
      Malformed("18446744073709551616ms", "is more than 10 years"),
      Malformed("18446744073709551615w", "is more than 10 years"),
      Malformed("18446744073709551s1000ms", "is more than 10 years"),
    ])
  func refuses(malformed: Malformed) {
    let error = malformed.refused { text throws(InputError) in try DurationText.parse(text) }
    #expect(error?.input == malformed.text)
  }

  @Test(
    "are written in at most two units, rounded down",
    arguments: [
      (.zero, "0s"), (.seconds(-5), "0s"), (.nanoseconds(1), "<1s"), (.milliseconds(999), "<1s"),
      (.seconds(1), "1s"), (.milliseconds(1999), "1s"), (.seconds(59), "59s"),
      (.seconds(60), "1m"), (.seconds(61), "1m1s"), (.seconds(3599), "59m59s"),
      (.seconds(3600), "1h"), (.seconds(3601), "1h"), (.seconds(5400), "1h30m"),
      (.seconds(86399), "23h59m"), (.seconds(86400), "1d"), (.seconds(86460), "1d"),
      (.seconds(694_861), "8d1h"), (DurationText.longest, "3650d"),
    ] as [(Duration, String)])
  func writes(duration: Duration, text: String) {
    #expect(DurationText.format(duration) == text)
  }

  @Test("read back what they write, less than one of its last unit short")
  func roundTrips() throws {
    var random = SplitMix64(seed: 6)
    for _ in 0..<3000 {
      let most = Int64(315_360_000_000) >> Int64.random(in: 0...28, using: &random)
      let duration = Duration.milliseconds(Int64.random(in: 1000...max(1001, most), using: &random))
      let text = DurationText.format(duration)
      let read = try DurationText.parse(text)
      let lost: Duration =
        duration < .seconds(3600)
        ? .seconds(1) : duration < .seconds(86400) ? .seconds(60) : .seconds(3600)
      #expect(read <= duration && duration - read < lost)
      #expect(DurationText.format(read) == text)
    }
  }
}
