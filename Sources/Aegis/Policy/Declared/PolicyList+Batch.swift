internal import CAegis
internal import Linux

/// An entry that is to be just so.
struct Placement<Element: Hashable & Sendable> {
  let element: Element
  let isProtected: Bool
  let conditions: Policy.Conditions
}

extension PolicyList {
  /// Puts entries in this order, each on its own conditions; those that are there keep their hits.
  ///
  /// - Parameter notes: The number of every note that they have.
  func place(
    _ placements: [Placement<Element>], notes: [Note: UInt32]
  ) throws(AegisError) {
    for run in runs(placements, { Self.home(of: $0.element, protected: $0.isProtected) }) {
      try place(run.members, in: run.store, notes)
    }
  }

  private func place(
    _ placements: ArraySlice<Placement<Element>>, in store: Int, _ notes: [Note: UInt32]
  ) throws(AegisError) {
    let present = try list.present(placements.map(\.element), in: store)
    let now = Clock.boottime()
    var rates = RateChanges()
    var entries: [(Element, aegis_entry)] = []
    entries.reserveCapacity(placements.count)
    for placement in placements {
      let conditions = placement.conditions
      let old = present[placement.element]
      var entry = aegis_entry.new(
        expires: conditions.expires ?? 0, note: conditions.note.flatMap { notes[$0] } ?? 0,
        rate: old?.rate ?? 0, protected: placement.isProtected,
        monitored: conditions.isMonitored, prefixLength: Self.prefixLength(of: placement.element))
      try setRate(conditions.rate, of: &entry, of: placement.element, &rates)
      if let old, !old.isExpired(at: now) { entry.hits = old.hits }
      entries.append((placement.element, entry))
    }
    // A rate is there before the key that has it, and goes after.
    if !rates.stored.isEmpty { try KeyRates(datapath).store(rates.stored) }
    try announce(entries, in: store)
    try list.write(entries, to: store)
    if !rates.dropped.isEmpty { try KeyRates(datapath).remove(rates.dropped) }
  }

  private func setRate(
    _ rate: Rate?, of entry: inout aegis_entry, of element: Element,
    _ rates: inout RateChanges
  ) throws(AegisError) {
    guard let rate else {
      if entry.rate != 0 { rates.dropped.append(entry.rate) }
      entry.rate = 0
      return
    }
    let wanted = try KeyRates.rates(rate)
    if entry.rate == 0 {
      entry.rate = wanted.id
      rates.stored.append(KeyRates.New(rates: wanted, prefix: Self.sources(of: element)))
    } else if let changed = try KeyRates(datapath).update(wanted, of: entry.rate) {
      rates.stored.append(KeyRates.New(rates: changed, prefix: Self.sources(of: element)))
    }
  }

  /// Before the entries are there: a bit without an entry costs a look-up, an entry without its bit is ignored.
  private func announce(
    _ entries: [(Element, aegis_entry)], in store: Int
  ) throws(AegisError) {
    let before = try Settings.read(datapath)
    var config = before
    Self.announce(entries.map(\.0), in: store, &config)
    if let first = entries.lazy.map(\.1.expires).filter({ $0 != 0 }).min() {
      config.next_expiry = config.next_expiry == 0 ? first : min(config.next_expiry, first)
    }
    if !isIdentical(config, before) { try Settings.write(config, to: datapath) }
  }

  /// Takes entries away in this order.
  func takeAway(_ elements: [(element: Element, isProtected: Bool)]) throws(AegisError) {
    for run in runs(elements, { Self.home(of: $0.element, protected: $0.isProtected) }) {
      let members = run.members.map(\.element)
      let present = try list.present(members, in: run.store)
      try list.remove(members, from: run.store)
      let rates = present.values.map(\.rate).filter { $0 != 0 }
      if !rates.isEmpty { try KeyRates(datapath).remove(rates) }
    }
  }

  /// Neighbours that are held in the same map.
  private func runs<Value>(
    _ values: [Value], _ store: (Value) -> Int
  ) -> [(store: Int, members: ArraySlice<Value>)] {
    var runs: [(store: Int, members: ArraySlice<Value>)] = []
    var start = 0
    while start < values.count {
      let home = store(values[start])
      var end = start + 1
      while end < values.count, store(values[end]) == home { end += 1 }
      runs.append((home, values[start..<end]))
      start = end
    }
    return runs
  }
}
