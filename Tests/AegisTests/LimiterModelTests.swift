import CAegis
import HostLimiter
import Testing

@testable import Aegis

/// The datapath's limiter against a bucket in exact arithmetic, with a clock that the test turns.
@Suite("The limiter and its model")
struct LimiterModelTests {
  private static let arrivals = 1_000_000

  private static let rates = [
    ("1/s", 1), ("1/s", 5), ("10/s", 10), ("999/s", 50), ("1000/s", 100), ("33333/s", 7),
    ("100k/s", 1000), ("1M/s", 64), ("7.77M/s", 1), ("10M/s", 1_000_000), ("60/m", 60), ("1/h", 3),
    ("1B/s", 65_536), ("3B/m", 3000), ("64kbit/s", 1514), ("10Mbit/s", 125_000), ("1GB/s", 65_536),
    ("100Gbit/s", 1_000_000),
  ]

  /// Where clocks are awkward: at boot, at the wrap of 48 bits and of 40, of epochs, and far beyond.
  private static let starts: [UInt64] = [
    1, 1 << 38, (1 << 40) - 5_000, (1 << 48) - 1_000_000, 3 << 48, (5 << 48) - (1 << 30),
  ]

  /// Of a packet, or now and then of a buffer that is cut into many later.
  private static func units(_ isBytes: Bool, _ random: inout SplitMix64) -> UInt64 {
    let isBuffer = UInt8.random(in: 0..<20, using: &random) == 0
    if isBytes { return .random(in: isBuffer ? 60...1 << 20 : 60...1514, using: &random) }
    return isBuffer ? .random(in: 1...1 << 11, using: &random) : 1
  }

  private static func gap(_ random: inout SplitMix64, _ interval: UInt64) -> UInt64 {
    switch UInt8.random(in: 0..<100, using: &random) {
    case 0..<50: .random(in: 0...interval / 8 + 1, using: &random)
    case 50..<55: interval
    case 55..<60: interval - min(interval, 1)
    case 60..<65: interval + 1
    case 65..<98: 0
    default:
      switch UInt8.random(in: 0..<20, using: &random) {
      case 0..<17: .random(in: 0...interval * 20, using: &random)
      case 17..<19: .random(in: 0...1 << 41, using: &random)
      default: .random(in: 0...1 << 50, using: &random)
      }
    }
  }

  @Test("agree on every one of a million arrivals of six sources, whatever the clock does")
  func agree() throws {
    var random = SplitMix64(seed: 11)
    var admitted = 0
    var disagreements = 0
    for round in 0..<(Self.arrivals / 5000) {
      var line = aegis_line()
      var models = [ModelBucket](repeating: ModelBucket(), count: Int(AEGIS_WAYS))
      var (rate, isBytes) = try Self.rate(&random)
      var now = Self.starts[round % Self.starts.count]
      line.epoch = now >> 38
      for _ in 0..<5000 {
        if UInt16.random(in: 0..<1000, using: &random) == 0 {
          (rate, isBytes) = try Self.rate(&random)
        }
        let fine = rate.flags & AEGIS_RATE_FINE.rawValue != 0
        let units = Self.units(isBytes, &random)
        now += Self.gap(&random, host_cost(&rate, isBytes ? 800 : 1) >> (fine ? 8 : 0))
        let source = Int.random(in: 0..<models.count, using: &random)
        let looked = host_would_exceed(&line, &rate, UInt64(source + 1), now, units)
        let outcome = host_limit(&line, &rate, UInt64(source + 1), now, units)
        let expected = models[source].admits(units, at: now, rate)
        if (outcome == AEGIS_CONFORMS.rawValue) != expected || (looked == 0) != expected {
          disagreements += 1
        }
        admitted += expected ? 1 : 0
      }
    }
    #expect(disagreements == 0)
    // Neither everything nor nothing: both answers were put to the test.
    #expect((Self.arrivals / 10..<Self.arrivals * 9 / 10).contains(admitted), "\(admitted)")
  }

  @Test("never admit more than the model, however many sources share a set")
  func shared() throws {
    var random = SplitMix64(seed: 12)
    var sharings = 0
    var refusals = 0
    for round in 0..<40 {
      var line = aegis_line()
      var models = [ModelBucket](repeating: ModelBucket(), count: 40)
      var (rate, isBytes) = try Self.rate(&random)
      var now = Self.starts[round % Self.starts.count]
      line.epoch = now >> 38
      for _ in 0..<5000 {
        let fine = rate.flags & AEGIS_RATE_FINE.rawValue != 0
        let units = Self.units(isBytes, &random)
        now += Self.gap(&random, host_cost(&rate, isBytes ? 800 : 1) >> (fine ? 8 : 0)) / 16
        let source = Int.random(in: 0..<models.count, using: &random)
        let outcome = host_limit(&line, &rate, UInt64(source + 1), now, units)
        if outcome & AEGIS_SHARED.rawValue != 0 { sharings += 1 }
        if outcome & AEGIS_OUTCOME_MASK.rawValue == AEGIS_CONFORMS.rawValue {
          // The model spends only what was admitted, so it must always be able to.
          let isCovered = models[source].admits(units, at: now, rate)
          #expect(isCovered)
        } else {
          refusals += 1
        }
      }
    }
    #expect(sharings > 1000)
    #expect(refusals > 1000)
  }

  private static func rate(_ random: inout SplitMix64) throws -> (aegis_rate, isBytes: Bool) {
    let (text, burst) = rates.randomElement(using: &random) ?? ("1/s", 1)
    let rate = try Rate(text, burst: UInt32(burst))
    return (try rate.abi(), rate.unit != .packets)
  }
}
