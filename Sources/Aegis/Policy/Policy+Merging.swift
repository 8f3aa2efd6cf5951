extension Policy {
  /// The result of declaring `wanted` on top of this policy.
  ///
  /// - Parameter pruning: Lists that `wanted` has become exactly those; otherwise their entries are only added or
  ///   changed. A list that `wanted` lacks stays.
  public func merged(with wanted: Policy, pruning: Bool) -> Policy {
    var result = self
    result.defaultAction = wanted.defaultAction ?? defaultAction
    result.replies = wanted.replies ?? replies
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
    // Those that an interrupted call left are nobody's.
    result.rules = rules?.filter { !$0.name.isLeft }
    if let rules = wanted.rules {
      // The declared ones come first, in their order.
      let declared = Set(rules.map(\.name))
      let others = (result.rules ?? []).filter { !declared.contains($0.name) }
      result.rules = rules + (pruning ? [] : others)
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
    if let lists = wanted.lists {
      result.lists = pruning ? [:] : self.lists ?? [:]
      for (name, list) in lists {
        result.lists?[name] = list
        // Who fills a list says how long it lasts.
        if list.expires == nil, wanted.entries(of: name) == nil {
          result.lists?[name]?.expires = self.lists?[name]?.expires
        }
      }
      result.place(wanted, over: self, pruning: pruning)
    }
    return result
  }

  /// Gives each direction the entries of the lists that hold for it. A list whose entries are not declared keeps them.
  private mutating func place(_ wanted: Policy, over old: Policy, pruning: Bool) {
    listed = [:]
    var leaving: [ListName: [Prefix: Conditions]] = [:]
    for (name, list) in lists ?? [:] {
      let present = old.entries(of: name) ?? [:]
      let declared = wanted.lists?[name] == nil ? nil : wanted.entries(of: name)
      let entries = declared.map { pruning ? $0 : present.merging($0) { $1 } } ?? present
      if entries.isEmpty { continue }
      if list.directions.contains(.in) { listed[name] = entries }
      if list.directions.contains(.out) { leaving[name] = entries }
    }
    if out != nil || !leaving.isEmpty { out = out ?? old.out ?? Policy() }
    out?.listed = leaving
  }

  /// The entries of a list, whichever direction has them; nil if they are not declared.
  public func entries(of name: ListName) -> [Prefix: Conditions]? {
    if lists?[name]?.directions == .out, let leaving = out?.listed[name] { return leaving }
    return listed[name]
  }

  /// The same policy, and the drop entries and lists of a saved one that it does not declare itself.
  public func restoring(_ saved: Policy) -> Policy {
    var policy = self
    if let drops = saved.drops { policy.drops = drops.merging(self.drops ?? [:]) { $1 } }
    guard let lists = saved.lists else { return policy }
    policy.lists = self.lists ?? [:]
    for (name, list) in lists {
      let kept = saved.entries(of: name) ?? [:]
      let declared = self.lists?[name] == nil ? nil : entries(of: name)
      if policy.lists?[name] == nil { policy.lists?[name] = list }
      if declared == nil, policy.lists?[name]?.expires == nil {
        policy.lists?[name]?.expires = list.expires
      }
      policy.listed[name] = kept.merging(declared ?? [:]) { $1 }
    }
    return policy
  }

  /// The same policy, with the entries of lists in all directions for which these hold.
  func placed() -> Policy {
    var policy = self
    if lists != nil { policy.place(self, over: Policy(), pruning: true) }
    return policy
  }

  /// The number of entries that a policy merged with `wanted` has besides those of its lists. Lists that `wanted` lacks
  /// do not count.
  func entriesBesides(_ wanted: Policy) -> Int {
    func more(_ count: Int?, _ declared: Int?) -> Int {
      declared.map { max(0, (count ?? 0) - $0) } ?? 0
    }
    let held = { (policy: Policy) in
      wanted.listed.keys.reduce(0) { $0 + (policy.listed[$1]?.count ?? 0) }
    }
    return more(classes?.count, wanted.classes?.count)
      + more(lists?.count, wanted.lists?.count) + max(0, held(self) - held(wanted))
      + more(rates?.count, wanted.rates?.count) + more(rules?.count, wanted.rules?.count)
      + more(drops?.count, wanted.drops?.count)
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
