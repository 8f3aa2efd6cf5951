internal import CAegis
internal import Linux

extension RateJudgement {
  /// The buckets recorded in a trace, with the names of their rules.
  init(_ trace: aegis_trace, names: [UInt32: String]) {
    // The rate of a rule is in the place of that of a key.
    let isOfRule = trace.rule != 0 && trace.rule_action == AEGIS_RULE_LIMIT.rawValue
    let ofSource = Self.rules(trace.source_rates, names, own: isOfRule ? .rule : .key)
    let ofTotal = Self.rules(trace.total_rates, names, own: isOfRule ? .rule : .key)
    buckets = withUnsafeBytes(of: trace.bucket) { bytes in
      bytes.bindMemory(to: aegis_trace_bucket.self).enumerated().compactMap { kind, bucket in
        let isTotal = kind & 2 != 0
        return Bucket(
          bucket, isTotal: isTotal, isBytes: kind & 1 != 0, rules: isTotal ? ofTotal : ofSource,
          at: trace.now)
      }
    }
  }

  /// The rules that exist, the most specific first.
  private static func rules<Numbers>(
    _ numbers: Numbers, _ names: [UInt32: String], own: Place
  ) -> [Rule] {
    withUnsafeBytes(of: numbers) { bytes in
      zip(Place.allCases, bytes.bindMemory(to: UInt32.self)).compactMap { place, number in
        number == 0
          ? nil : Rule(place: place == .key ? own : place, name: names[number] ?? "(gone)")
      }
    }
  }
}

extension RateJudgement.Bucket {
  fileprivate init?(
    _ bucket: aegis_trace_bucket, isTotal: Bool, isBytes: Bool, rules: [RateJudgement.Rule],
    at now: UInt64
  ) {
    let isBits = bucket.rate.flags & AEGIS_RATE_BITS.rawValue != 0
    guard bucket.judged != 0, let rule = rules.first,
      let rate = Rate(bucket.rate, isBytes ? (isBits ? .bits : .bytes) : .packets)
    else { return nil }
    let (interval, depth) = (bucket.rate.interval, bucket.rate.depth)
    let isOver = bucket.outcome & 3 != 0
    // The depth is rounded up to a tick, which is more than a byte at many Gbit/s.
    let most = rate.algorithm == .fixedWindow ? .max : bucket.rate.burst
    self.init(
      rate: rate, isTotal: isTotal, rule: rule, passedOver: Array(rules.dropFirst()),
      left: min(most, Self.units(depth - min(depth, bucket.owed), interval)),
      size: min(most, Self.units(depth, interval)), isOver: isOver,
      retryAfter: isOver ? .nanoseconds(Int64(clamping: Self.wait(bucket, now))) : nil,
      isShared: bucket.outcome & 4 != 0)
  }

  /// ns until the bucket has room for the packet.
  private static func wait(_ bucket: aegis_trace_bucket, _ now: UInt64) -> UInt64 {
    let flags = bucket.rate.flags
    if flags & AEGIS_RATE_WINDOW.rawValue != 0, bucket.rate.period != 0 {
      // Nothing is refilled before the window ends.
      let period = UInt64(bucket.rate.period) * 1_000_000_000
      return period - now % period
    }
    // One that costs more than the whole depth conforms once nothing is owed.
    let needed = bucket.owed + min(bucket.cost, bucket.rate.depth)
    let ticks = needed - min(bucket.rate.depth, needed)
    return flags & AEGIS_RATE_FINE.rawValue != 0 ? ticks >> UInt64(AEGIS_FINE_SHIFT) : ticks
  }

  /// The packets or bytes that this number of ticks pays for.
  private static func units(_ ticks: UInt64, _ interval: UInt64) -> UInt64 {
    (ticks << UInt64(AEGIS_INTERVAL_SHIFT)) / max(1, interval)
  }
}
