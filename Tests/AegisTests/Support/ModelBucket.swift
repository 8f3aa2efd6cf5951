import CAegis

/// A token bucket in exact arithmetic: no TAT, no modulo, no table. Credit is counted in 2^-24 ns, which both
/// kinds of the datapath's ticks are whole multiples of.
struct ModelBucket {
  private static let grain: Int128 = 1 << 24
  /// The second by which the datapath's clock may be late.
  private static let slack: Int128 = 1_000_000_000 << 24

  private var spent: Int128 = 0
  private var at: UInt64 = 0

  /// Whether a packet of so many units conforms; takes its credit if so.
  mutating func admits(_ units: UInt64, at now: UInt64, _ rate: aegis_rate) -> Bool {
    settle(at: now, rate)
    let tick = Self.tick(rate)
    let cost = (Int128(rate.interval) * Int128(units) + 65_535) / 65_536 * tick
    guard spent + cost <= Int128(rate.depth) * tick else { return false }
    spent += cost
    return true
  }

  /// Credit comes back with time; a rate that holds less forgets what is spent beyond it when it is next used.
  private mutating func settle(at now: UInt64, _ rate: aegis_rate) {
    spent = max(0, spent - Int128(now - at) * Self.grain)
    at = now
    let tick = Self.tick(rate)
    // What was spent in finer ticks is rounded up to these.
    spent = (spent + tick - 1) / tick * tick
    let most = Int128(rate.depth) * tick
    if spent > most + Self.slack { spent = most }
  }

  private static func tick(_ rate: aegis_rate) -> Int128 {
    rate.flags & AEGIS_RATE_FINE.rawValue != 0 ? grain >> Int128(AEGIS_FINE_SHIFT) : grain
  }
}
