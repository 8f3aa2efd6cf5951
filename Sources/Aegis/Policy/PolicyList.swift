internal import CAegis
internal import Linux

/// What drop entries and allow keys have in common: put them, take them away, look at them.
///
/// A conformance says which map an element belongs in, and which bits tell the datapath that it is there.
protocol PolicyList {
  associatedtype Element: Hashable, Comparable, Sendable, CustomStringConvertible

  var datapath: Datapath { get }
  var list: EntryList<Element> { get }

  /// The maps below a directory, in the order of `list`.
  static func stores(in directory: String) -> [any EntryStore<Element>]
  /// The map for the element, by its number in `list`.
  static func home(of element: Element, protected: Bool) -> Int
  /// The sources that the element names; nil is all.
  static func sources(of element: Element) -> Prefix?
  /// Has the datapath look for elements like these.
  static func announce(_ elements: [Element], in store: Int, _ config: inout aegis_config)
  /// Has the datapath look only for what there is.
  func recount(_ config: inout aegis_config) throws(AegisError)
}

extension PolicyList {
  static func prefixLength(of element: Element) -> Int { Self.sources(of: element)?.length ?? 0 }

  func put(
    _ wanted: Wanted<Element>, protected: Bool = false, in session: borrowing Session
  ) throws(AegisError) -> [Change<Element>] {
    let terms = try settled(wanted.terms, session)
    let now = Clock.boottime()
    var actions = [Change<Element>.Action](repeating: .unchanged, count: wanted.entries.count)
    var changes: EntryList<Element>.Changes = [:]
    var rates = RateChanges()
    for (store, members) in homes(of: wanted, protected: protected).enumerated()
    where !members.isEmpty {
      let present = try list.present(members.lazy.map { wanted.entries[$0].element }, in: store)
      var change = EntryChange<Element>()
      change.added.reserveCapacity(present.isEmpty ? members.count : 0)
      for index in members {
        let element = wanted.entries[index].element
        let term = terms[Int(wanted.entries[index].terms)]
        let old = present.isEmpty ? nil : present[element]
        var entry = term.entry(
          over: old, at: now, protected: protected, prefixLength: Self.prefixLength(of: element))
        let isRateChanged = try rate(
          term.rate(over: old, at: now), of: &entry, of: element, &rates)
        let action = change.take(element, entry, over: old, at: now)
        actions[index] = action == .unchanged && isRateChanged ? .updated : action
      }
      if !change.added.isEmpty || !change.updated.isEmpty { changes[store] = change }
    }
    if !session.isDryRun { try make(changes, rates) }
    return zip(wanted.entries, actions).map { Change($0.element, $1) }
  }

  /// By store, the places among those wanted.
  private func homes(of wanted: Wanted<Element>, protected: Bool) -> [[Int]] {
    var homes = [[Int]](repeating: [], count: list.storeCount)
    for (index, entry) in wanted.entries.enumerated() {
      homes[Self.home(of: entry.element, protected: protected)].append(index)
    }
    return homes
  }

  private func make(
    _ changes: EntryList<Element>.Changes, _ rates: RateChanges
  ) throws(AegisError) {
    do {
      // A rate is there before the key that has it, and goes after.
      if !rates.stored.isEmpty { try KeyRates(datapath).store(rates.stored) }
      if !changes.isEmpty {
        try announce(changes)
        try list.put(changes) { () throws(AegisError) in try Sweeper.sweep(datapath) }
      }
      if !rates.dropped.isEmpty { try KeyRates(datapath).remove(rates.dropped) }
    } catch {
      if !rates.isEmpty { _ = try? KeyRates.forgetStrays(datapath) }
      throw error
    }
  }

  /// What there is to say of each is found out once.
  private func settled(
    _ terms: [Terms], _ session: borrowing Session
  ) throws(AegisError) -> [SettledTerms] {
    var numbers: [Note: UInt32] = [:]
    var settled: [SettledTerms] = []
    settled.reserveCapacity(terms.count)
    for term in terms {
      var number: UInt32?
      if let note = term.note {
        if let known = numbers[note] {
          number = known
        } else {
          number = try self.number(of: note, session)
        }
        numbers[note] = number
      }
      settled.append(SettledTerms(term, note: number))
    }
    return settled
  }

  func remove(
    _ elements: [Element], from stores: [Int], in session: borrowing Session
  ) throws(AegisError) -> [Change<Element>] {
    let unique = elements.uniqued()
    var removed: Set<Element> = []
    for store in stores {
      let members = unique.filter {
        Self.home(of: $0, protected: false) == store || Self.home(of: $0, protected: true) == store
      }
      if members.isEmpty { continue }
      let present = try list.present(members, in: store)
      if present.isEmpty { continue }
      if !session.isDryRun {
        try discard(Array(present.keys), Array(present.values), from: store)
      }
      let now = Clock.boottime()
      removed.formUnion(present.filter { !$0.value.isExpired(at: now) }.keys)
    }
    if !removed.isEmpty, !session.isDryRun {
      var config = try Settings.read(datapath)
      try recount(&config)
      try Settings.write(config, to: datapath)
    }
    return unique.map { Change($0, removed.contains($0) ? .removed : .unchanged) }
  }

  /// Removes entries, and the rates that were theirs alone.
  func discard(
    _ elements: [Element], _ entries: [aegis_entry], from store: Int
  ) throws(AegisError) {
    let rates = entries.map(\.rate).filter { $0 != 0 }
    do {
      try list.remove(elements, from: store)
      if !rates.isEmpty { try KeyRates(datapath).remove(rates) }
    } catch {
      if !rates.isEmpty { _ = try? KeyRates.forgetStrays(datapath) }
      throw error
    }
  }

  /// What is on the list now, in order.
  func live() throws(AegisError) -> [Entry<Element>] {
    let now = Clock.boottime()
    let all = try list.all().filter { !$0.entry.isExpired(at: now) }
    let notes = all.contains { $0.entry.note != 0 } ? try Notes(datapath).all() : [:]
    let rates = all.contains { $0.entry.rate != 0 } ? try KeyRates.all(datapath) : [:]
    return all.sorted { $0.element < $1.element }.map {
      Entry(
        element: $0.element, expires: $0.entry.expires == 0 ? nil : $0.entry.expires,
        remaining: $0.entry.remaining(at: now), hits: $0.entry.hits,
        note: notes[$0.entry.note],
        isProtected: $0.entry.isProtected, isMonitored: $0.entry.isMonitored,
        rate: rates[$0.entry.rate])
    }
  }

  /// Before the entries are there: a bit without an entry costs a look-up, an entry without its bit is ignored.
  private func announce(_ changes: EntryList<Element>.Changes) throws(AegisError) {
    let before = try Settings.read(datapath)
    var config = before
    for (store, change) in changes {
      if !change.added.isEmpty { Self.announce(change.added.map(\.0), in: store, &config) }
      let next = [change.added, change.updated].compactMap(Self.firstExpiry).min() ?? 0
      guard next != 0 else { continue }
      config.next_expiry = config.next_expiry == 0 ? next : min(config.next_expiry, next)
    }
    if !isIdentical(config, before) { try Settings.write(config, to: datapath) }
  }

  private static func firstExpiry(_ entries: [(Element, aegis_entry)]) -> UInt64? {
    var first: UInt64?
    for (_, entry) in entries where entry.expires != 0 {
      first = min(first ?? entry.expires, entry.expires)
    }
    return first
  }

  /// Gives an entry the number of the rate that it is to have; returns whether only the rate itself changes.
  private func rate(
    _ term: Terms.RateTerm, of entry: inout aegis_entry, of element: Element,
    _ rates: inout RateChanges
  ) throws(AegisError) -> Bool {
    switch term {
    case .keep: return false
    case .off:
      if entry.rate != 0 { rates.dropped.append(entry.rate) }
      entry.rate = 0
      return false
    case .set(let rate):
      let wanted = try KeyRates.rates(rate)
      if entry.rate == 0 {
        entry.rate = wanted.id
        rates.stored.append(KeyRates.New(rates: wanted, prefix: Self.sources(of: element)))
        return false
      }
      guard let changed = try KeyRates(datapath).update(wanted, of: entry.rate) else {
        return false
      }
      rates.stored.append(KeyRates.New(rates: changed, prefix: Self.sources(of: element)))
      return true
    }
  }

  private func number(
    of note: Note, _ session: borrowing Session
  ) throws(AegisError) -> UInt32 {
    if session.isDryRun { return note.id }
    return try Notes(datapath).number(of: note) { () throws(AegisError) in
      try PolicyLists.notesInUse(datapath)
    }
  }
}
