import CAegis
import HostLimiter
import Testing

@testable import Aegis

/// Buffers that are cut into many packets later: judged as one, charged whole, whatever the burst is.
@Suite("The limiter and buffers of many packets")
struct LimiterBufferTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let rate: String
    let burst: UInt32
    let units: UInt64

    var testDescription: String { "\(units) at \(rate), burst \(burst)" }

    init(_ rate: String, _ burst: UInt32, _ units: UInt64) {
      (self.rate, self.burst, self.units) = (rate, burst, units)
    }

    func abi(_ algorithm: Rate.Algorithm = .tokenBucket) throws -> aegis_rate {
      var rate = try Rate(rate, burst: burst)
      rate.algorithm = algorithm
      return try rate.abi()
    }
  }

  /// A bucket, and the clock.
  private final class Bucket {
    private var rate: aegis_rate
    private var line = aegis_line()
    var now: UInt64

    /// Fine ticks have a horizon of 274 s; nobody starts at 0.
    init(_ rate: aegis_rate, at now: UInt64 = 12_345_678_901_234) {
      self.rate = rate
      self.now = now
      line.epoch = now >> 38
    }

    var isOfBytes: Bool { rate.flags & AEGIS_RATE_BYTES.rawValue != 0 }

    /// ns until all of a cost is paid.
    func time(of units: UInt64) -> UInt64 {
      var rate = rate
      let shift: UInt64 = rate.flags & AEGIS_RATE_FINE.rawValue != 0 ? 8 : 0
      return (host_cost(&rate, units) + (1 << shift) - 1) >> shift
    }

    func admits(_ units: UInt64, at now: UInt64? = nil) -> Bool {
      let looked = host_would_exceed(&line, &rate, 1, now ?? self.now, units) == 0
      let outcome = host_limit(&line, &rate, 1, now ?? self.now, units)
      #expect((outcome == AEGIS_CONFORMS.rawValue) == looked)
      return outcome == AEGIS_CONFORMS.rawValue
    }
  }

  /// None of them owes more than the horizon.
  private static let within = [
    Case("1000/s", 1, 45), Case("1000/s", 10, 45), Case("1000/s", 44, 45), Case("1/s", 1, 2048),
    Case("33333/s", 7, 1000), Case("10M/s", 100, 2048), Case("1/m", 5, 64),
    Case("1MB/s", 1514, 65_536), Case("64kbit/s", 1514, 185_000), Case("100Gbit/s", 1514, 1 << 20),
    Case("1B/s", 1514, 65_536), Case("1kB/s", 9000, 9001),
  ]

  @Test(
    "one beyond the burst conforms as soon as nothing is owed, and not before", arguments: within)
  func conformsWhenNothingIsOwed(_ test: Case) throws {
    let bucket = Bucket(try test.abi())
    let whole = bucket.time(of: test.units)
    for _ in 0..<5 {
      #expect(bucket.admits(test.units))
      #expect(!bucket.admits(test.units))
      // Those who ask meanwhile neither lengthen the debt nor shorten it.
      for step in 1...50 as ClosedRange<UInt64> {
        let then = bucket.now + whole / 64 * step
        #expect(!bucket.admits(test.units, at: then), "\(step)/64")
      }
      #expect(!bucket.admits(test.units, at: bucket.now + whole - 1))
      bucket.now += whole
    }
    #expect(bucket.admits(test.units))
  }

  @Test("all of it is charged, so the rate holds in the long run", arguments: within)
  func isChargedWhole(_ test: Case) throws {
    let bucket = Bucket(try test.abi())
    let whole = bucket.time(of: test.units)
    let end = bucket.now + whole * 100
    var admitted: UInt64 = 0
    while bucket.now < end {
      if bucket.admits(test.units) { admitted += 1 }
      bucket.now += whole / 10 + 1
    }
    // The next look may be a tenth late each time.
    #expect((90...100).contains(admitted), "\(admitted)")
  }

  @Test("small packets have to wait for all of it but a burst", arguments: within)
  func smallOnesWait(_ test: Case) throws {
    let bucket = Bucket(try test.abi())
    let small: UInt64 = bucket.isOfBytes ? 60 : 1
    let wait = bucket.time(of: test.units) - bucket.time(of: UInt64(test.burst) - small)
    #expect(bucket.admits(test.units))
    #expect(!bucket.admits(small, at: bucket.now + wait - wait / 1000 - 2))
    #expect(bucket.admits(small, at: bucket.now + wait + wait / 1000 + 2))
  }

  /// In fine ticks, and in coarse ones.
  private static let beyond = [
    Case("7/s", 7, 2048), Case("1/h", 5, 2048), Case("1/h", 19, 21), Case("1B/s", 65_536, 1 << 20),
    Case("3B/m", 3000, 65_536),
  ]

  @Test(
    "a debt beyond the horizon is one on the horizon: it neither wraps nor lasts", arguments: beyond
  )
  func horizon(_ test: Case) throws {
    let rate = try test.abi()
    let isFine = rate.flags & AEGIS_RATE_FINE.rawValue != 0
    let horizon: UInt64 = AEGIS_TAT_HORIZON >> (isFine ? UInt64(AEGIS_FINE_SHIFT) : 0)
    // At odds with epochs, and with 48 bits of either tick.
    for start: UInt64 in [
      1 << 38, (1 << 38) - 1, (1 << 40) - 5, (1 << 48) - 1_000_000, (5 << 48) - (1 << 37),
    ] {
      let bucket = Bucket(rate, at: start)
      try #require(bucket.time(of: test.units) >= horizon)
      #expect(bucket.admits(test.units))
      for step in 0..<1000 as Range<UInt64> {
        #expect(!bucket.admits(test.units, at: start + horizon / 1000 * step), "\(start), \(step)")
      }
      #expect(!bucket.admits(test.units, at: start + horizon - 1))
      #expect(bucket.admits(test.units, at: start + horizon))
    }
  }

  @Test("a CPU that has read the clock a while ago sees the debt too", arguments: beyond + within)
  func lateClock(_ test: Case) throws {
    for late: UInt64 in [1, 1000, 1_000_000, 999_999_999] {
      let bucket = Bucket(try test.abi())
      #expect(bucket.admits(test.units))
      #expect(!bucket.admits(test.units, at: bucket.now - late), "\(late)")
      // What it owes is as it was.
      #expect(!bucket.admits(test.units))
    }
  }

  @Test("a debt that nobody has looked at for long is paid", arguments: beyond + within)
  func isPaidInTheEnd(_ test: Case) throws {
    let rate = try test.abi()
    for epochs in 1...800 as ClosedRange<UInt64> {
      for offset: UInt64 in [0, 1, (1 << 38) - 1] {
        let bucket = Bucket(rate, at: (7 << 38) + offset)
        #expect(bucket.admits(test.units))
        let isFine = rate.flags & AEGIS_RATE_FINE.rawValue != 0
        let horizon: UInt64 = AEGIS_TAT_HORIZON >> (isFine ? UInt64(AEGIS_FINE_SHIFT) : 0)
        let then = bucket.now + epochs << 38
        guard then >= bucket.now + min(bucket.time(of: test.units), horizon) else { continue }
        #expect(bucket.admits(test.units, at: then), "\(epochs), \(offset)")
      }
    }
  }

  private static let windows = [
    Case("100/s", 100, 250), Case("10/s", 10, 45), Case("60/m", 60, 200),
    Case("1MB/s", 1, 2_500_000 / 3),
    Case("100kB/s", 1, 1 << 20), Case("100/h", 100, 350),
  ]

  @Test("a window that a buffer overdraws is paid by those behind it", arguments: windows)
  func overdrawnWindows(_ test: Case) throws {
    var plain = try Rate(test.rate)
    plain.algorithm = .fixedWindow
    let rate = try plain.abi()
    let period = UInt64(rate.period) * 1_000_000_000
    let amount = rate.amount
    // A third of a period into one.
    let start = 1000 * period + period / 3
    let bucket = Bucket(rate, at: start)
    #expect(bucket.admits(test.units))
    let small = max(1, amount / 100)
    for number in 0...(test.units / amount + 2) {
      let now = number == 0 ? start : (1000 + number) * period + period / 2
      // What is left of this window by what was sent until then.
      let allowed = (number + 1) * amount
      let left = allowed > test.units ? allowed - test.units : 0
      if left == 0 {
        #expect(!bucket.admits(small, at: now), "window \(number)")
      } else {
        #expect(!bucket.admits(left + small * 2, at: now) || left >= amount, "window \(number)")
        #expect(bucket.admits(left - left / 50, at: now), "window \(number)")
        return
      }
    }
    Issue.record("it never ended")
  }

  @Test("costs are exact up to the horizon, and never wrap")
  func costs() throws {
    for test in Self.within + Self.beyond {
      var rate = try test.abi()
      for units: UInt64 in [1, 2, 60, 1514, 2047, 2048, 9000, 65_535, 65_536, 524_288, 1 << 20] {
        let exact = (UInt128(rate.interval) * UInt128(units) + 65_535) / 65_536
        let cost = UInt128(host_cost(&rate, units))
        if exact < UInt128(AEGIS_TAT_HORIZON) / 1_000_000 * 999_999 {
          #expect(cost == exact, "\(units), \(test)")
        } else {
          #expect(cost >= UInt128(AEGIS_TAT_HORIZON) / 1_000_000 * 999_999, "\(units), \(test)")
        }
      }
    }
  }
}
