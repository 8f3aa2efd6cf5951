extension PolicyChange {
  /// What a plan changes, for the guard to judge.
  public init(_ plan: Plan) {
    self.init()
    for step in plan.steps {
      switch step {
      case .mode(let mode): self.mode = mode
      case .defaultAction(let action): defaultAction = action
      case .sourcePrefix: break
      case .rates(let changes): for change in changes { add(change) }
      case .putDrops(let changes):
        drops += changes.filter { !$0.conditions.isMonitored }.map(\.prefix)
        removedDrops += changes.filter(\.conditions.isMonitored).map(\.prefix)
      case .removeDrops(let prefixes): removedDrops += prefixes
      case .putKeys(let changes): for change in changes { add(change) }
      case .removeKeys(let removed):
        // A key that moves is put with its other protection too.
        for key in removed where keys[key.key] == nil { keys[key.key] = .absent }
      }
    }
  }

  private mutating func add(_ change: Plan.RateChange) {
    removedRates.append(RateSlot(change.selector, isTotal: change.isTotal))
    rates += change.rates.map { RateRule($0, for: change.selector, isTotal: change.isTotal) }
  }

  private mutating func add(_ change: Plan.Key) {
    let rate = change.conditions.rate.map(Terms.RateTerm.set) ?? .off
    keys[change.key.key] = change.key.isProtected ? .protected : .plain(rate)
  }
}
