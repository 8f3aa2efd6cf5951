import CAegis

/// A token bucket in exact arithmetic: no TAT, no modulo, no table. Credit is counted in 2^-24 ns, which both
/// kinds of the datapath's ticks are whole multiples of.
struct ModelBucket {
  private static let grain: Int128 = 1 << 24
  /// The second by which the datapath's clock may be late.
  private static let slack: Int128 = 1_000_000_000 << 24

  private var spent: Int128 = 0
  private var at: UInt64 = 0

  /// The furthest that a debt is told apart from one that is paid, in ticks.
  private static let horizon: Int128 = 1 << 46

  /// Whether so many units conform together; takes their credit if so. More than the bucket holds conform to a full one.
  mutating func admits(_ units: UInt64, at now: UInt64, _ rate: aegis_rate) -> Bool {
    settle(at: now, rate)
    let tick = Self.tick(rate)
    let cost = (Int128(rate.interval) * Int128(units) + 65_535) / 65_536 * tick
    let depth = Int128(rate.depth) * tick
    guard spent + min(cost, depth) <= depth else { return false }
    spent = min(spent + cost, Self.horizon * tick)
    return true
  }

  /// Credit comes back with time; a rate that holds less forgets what is spent beyond it when it is next used.
  private mutating func settle(at now: UInt64, _ rate: aegis_rate) {
    spent = max(0, spent - Int128(now - at) * Self.grain)
    at = now
    let tick = Self.tick(rate)
    // What was spent in finer ticks is rounded up to these.
    spent = (spent + tick - 1) / tick * tick
    let depth = Int128(rate.depth) * tick
    let isOfBytes = rate.flags & AEGIS_RATE_BYTES.rawValue != 0
    // The largest buffers are of a megabyte, or of 2048 packets.
    let unit = (Int128(rate.interval) + 65_535) / 65_536
    let buffer = (unit << (isOfBytes ? 20 : 11)) * tick
    if spent > depth + Self.slack + buffer { spent = depth }
  }

  private static func tick(_ rate: aegis_rate) -> Int128 {
    rate.flags & AEGIS_RATE_FINE.rawValue != 0 ? grain >> Int128(AEGIS_FINE_SHIFT) : grain
  }
}
