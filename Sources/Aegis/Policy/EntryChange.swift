internal import CAegis

/// What is to be written to one store.
struct EntryChange<Element: Hashable & Sendable> {
  var added: [(Element, aegis_entry)] = []
  var updated: [(Element, aegis_entry)] = []

  /// Takes in what an entry is to be, if that is not what it is.
  mutating func take(
    _ element: Element, _ entry: aegis_entry, over old: aegis_entry?, at now: UInt64
  ) -> Aegis.Change<Element>.Action {
    guard let old else {
      added.append((element, entry))
      return .added
    }
    let isOver = old.isExpired(at: now)
    if !isOver, old.says(entry) { return .unchanged }
    var entry = entry
    entry.hits = isOver ? 0 : old.hits
    updated.append((element, entry))
    return isOver ? .added : .updated
  }
}

/// Rates of keys that are written before the keys, and after.
struct RateChanges {
  var stored: [KeyRates.New] = []
  var dropped: [UInt32] = []

  var isEmpty: Bool { stored.isEmpty && dropped.isEmpty }
}

/// Terms as entries hold them.
struct SettledTerms {
  let rate: Terms.RateTerm
  private let expires: UInt64
  private let tolerance: UInt64
  private let extends: Bool
  private let note: UInt32?
  private let isMonitored: Bool?

  init(_ terms: Terms, note: UInt32?) {
    rate = terms.rate
    expires = terms.expires
    tolerance = terms.tolerance
    extends = terms.extends
    self.note = note ?? (terms.isWhole ? 0 : nil)
    isMonitored = terms.isMonitored
  }

  /// The rate of an entry that has expired is not kept.
  func rate(over old: aegis_entry?, at now: UInt64) -> Terms.RateTerm {
    if case .keep = rate, let old, old.isExpired(at: now) { return .off }
    return rate
  }

  /// The entry, still with the rate that it has. Of one that has expired nothing else is left.
  func entry(
    over old: aegis_entry?, at now: UInt64, protected: Bool, prefixLength: Int
  ) -> aegis_entry {
    let live = old.flatMap { $0.isExpired(at: now) ? nil : $0 }
    return .new(
      expires: live.map(end) ?? expires, note: note(over: live),
      rate: old?.rate ?? 0, protected: protected,
      monitored: isMonitored ?? live?.isMonitored ?? false, prefixLength: prefixLength)
  }

  /// What extends an entry leaves it the note that it has.
  private func note(over old: aegis_entry?) -> UInt32 {
    if extends, let old, old.note != 0 { return old.note }
    return note ?? old?.note ?? 0
  }

  private func end(over old: aegis_entry) -> UInt64 {
    if extends, old.expires == 0 || expires != 0 && expires < old.expires { return old.expires }
    guard expires != 0, old.expires != 0 else { return expires }
    let apart = max(expires, old.expires) - min(expires, old.expires)
    return apart <= tolerance ? old.expires : expires
  }
}
