import Testing

@testable import Aegis

@Suite("Rates")
struct RateTests {
  @Test(
    "are read, and written as short as can be",
    arguments: [
      ("1/s", 1, .second, "1/s"),
      ("1000/s", 1000, .second, "1k/s"),
      ("1500/sec", 1500, .second, "1500/s"),
      ("1.5k/second", 1500, .second, "1500/s"),
      ("50K/s", 50_000, .second, "50k/s"),
      ("0.5k/s", 500, .second, "500/s"),
      ("1M/s", 1_000_000, .second, "1M/s"),
      ("7.77M/s", 7_770_000, .second, "7770k/s"),
      ("1.000001M/s", 1_000_001, .second, "1000001/s"),
      ("1.50000k/s", 1500, .second, "1500/s"),
      ("7.0/s", 7, .second, "7/s"),
      ("100M/s", 100_000_000, .second, "100M/s"),
      ("600/m", 600, .minute, "600/m"),
      ("6000M/min", 6_000_000_000, .minute, "6000M/m"),
      ("10/minute", 10, .minute, "10/m"),
      ("10/h", 10, .hour, "10/h"),
      ("360000M/hour", 360_000_000_000, .hour, "360000M/h"),
    ] as [(String, UInt64, Rate.Period, String)])
  func reads(text: String, packets: UInt64, period: Rate.Period, canonical: String) throws {
    let rate = try Rate(text)
    #expect(rate.amount == packets)
    #expect(rate.period == period)
    #expect(rate.burst == nil)
    #expect(rate.description == canonical)
  }

  @Test(
    "are refused",
    arguments: [
      Malformed("", "is empty, not a rate", hint: "1000/s, 50k/s, 600/m"),
      Malformed("1000", "has no period", hint: "1000/s, 50k/s, 600/m"),
      Malformed("1000s", "has no period", hint: "1000/s, 50k/s, 600/m"),
      Malformed("1000/", "has no known period", hint: "/s, /m or /h"),
      Malformed("1000/d", "has no known period", hint: "/s, /m or /h"),
      Malformed("1000/S", "has no known period", hint: "/s, /m or /h"),
      Malformed("1000/s ", "has no known period", hint: "/s, /m or /h"),
      Malformed("1000/s/s", "has no known period", hint: "/s, /m or /h"),
      Malformed("1000/10s", "has no known period", hint: "/s, /m or /h"),
      Malformed("/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("k/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed(".5k/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("5.k/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("1.2.3M/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("1m/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("1G/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("1kk/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("-1/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("+1/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("01/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("1 000/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("1,5k/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed(
        "18446744073709551616/s", "does not begin with a number", hint: "packets: 1000, 50k, 1M"),
      Malformed("0.5/s", "is not a whole number of packets"),
      Malformed("1.0005k/s", "is not a whole number of packets"),
      Malformed("1.0000001M/h", "is not a whole number of packets"),
      Malformed("0/s", "would let nothing pass", hint: "use off"),
      Malformed("0.000M/h", "would let nothing pass", hint: "use off"),
      Malformed("100000001/s", "is more than 100M/s"),
      Malformed("100.000001M/s", "is more than 100M/s"),
      Malformed("6000000001/m", "is more than 100M/s"),
      Malformed("360001M/h", "is more than 100M/s"),
      Malformed("18446744073709551615/h", "is more than 100M/s"),
      Malformed("18446744073709551615M/s", "is more than 100M/s"),
      Malformed("10Mb/s", "does not begin with a number", hint: "bits: 64kbit, 10Mbit"),
      Malformed("10mB/s", "does not begin with a number", hint: "bytes: 500kB, 2MB"),
      Malformed("bit/s", "does not begin with a number", hint: "bits: 64kbit"),
      Malformed("1.5bit/s", "is not a whole number of bits"),
      Malformed("0kbit/s", "would let nothing pass", hint: "off"),
      Malformed("401Gbit/s", "is more than 400Gbit/s"),
      Malformed("50.000000001GB/s", "is more than 50GB/s"),
    ])
  func refuses(malformed: Malformed) {
    malformed.refused { text throws(InputError) in try Rate(text) }
  }

  @Test("read back what they write, in no more characters than the digits")
  func roundTrips() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<3000 {
      let rate = try random.rate()
      let read = try Rate(rate.description)
      #expect((read.amount, read.period) == (rate.amount, rate.period))
      #expect(rate.description.count <= "\(rate.amount)/s".count)
    }
  }

  @Test(
    "have a burst of 100 ms, and of at least 10",
    arguments: [
      ("1/s", 10), ("109/s", 10), ("110/s", 11), ("1999/s", 199), ("100M/s", 10_000_000),
      ("6600/m", 11), ("36k/h", 10), ("396k/h", 11), ("360000M/h", 10_000_000),
    ] as [(String, UInt32)])
  func bursts(text: String, burst: UInt32) throws {
    #expect(try Rate(text).defaultBurst == burst)
    #expect(try Rate(text).effectiveBurst == burst)
    #expect(try Rate(text, burst: 3).effectiveBurst == 3)
    #expect(throws: InputError.self) { try Rate(text, burst: 0) }
  }

  @Test("are equal when their bursts are, however they are told")
  func equality() throws {
    let rate = try Rate("1k/s")
    #expect(try rate == Rate("1000/s", burst: 100))
    #expect(try Set([rate, Rate("1000/s", burst: 100)]).count == 1)
    #expect(try rate != Rate("1k/s", burst: 101))
    #expect(try rate != Rate("60k/m", burst: 100))
    #expect(try rate != Rate("1001/s", burst: 100))
  }

  @Test("with a mark in the number are refused")
  func marks() {
    // U+0600 makes one Character with what it precedes.
    #expect(throws: InputError.self) { try Rate("5\u{600}k/s") }
  }

  @Test(
    "of bits and bytes are read",
    arguments: [
      ("10Mbit/s", 10_000_000, .bits, "10Mbit/s"), ("64kbit/s", 64_000, .bits, "64kbit/s"),
      ("1.5gbit/m", 1_500_000_000, .bits, "1.5Gbit/m"), ("900BIT/s", 900, .bits, "900bit/s"),
      ("2MB/s", 2_000_000, .bytes, "2MB/s"), ("1KB/s", 1000, .bytes, "1kB/s"),
      ("100B/h", 100, .bytes, "100B/h"),
    ] as [(String, UInt64, Rate.Unit, String)])
  func units(text: String, amount: UInt64, unit: Rate.Unit, canonical: String) throws {
    let rate = try Rate(text)
    #expect((rate.amount, rate.unit) == (amount, unit))
    #expect(rate.description == canonical)
    #expect(try Rate(canonical) == rate)
    #expect(rate.defaultBurst >= 65_536)
  }
}
