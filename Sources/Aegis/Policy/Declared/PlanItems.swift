/// What of a plan an operator is told.
struct PlanItems {
  private let old: Policy
  private let new: Policy
  private let differences: PolicyDifferences

  init(_ old: Policy, _ new: Policy, _ differences: PolicyDifferences) {
    self.old = old
    self.new = new
    self.differences = differences
  }

  var items: [Plan.Item] { settings + rates + drops + keys }

  private var settings: [Plan.Item] {
    [
      setting(.defaultAction, old.defaultAction?.rawValue, new.defaultAction?.rawValue),
      setting(.mode, old.mode?.rawValue, new.mode?.rawValue),
      setting(.sourcePrefix, old.sourcePrefix?.description, new.sourcePrefix?.description),
    ].compactMap(\.self)
  }

  private func setting(
    _ part: Plan.Item.Part, _ before: String?, _ now: String?
  ) -> Plan.Item? {
    if before == now { return nil }
    return Plan.Item(part: part, name: part.rawValue, action: .changed, now: now, before: before)
  }

  private var rates: [Plan.Item] {
    let before = Self.bySlot(old.rates)
    let now = Self.bySlot(new.rates)
    return Set(before.keys).union(now.keys).compactMap { slot in
      item(.rate, slot.name, before[slot], now[slot]) {
        $0.rate == $1.rate
      } text: {
        $0.rate.terms
      }
    }
    .sorted { $0.name < $1.name }
  }

  private static func bySlot(_ rules: [RateRule]?) -> [RateSlot: RateRule] {
    Dictionary((rules ?? []).map { ($0.slot, $0) }) { $1 }
  }

  private var drops: [Plan.Item] {
    let list = differences.drops
    return (list.added + list.changed + list.removed).sorted().compactMap { prefix in
      item(.drop, "\(prefix)", old.drops?[prefix], new.drops?[prefix]) { _, _ in
        false
      } text: {
        $0.text
      }
    }
  }

  /// One that moves is there before and after.
  private var keys: [Plan.Item] {
    let list = differences.keys
    return (list.added + list.changed + list.removed).map(\.key).uniqued().sorted().compactMap {
      key in
      item(.key, "\(key)", held(old, key), held(new, key)) {
        $0 == $1
      } text: {
        $0
      }
    }
  }

  private func held(_ policy: Policy, _ key: AllowKey) -> String? {
    let places = [true, false].map { Policy.Key(key, isProtected: $0) }
    let texts = places.compactMap { place in
      policy.keys?[place].map { ((place.isProtected ? ["protected"] : []) + $0.words) }
    }
    return texts.isEmpty ? nil : texts.map { $0.joined(separator: ", ") }.joined(separator: "; ")
  }

  private func item<Value>(
    _ part: Plan.Item.Part, _ name: String, _ before: Value?, _ now: Value?,
    isSame: (Value, Value) -> Bool, text: (Value) -> String
  ) -> Plan.Item? {
    if let before, let now, isSame(before, now) { return nil }
    let action: Plan.Item.Action = before == nil ? .added : now == nil ? .removed : .changed
    return Plan.Item(
      part: part, name: name, action: action, now: now.map(text), before: before.map(text))
  }
}
