extension Policy {
  /// The result of declaring `wanted` on top of this policy.
  ///
  /// - Parameter pruning: Lists that `wanted` has become exactly those; otherwise their entries are only added or
  ///   changed. A list that `wanted` lacks stays.
  public func merged(with wanted: Policy, pruning: Bool) -> Policy {
    var result = self
    result.defaultAction = wanted.defaultAction ?? defaultAction
    result.mode = wanted.mode ?? mode
    result.sourcePrefix = wanted.sourcePrefix ?? sourcePrefix
    if let classes = wanted.classes {
      result.classes = pruning ? classes : (self.classes ?? [:]).merging(classes) { $1 }
    }
    if let rates = wanted.rates {
      let declared = Set(rates.map(\.slot))
      let kept = pruning ? [] : (self.rates ?? []).filter { !declared.contains($0.slot) }
      result.rates = kept + rates
    }
    if let drops = wanted.drops {
      result.drops = pruning ? drops : (self.drops ?? [:]).merging(drops) { $1 }
    }
    if let keys = wanted.keys {
      var kept = pruning ? [:] : self.keys ?? [:]
      for (key, conditions) in keys {
        kept[key] = conditions
        kept[key.other] = nil
      }
      result.keys = kept
    }
    if let out = wanted.out {
      result.out = (self.out ?? Policy()).merged(with: out, pruning: pruning)
    }
    return result
  }

  /// The number of entries that a policy merged with `wanted` has besides those of its lists. Lists that `wanted` lacks
  /// do not count.
  func entriesBesides(_ wanted: Policy) -> Int {
    func more(_ count: Int?, _ declared: Int?) -> Int {
      declared.map { max(0, (count ?? 0) - $0) } ?? 0
    }
    return more(classes?.count, wanted.classes?.count)
      + more(rates?.count, wanted.rates?.count) + more(drops?.count, wanted.drops?.count)
      + more(keys?.count, wanted.keys?.count)
      + (wanted.out.map { out?.entriesBesides($0) ?? 0 } ?? 0)
  }
}

/// A place for one rate in the datapath: of packets or of bytes, for each source or in total.
public struct RateSlot: Hashable, Sendable {
  let selector: RateSelector
  let isTotal: Bool
  let isBytes: Bool
}

extension RateRule {
  public var slot: RateSlot {
    RateSlot(selector: selector, isTotal: isTotal, isBytes: rate.unit != .packets)
  }
}
