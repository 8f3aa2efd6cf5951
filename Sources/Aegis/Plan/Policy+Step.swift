extension Policy {
  /// Changes this policy in the same way as the step changes a datapath.
  public mutating func take(_ step: Plan.Step) {
    switch step {
    case .mode(let mode): self.mode = mode
    case .defaultAction(let action): defaultAction = action
    case .replies(let pass): replies = pass
    case .sourcePrefix(let lengths): sourcePrefix = lengths
    case .deadline: break
    case .nameClasses(let names): for name in names { classes?[name] = AddressClass() }
    case .classes(let changes):
      for change in changes { classes?[change.name] = change.after ?? AddressClass() }
    case .forgetClasses(let names): for name in names { classes?[name] = nil }
    case .rates(let changes): for change in changes { take(change) }
    case .rules(let rules): self.rules = rules
    case .lists(let changes): for change in changes { lists?[change.name] = change.after }
    case .forgetLists(let names): for name in names { lists?[name] = nil }
    case .putDrops(let drops, .manual), .removeDrops(let drops, .manual):
      for drop in drops { self.drops?[drop.element] = drop.after }
    case .putDrops(let drops, let list), .removeDrops(let drops, let list):
      for drop in drops { listed[list, default: [:]][drop.element] = drop.after }
    case .putKeys(let keys), .removeKeys(let keys):
      for key in keys { self.keys?[key.element] = key.after }
    }
  }

  private mutating func take(_ change: Plan.RateDifference) {
    rates?.removeAll { $0.selector == change.selector && $0.isTotal == change.isTotal }
    rates? += change.after.map {
      RateRule($0, for: change.selector, isTotal: change.isTotal)
    }
  }
}
