internal import CAegis
internal import Linux

extension KeyList {
  /// Adds entries, new ones first: if there is no room for all of them, existing entries are not changed and the new
  /// ones are removed again. Existing entries keep their hits.
  ///
  /// - Parameter notes: The numbers of all their notes.
  func put(
    _ differences: [Plan.Difference<Policy.Key>], notes: [Note: UInt32]
  ) throws(AegisError) {
    let new = differences.only { $0.before == nil }
    try put(Self.runs(new), notes)
    if new.count == differences.count { return }
    try put(Self.runs(differences.only { $0.before != nil }), notes)
  }

  private func put(_ runs: [Run], _ notes: [Note: UInt32]) throws(AegisError) {
    for (number, run) in runs.enumerated() {
      do {
        try put(run.members, in: run.store, notes)
      } catch {
        for begun in runs.prefix(number + 1) {
          let new = begun.members.filter { $0.before == nil }.map(\.element)
          _ = try? list.remove(new, from: begun.store)
        }
        throw error
      }
    }
  }

  /// The number of entries written at once.
  private static var chunk: Int { 1 << 16 }

  private func put(
    _ differences: ArraySlice<Plan.Difference<Policy.Key>>, in store: Int, _ notes: [Note: UInt32]
  ) throws(AegisError) {
    let old = try old(differences, in: store)
    try announce(differences)
    var rates = RateChanges()
    for start in stride(from: differences.startIndex, to: differences.endIndex, by: Self.chunk) {
      let some = differences[start..<min(start + Self.chunk, differences.endIndex)]
      let entries = try entries(some, over: old, notes, &rates)
      // A rate is stored before the key that uses it, and removed after.
      if !rates.stored.isEmpty {
        // A call that was killed in between left rates without a key.
        if start == differences.startIndex { try KeyRates.forgetStrays(datapath) }
        try KeyRates(datapath).store(rates.stored)
      }
      try write(entries, to: store) { () throws(AegisError) in
        let hasRoom = try Sweeper.sweep(datapath)
        // Sweeping makes the datapath look only for what existed then.
        try announce(differences)
        return hasRoom
      }
      rates.stored = []
    }
    if !rates.dropped.isEmpty { try KeyRates(datapath).remove(rates.dropped) }
  }

  /// The entries in the map: their hits and numbers of rates matter.
  private func old(
    _ differences: ArraySlice<Plan.Difference<Policy.Key>>, in store: Int
  ) throws(AegisError) -> [Policy.Key: aegis_entry] {
    try list.present(differences.map(\.element), in: store)
  }

  private func entries(
    _ differences: ArraySlice<Plan.Difference<Policy.Key>>, over present: [Policy.Key: aegis_entry],
    _ notes: [Note: UInt32], _ rates: inout RateChanges
  ) throws(AegisError) -> [(Policy.Key, aegis_entry)] {
    var entries: [(Policy.Key, aegis_entry)] = []
    entries.reserveCapacity(differences.count)
    // Neighbours mostly have the same conditions.
    var (last, note) = (Policy.Conditions(), 0 as UInt32)
    for difference in differences {
      let element = difference.element
      let conditions = difference.after ?? Policy.Conditions()
      if !conditions.isShared(with: last) {
        (last, note) = (conditions, conditions.note.flatMap { notes[$0] } ?? 0)
      }
      var entry = Self.entry(element, on: conditions)
      entry.note = note
      if !present.isEmpty, let old = present[element] {
        if difference.before != nil {
          (entry.rate, entry.hits) = (old.rate, old.hits)
        } else if old.rate != 0 {
          // The rate of an expired entry, which may be swept together with its rate before this is written.
          rates.dropped.append(old.rate)
        }
      }
      if entry.rate != 0 || conditions.rate != nil {
        try setRate(conditions.rate, of: &entry, of: element, &rates)
      }
      entries.append((element, entry))
    }
    return entries
  }

  /// Gives an entry the number of its rate.
  private func setRate(
    _ rate: Rate?, of entry: inout aegis_entry, of element: Policy.Key, _ rates: inout RateChanges
  ) throws(AegisError) {
    guard let rate else {
      if entry.rate != 0 { rates.dropped.append(entry.rate) }
      entry.rate = 0
      return
    }
    let wanted = try KeyRates.rates(rate)
    if entry.rate == 0 {
      entry.rate = wanted.id
      rates.stored.append(KeyRates.New(rates: wanted, prefix: element.key.source))
    } else if let changed = try KeyRates(datapath).update(wanted, of: entry.rate) {
      rates.stored.append(KeyRates.New(rates: changed, prefix: element.key.source))
    }
  }

  /// - Parameter makeRoom: Called when the map is full; returns whether to try again.
  private func write(
    _ entries: [(Policy.Key, aegis_entry)], to store: Int,
    makeRoom: () throws(AegisError) -> Bool
  ) throws(AegisError) {
    if try stores[store].put(entries) { return }
    guard try makeRoom(), try stores[store].put(entries) else { throw list.full(store) }
  }

  /// Before the entries exist: a bit without an entry costs a lookup, an entry without its bit is ignored.
  private func announce(
    _ differences: ArraySlice<Plan.Difference<Policy.Key>>
  ) throws(AegisError) {
    try Settings.change(datapath) { config in
      Self.announce(differences.lazy.map(\.element), &config)
      config.expect(differences.firstExpiry())
    }
  }

  /// Removes entries in this order, and the rates that only they used.
  func remove(_ differences: [Plan.Difference<Policy.Key>]) throws(AegisError) {
    for run in Self.runs(differences) {
      let elements = run.members.map(\.element)
      let present = try list.present(elements, in: run.store)
      try discard(elements, elements.compactMap { present[$0] }, from: run.store)
    }
  }

  private typealias Run = (store: Int, members: ArraySlice<Plan.Difference<Policy.Key>>)

  /// Neighbours in the same map: the first key that matches decides, so they are written in order.
  private static func runs(_ differences: [Plan.Difference<Policy.Key>]) -> [Run] {
    var runs: [Run] = []
    var start = 0
    while start < differences.count {
      let home = home(of: differences[start].element)
      var end = start + 1
      while end < differences.count, Self.home(of: differences[end].element) == home { end += 1 }
      runs.append((home, differences[start..<end]))
      start = end
    }
    return runs
  }
}

/// Rates of keys that are stored before the keys, and those that are removed after.
private struct RateChanges {
  var stored: [KeyRates.New] = []
  var dropped: [UInt32] = []
}
