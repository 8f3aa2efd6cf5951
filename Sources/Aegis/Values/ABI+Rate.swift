import CAegis

extension Rate {
  /// The maximum slowdown of a rate by rounding up: one part in a thousand.
  private static let precision: UInt128 = 1000

  /// The rate in the datapath's form: fine ticks if the burst fits in them, 1 ns ticks otherwise.
  ///
  /// - Parameter cpus: How many CPUs share a `per-cpu` rate.
  /// - Throws: `InputError` with the largest burst that fits, if this one does not, and for a rate that 1 ns ticks
  ///   would slow by more than 0.1 %.
  func abi(cpus: Int = 1) throws(InputError) -> aegis_rate {
    guard effectiveBurst > 0 else { throw InputError("0", "is not a burst: it is at least 1") }
    let share = algorithm == .perCPU ? UInt128(max(1, cpus)) : 1
    let fine = interval(ticksPerNanosecond: 1 << UInt128(AEGIS_FINE_SHIFT), share)
    if depth(fine, share) <= room(fine: true) {
      return abi(interval: fine, share, flags: AEGIS_RATE_FINE.rawValue)
    }
    let coarse = interval(ticksPerNanosecond: 1, share)
    let ideal = unitTime(ticksPerNanosecond: 1, share)
    let isPrecise =
      algorithm == .fixedWindow
      || coarse * ideal.divisor - ideal.time <= ideal.time / Self.precision
    guard isPrecise else {
      throw InputError(
        "\(self)", "is too high to be enforced within 0.1 % with a burst of \(effectiveBurst)",
        hint: "the largest burst at this rate is \(largestBurst(fine, share, fine: true))")
    }
    guard depth(coarse, share) <= room(fine: false) else {
      throw InputError(
        "\(self)", "is too low for a burst of \(effectiveBurst)",
        hint: "the largest burst at this rate is \(largestBurst(coarse, share, fine: false))")
    }
    return abi(interval: coarse, share, flags: 0)
  }

  /// Reads a rate in the datapath's form; nil if it is unlimited, or was not written by `abi()`.
  init?(_ rate: aegis_rate) {
    let isBits = rate.flags & AEGIS_RATE_BITS.rawValue != 0
    self.init(rate, isBits ? .bits : .packets)
  }

  /// `unit` distinguishes rates of packets and of bytes, which the datapath stores in different places.
  init?(_ rate: aegis_rate, _ unit: Unit) {
    guard rate.interval != 0, let period = Period(rawValue: rate.period),
      let burst = UInt32(exactly: rate.burst),
      let read = try? Rate(rate.amount, unit, period: period, burst: burst)
    else { return nil }
    self = read
    if burst == defaultBurst { self.burst = nil }
    if rate.flags & AEGIS_RATE_WINDOW.rawValue != 0 { algorithm = .fixedWindow }
    if rate.flags & AEGIS_RATE_PER_CPU.rawValue != 0 { algorithm = .perCPU }
    isMonitored = rate.flags & AEGIS_RATE_MONITOR.rawValue != 0
  }

  /// The ideal interval, a fraction, in 2^-AEGIS_INTERVAL_SHIFT ticks a packet or byte.
  private func unitTime(
    ticksPerNanosecond ticks: UInt128, _ share: UInt128
  ) -> (time: UInt128, divisor: UInt128) {
    let time = UInt128(period.seconds) * 1_000_000_000 * ticks << UInt128(AEGIS_INTERVAL_SHIFT)
    return (time * share * (unit == .bits ? 8 : 1), UInt128(amount))
  }

  /// Rounded up: never laxer than the rate. A packet costs whole ticks; bytes are summed first. In a window only the
  /// amount counts, and must not take longer than the window: rounded down to whole ticks.
  private func interval(ticksPerNanosecond ticks: UInt128, _ share: UInt128) -> UInt128 {
    let (time, divisor) = unitTime(ticksPerNanosecond: ticks, share)
    let interval = (time + divisor - 1) / divisor
    let tick: UInt128 = 1 << UInt128(AEGIS_INTERVAL_SHIFT)
    if algorithm == .fixedWindow { return max(1, time / divisor / tick) * tick }
    if unit != .packets { return interval }
    return (interval + tick - 1) / tick * tick
  }

  /// The number of packets or bytes that one bucket holds.
  private func held(_ share: UInt128) -> UInt128 {
    guard algorithm == .fixedWindow else { return (UInt128(effectiveBurst) + share - 1) / share }
    return unit == .bits ? UInt128(amount) / 8 : UInt128(amount)
  }

  /// In ticks, rounded up like a packet's cost, so that a packet as large as the whole burst passes.
  private func depth(_ interval: UInt128, _ share: UInt128) -> UInt128 {
    let tick: UInt128 = 1 << UInt128(AEGIS_INTERVAL_SHIFT)
    return (held(share) * interval + tick - 1) / tick
  }

  /// The maximum depth of a bucket in ticks: a window lies up to its own length ahead.
  private func room(fine: Bool) -> UInt128 {
    let horizon = UInt128(AEGIS_TAT_HORIZON)
    return algorithm == .fixedWindow ? horizon / 2 : horizon
  }

  private func largestBurst(_ interval: UInt128, _ share: UInt128, fine: Bool) -> UInt128 {
    (room(fine: fine) << UInt128(AEGIS_INTERVAL_SHIFT)) / interval * share
  }

  private func abi(interval: UInt128, _ share: UInt128, flags: UInt32) -> aegis_rate {
    var flags = flags
    switch algorithm {
    case .tokenBucket: break
    case .fixedWindow: flags |= AEGIS_RATE_WINDOW.rawValue
    case .perCPU: flags |= AEGIS_RATE_PER_CPU.rawValue
    }
    if isMonitored { flags |= AEGIS_RATE_MONITOR.rawValue }
    if unit != .packets { flags |= AEGIS_RATE_BYTES.rawValue }
    if unit == .bits { flags |= AEGIS_RATE_BITS.rawValue }
    return aegis_rate(
      interval: UInt64(interval), depth: UInt64(depth(interval, share)), amount: amount,
      burst: UInt64(effectiveBurst), period: period.seconds, flags: flags,
      first_line: 0, line_mask: 0)
  }
}
