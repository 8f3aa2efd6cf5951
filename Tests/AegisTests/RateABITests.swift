import CAegis
import Testing

@testable import Aegis

@Suite("Rates as the datapath has them")
struct RateABITests {
  static let texts = [
    "1/s", "2/s", "3/s", "7/s", "10/s", "99/s", "101/s", "1k/s", "1001/s", "9999/s", "10k/s",
    "100k/s", "333333/s", "999999/s", "1M/s", "1000001/s", "3M/s", "7.77M/s", "7770k/s", "9.99M/s",
    "10M/s", "33.333333M/s", "66.666667M/s", "99.999999M/s", "100M/s", "1/m", "7/m", "77/m",
    "6000M/m", "1/h", "7/h", "3601/h", "7.77M/h", "359999.999999M/h", "360000M/h",
  ]

  /// Ticks in the period, from the flags.
  static func ticks(_ rate: aegis_rate) -> UInt64 {
    let shift = rate.flags & AEGIS_RATE_FINE.rawValue != 0 ? AEGIS_FINE_SHIFT : 0
    return UInt64(rate.period) * 1_000_000_000 << UInt64(shift)
  }

  static func expectPrecise(_ abi: aegis_rate, _ rate: Rate) {
    // Full-width: interval * amount is never less than the period, and at most 0.1 % more.
    let spent = UInt128(abi.interval) * UInt128(rate.amount)
    let period = UInt128(ticks(abi)) << UInt128(AEGIS_INTERVAL_SHIFT) * (rate.unit == .bits ? 8 : 1)
    #expect(spent >= period, "laxer than the rate: \(rate)")
    #expect((spent - min(spent, period)) * 1000 <= period, "stricter by over 0.1 %: \(rate)")
    let depth =
      (UInt128(abi.burst) * UInt128(abi.interval) + 65_535) >> UInt128(AEGIS_INTERVAL_SHIFT)
    #expect(UInt128(abi.depth) == depth)
    #expect(abi.depth <= 1 << 46, "beyond the limiter's clock: \(rate)")
    #expect((abi.amount, abi.period) == (rate.amount, rate.period.rawValue))
    #expect(abi.burst == UInt64(rate.effectiveBurst))
  }

  @Test("are never laxer than written, nor stricter by over 0.1 %", arguments: texts)
  func precise(text: String) throws {
    let rate = try Rate(text)
    Self.expectPrecise(try rate.abi(), rate)
    #expect(Rate(try rate.abi())?.description == rate.description)
    #expect(Rate(try rate.abi())?.burst == nil)
  }

  @Test("are as precise wherever they are taken at all")
  func random() throws {
    var random = SplitMix64(seed: 5)
    var taken = 0
    for _ in 0..<3000 {
      var rate = try random.rate()
      let shift = UInt32.random(in: 0..<32, using: &random)
      rate.burst = max(1, UInt32.random(in: 1...UInt32.max, using: &random) >> shift)
      guard let abi = try? rate.abi() else { continue }
      taken += 1
      Self.expectPrecise(abi, rate)
      #expect(Rate(abi) == rate)
    }
    #expect(taken > 1500)
  }

  @Test(
    "have this interval",
    arguments: [
      ("1/s", 10, 256_000_000_000, 1), ("1/s", 274, 256_000_000_000, 1),
      ("1/s", 275, 1_000_000_000, 0),
      ("7770k/s", 777_000, 32_948, 1), ("100M/s", 1, 2560, 1), ("100M/s", .max, 2560, 1),
      ("1M/s", .max, 1000, 0), ("3/s", 300, 85_333_333_334, 1), ("1/h", 19, 3_600_000_000_000, 0),
      ("1/m", 4, 15_360_000_000_000, 1), ("1/m", 5, 60_000_000_000, 0),
    ] as [(String, UInt32, UInt64, UInt32)])
  func intervals(text: String, burst: UInt32, interval: UInt64, flags: UInt32) throws {
    let abi = try Rate(text, burst: burst).abi()
    #expect(abi.interval == interval << UInt64(AEGIS_INTERVAL_SHIFT))
    #expect(abi.flags == flags)
  }

  @Test(
    "refuse a burst that the limiter's clock is too short for, and name the longest",
    arguments: [
      ("1/h", 20, "is too low for a burst of 20", 19),
      ("1/m", 1173, "is too low for a burst of 1173", 1172),
      ("1/s", 70369, "is too low for a burst of 70369", 70368),
      ("10/s", .max, "is too low for a burst of 4294967295", 703_687),
      ("7.77M/s", 3_000_000_000, "is too high to be enforced within 0.1 %", 2_135_751_613),
      ("3.3M/s", .max, "is too high to be enforced within 0.1 %", 907_094_258),
    ] as [(String, UInt32, String, UInt32)])
  func refuses(text: String, burst: UInt32, problem: String, largest: UInt32) throws {
    let error = try #require(throws: InputError.self) { try Rate(text, burst: burst).abi() }
    #expect(error.problem.contains(problem))
    #expect(error.hint == "the largest burst at this rate is \(largest)")
    // What the hint says is true.
    let rate = try Rate(text, burst: largest)
    Self.expectPrecise(try rate.abi(), rate)
    #expect(throws: InputError.self) { try Rate(text, burst: largest + 1).abi() }
  }

  @Test("refuse a burst of none that was set later")
  func noBurst() throws {
    var rate = try Rate("1/s")
    rate.burst = 0
    #expect(throws: InputError.self) { try rate.abi() }
  }

  @Test("are not read from what no tool writes")
  func unread() throws {
    let abi = try Rate("1k/s", burst: 7).abi()
    #expect(Rate(abi)?.burst == 7)
    func changed(_ change: (inout aegis_rate) -> Void) -> Rate? {
      var copy = abi
      change(&copy)
      return Rate(copy)
    }
    #expect(changed { $0.interval = 0 } == nil)
    #expect(changed { $0.amount = 0 } == nil)
    #expect(changed { $0.period = 61 } == nil)
    #expect(changed { $0.burst = 0 } == nil)
    #expect(changed { $0.amount = 100_000_001 } == nil)
  }

  @Test(
    "of bits and bytes are precise down to 64 kbit/s and up to 100 Gbit/s",
    arguments: [
      "64kbit/s", "100kbit/s", "1Mbit/s", "9.999Mbit/s", "10Mbit/s", "1Gbit/s", "99.9Gbit/s",
      "100Gbit/s", "400Gbit/s", "8kB/s", "1MB/s", "12.5GB/s", "50GB/s", "1GB/m", "7kbit/m",
    ])
  func bytes(text: String) throws {
    let rate = try Rate(text)
    let abi = try rate.abi()
    Self.expectPrecise(abi, rate)
    #expect(Rate(abi, rate.unit) == rate)
    // A packet's cost is rounded up to a tick; for the smallest frame that is still 0.1 % at most.
    let exact = UInt128(abi.interval) * 64
    let cost = ((exact + 65_535) >> 16) << 16
    #expect((cost - exact) * 1000 <= exact, "a frame of 64 bytes costs too much: \(rate)")
  }

  @Test("of a window hold its amount, and of CPUs their shares")
  func algorithms() throws {
    var rate = try Rate("1000/s")
    rate.algorithm = .fixedWindow
    let window = try rate.abi()
    #expect(window.depth == 1000 * (window.interval >> 16))
    #expect(window.flags & AEGIS_RATE_WINDOW.rawValue != 0)
    #expect(Rate(window)?.algorithm == .fixedWindow)
    rate.algorithm = .perCPU
    let share = try rate.abi(cpus: 4)
    #expect(share.interval == 4 * (try Rate("1000/s").abi().interval))
    #expect(share.depth == 25 * (share.interval >> 16))
    #expect(Rate(share)?.algorithm == .perCPU)
  }
}
