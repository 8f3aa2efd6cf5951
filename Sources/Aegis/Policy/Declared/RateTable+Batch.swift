internal import BPF
internal import CAegis

extension RateTable {
  /// Makes the rates of selectors just so, in this order. Whatever a selector has changes at one instant.
  func make(_ changes: [Plan.RateChange]) throws(AegisError) {
    let rules = try changes.map { change throws(AegisError) in (change, try Self.rule(change)) }
    var config = try Settings.read(datapath)
    config.rate_shapes = changes.reduce(config.rate_shapes) { shapes, change in
      change.rates.isEmpty ? shapes : shapes | change.selector.shape(isTotal: change.isTotal)
    }
    // Before the rules are there: a bit without a rule costs a look-up, a rule without its bit is ignored.
    try announce(&config)
    for (index, (change, rule)) in rules.enumerated() {
      let held = try kernel { () throws(BPFError) in
        try self.held(by: change.selector, isTotal: change.isTotal, config)
      }
      var rates = held ?? .fresh()
      if change.isTotal { rates.total = rule } else { rates.source = rule }
      if change.selector == .rest {
        config.rates = rates
        // What holds for each source and in all changes at one instant.
        if rules.dropFirst(index + 1).first?.0.selector != .rest { try announce(&config) }
      } else {
        try store(rates, for: change.selector, isTotal: change.isTotal)
      }
    }
    if changes.contains(where: \.rates.isEmpty) { try settle() }
  }

  /// Has the datapath look only for the rules there are.
  func settle() throws(AegisError) {
    let before = try Settings.read(datapath)
    var config = before
    config.rate_shapes = try stored().reduce(0) { $0 | $1.shape }
    if config.rate_shapes != before.rate_shapes { try announce(&config) }
  }

  static func rule(_ change: Plan.RateChange) throws(AegisError) -> aegis_rule {
    var rule = aegis_rule()
    for rate in change.rates { rule.put(try rate.limit(), rate.unit) }
    return rule
  }
}
