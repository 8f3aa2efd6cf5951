internal import CAegis

/// A rate of the relay in the datapath's form: ticks that a packet costs, and ticks that may be owed.
struct RelayRate: Hashable, Sendable {
  let interval: UInt64
  let depth: UInt64

  private static let ticks = UInt128(1_000_000_000) << UInt128(AEGIS_RELAY_TICK_SHIFT)

  /// - Parameter rate: nil for no rate.
  /// - Throws: For a rate of bits or bytes, and one that is not exact enough.
  init(_ rate: Rate?) throws(InputError) {
    guard let rate else {
      (interval, depth) = (0, 0)
      return
    }
    guard rate.unit == .packets, rate.algorithm == .tokenBucket else {
      throw InputError("\(rate)", "is not a rate of packets", hint: "write it as 10000/s or 50k/s")
    }
    let (time, amount) = (Self.ticks * UInt128(rate.period.seconds), UInt128(rate.amount))
    let interval = Self.interval(time, amount)
    guard interval * amount - time <= time / 1000 else {
      throw InputError("\(rate)", "is too high to be enforced within 0.1 %", hint: "at most 15M/s")
    }
    let depth = interval * UInt128(rate.effectiveBurst)
    guard depth < 1 << 60 else {
      throw InputError("\(rate)", "is too low for a burst of \(rate.effectiveBurst)")
    }
    (self.interval, self.depth) = (UInt64(interval), UInt64(depth))
  }

  init(interval: UInt64, depth: UInt64) {
    (self.interval, self.depth) = (interval, depth)
  }

  /// Rounded up: never laxer than the rate.
  private static func interval(_ time: UInt128, _ amount: UInt128) -> UInt128 {
    (time + amount - 1) / amount
  }

  /// The rate that is enforced so; nil for none.
  var rate: Rate? {
    if interval == 0 { return nil }
    let burst = UInt32(clamping: depth / interval)
    var nearest: Rate?
    for period in Rate.Period.allCases {
      let time = Self.ticks * UInt128(period.seconds)
      let amount = Self.interval(time, UInt128(interval))
      guard amount > 0,
        let rate = try? Rate(packets: UInt64(amount), period: period, burst: max(1, burst))
      else { continue }
      if Self.interval(time, amount) == UInt128(interval) { return rate }
      nearest = nearest ?? rate
    }
    return nearest
  }
}
