import CAegis

extension Rate {
  /// Rounding up may make a rate this much slower: one part in a thousand.
  private static let precision: UInt64 = 1000

  /// What the datapath is given: fine ticks where the burst fits in them, 1 ns ticks otherwise.
  ///
  /// - Throws: `InputError` with the largest burst that fits, where this one does not, and for a
  ///   rate that 1 ns ticks would slow by more than 0.1 %.
  func abi() throws(InputError) -> aegis_rate {
    guard effectiveBurst > 0 else { throw InputError("0", "is not a burst: it is at least 1") }
    let burst = UInt64(effectiveBurst)
    let fine = interval(ticksPerNanosecond: 1 << UInt64(AEGIS_FINE_SHIFT))
    let largestFine = AEGIS_TAT_HORIZON / fine
    if burst <= largestFine {
      return abi(interval: fine, flags: AEGIS_RATE_FINE.rawValue)
    }
    let coarse = interval(ticksPerNanosecond: 1)
    let isPrecise = coarse * packets - nanoseconds <= nanoseconds / Self.precision
    let largestCoarse = AEGIS_TAT_HORIZON / coarse
    guard isPrecise else {
      throw InputError(
        "\(self)", "is too fast to be kept within 0.1 % with a burst of \(burst)",
        hint: "the largest burst at this rate is \(largestFine)")
    }
    guard burst <= largestCoarse else {
      throw InputError(
        "\(self)", "is too slow for a burst of \(burst)",
        hint: "the largest burst at this rate is \(largestCoarse)")
    }
    return abi(interval: coarse, flags: 0)
  }

  /// Reads what the datapath was given; nil when it is unlimited, or not what `abi()` writes.
  init?(_ rate: aegis_rate) {
    guard rate.interval != 0, let period = Period(rawValue: rate.period),
      let read = try? Rate(packets: rate.packets, period: period, burst: rate.burst)
    else { return nil }
    self = read
    if rate.burst == defaultBurst { burst = nil }
  }

  private var nanoseconds: UInt64 { UInt64(period.seconds) * 1_000_000_000 }

  /// Rounded up: never laxer than the rate.
  private func interval(ticksPerNanosecond ticks: UInt64) -> UInt64 {
    (nanoseconds * ticks + packets - 1) / packets
  }

  private func abi(interval: UInt64, flags: UInt32) -> aegis_rate {
    aegis_rate(
      interval: interval, tolerance: UInt64(effectiveBurst - 1) * interval, packets: packets,
      period: period.seconds, burst: effectiveBurst, flags: flags, pad: 0)
  }
}
