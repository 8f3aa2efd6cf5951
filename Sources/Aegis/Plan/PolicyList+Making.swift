internal import CAegis
internal import Linux

extension PolicyList {
  /// Adds entries, new ones first: if there is no room for all of them, existing entries are not changed and the new
  /// ones are removed again. Existing entries keep their hits.
  ///
  /// - Parameter notes: The numbers of all their notes.
  func put(
    _ differences: [Plan.Difference<Element>], notes: [Note: UInt32]
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
    _ differences: ArraySlice<Plan.Difference<Element>>, in store: Int, _ notes: [Note: UInt32]
  ) throws(AegisError) {
    let old = try old(differences, in: store)
    try announce(differences, in: store)
    var rates = RateChanges()
    for start in stride(from: differences.startIndex, to: differences.endIndex, by: Self.chunk) {
      let some = differences[start..<min(start + Self.chunk, differences.endIndex)]
      let entries = try entries(some, over: old, notes, &rates)
      // A rate is stored before the key that uses it, and removed after.
      if !rates.stored.isEmpty { try KeyRates(datapath).store(rates.stored) }
      try list.write(entries, to: store) { () throws(AegisError) in
        let hasRoom = try Sweeper.sweep(datapath)
        // Sweeping makes the datapath look only for what existed then.
        try announce(differences, in: store)
        return hasRoom
      }
      rates.stored = []
    }
    if !rates.dropped.isEmpty { try KeyRates(datapath).remove(rates.dropped) }
  }

  /// The entries in the map, as far as they matter: hits and numbers of rates. For a new drop, nothing matters.
  private func old(
    _ differences: ArraySlice<Plan.Difference<Element>>, in store: Int
  ) throws(AegisError) -> [Element: aegis_entry] {
    let kept = differences.lazy.filter { Self.hasRates || $0.before != nil }.map(\.element)
    return kept.isEmpty ? [:] : try list.present(Array(kept), in: store)
  }

  private func entries(
    _ differences: ArraySlice<Plan.Difference<Element>>, over present: [Element: aegis_entry],
    _ notes: [Note: UInt32], _ rates: inout RateChanges
  ) throws(AegisError) -> [(Element, aegis_entry)] {
    var entries: [(Element, aegis_entry)] = []
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
    _ rate: Rate?, of entry: inout aegis_entry, of element: Element, _ rates: inout RateChanges
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

  /// Before the entries exist: a bit without an entry costs a lookup, an entry without its bit is ignored.
  private func announce(
    _ differences: ArraySlice<Plan.Difference<Element>>, in store: Int
  ) throws(AegisError) {
    var first: UInt64?
    var last = Policy.Conditions()
    for difference in differences {
      guard let conditions = difference.after, !conditions.isShared(with: last) else { continue }
      last = conditions
      if let expires = conditions.expires { first = min(first ?? expires, expires) }
    }
    try Settings.change(datapath) { config in
      Self.announce(differences.lazy.map(\.element), in: store, &config)
      guard let first else { return }
      config.next_expiry = config.next_expiry == 0 ? first : min(config.next_expiry, first)
    }
  }

  /// Removes entries in this order, and the rates that only they used.
  func remove(_ differences: [Plan.Difference<Element>]) throws(AegisError) {
    for run in Self.runs(differences) {
      let elements = run.members.map(\.element)
      let present = Self.hasRates ? try list.present(elements, in: run.store) : [:]
      try discard(elements, elements.compactMap { present[$0] }, from: run.store)
    }
  }

  private typealias Run = (store: Int, members: ArraySlice<Plan.Difference<Element>>)

  /// Entries of the same map.
  private static func runs(_ differences: [Plan.Difference<Element>]) -> [Run] {
    isOrdered ? neighbours(differences) : groups(differences)
  }

  private static func groups(_ differences: [Plan.Difference<Element>]) -> [Run] {
    guard let first = differences.first.map({ home(of: $0.element) }) else { return [] }
    // Most lists are of one kind and need no copy.
    if differences.allSatisfy({ home(of: $0.element) == first }) {
      return [(first, differences[...])]
    }
    let groups = differences.grouped { home(of: $0.element) }
    // Prefixes come before hosts, because a new prefix may replace hosts.
    return groups.sorted { $0.key > $1.key }.map { ($0.key, $0.value[...]) }
  }

  private static func neighbours(_ differences: [Plan.Difference<Element>]) -> [Run] {
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
