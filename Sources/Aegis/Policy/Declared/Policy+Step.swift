extension Policy {
  /// Does to this what making the step does to a datapath.
  public mutating func take(_ step: Plan.Step) {
    switch step {
    case .mode(let mode): self.mode = mode
    case .defaultAction(let action): defaultAction = action
    case .sourcePrefix(let lengths): sourcePrefix = lengths
    case .rates(let changes): for change in changes { take(change) }
    case .putDrops(let drops):
      for drop in drops { self.drops?[drop.prefix] = drop.conditions }
    case .removeDrops(let prefixes): for prefix in prefixes { drops?[prefix] = nil }
    case .putKeys(let keys): for key in keys { self.keys?[key.key] = key.conditions }
    case .removeKeys(let keys): for key in keys { self.keys?[key] = nil }
    }
  }

  private mutating func take(_ change: Plan.RateChange) {
    rates?.removeAll { $0.selector == change.selector && $0.isTotal == change.isTotal }
    rates? += change.rates.map {
      RateRule($0, for: change.selector, isTotal: change.isTotal)
    }
  }
}
