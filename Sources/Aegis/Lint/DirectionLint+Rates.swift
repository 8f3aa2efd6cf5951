extension DirectionLint {
  /// At most one a rate.
  var rateFindings: [LintFinding] {
    var slots: [RateSlot: Int] = [:]
    return (part.rates ?? []).enumerated().compactMap { index, rate -> LintFinding? in
      let place = LintPlace.rate(direction, index, rate)
      if let other = slots[rate.slot] {
        guard let before = part.rates?[other] else { return nil }
        let first = LintPlace.rate(direction, other, before)
        return LintFinding(
          .redundant, .warning, place, "is for the same packets as \(first)")
      }
      slots[rate.slot] = index
      if let name = rate.selector.className, whole.classes?[name]?.isEmpty == true {
        let named = LintPlace.addressClass(name)
        return LintFinding(
          .empty, .warning, place, "limits nothing: \(named) has no addresses")
      }
      guard let prefix = rate.selector.prefix, let entry = dropping(prefix, until: nil) else {
        return nil
      }
      return LintFinding(
        .unreachable, .warning, place, "limits nothing: \(entry) drops all of its packets")
    }
  }
}
