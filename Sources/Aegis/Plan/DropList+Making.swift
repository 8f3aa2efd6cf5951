internal import CAegis
internal import Linux

extension DropList {
  /// Adds entries, or changes them; those that are there keep their hits. What does not fit in the table of its family
  /// comes into force with a new table, all at once.
  ///
  /// - Parameters:
  ///   - notes: The numbers of all their notes.
  ///   - isFitted: Whether it is known that there is room once the others of the plan are gone.
  /// - Throws: `failed` if there is no room, before anything is changed.
  func put(
    _ differences: [Plan.Difference<Prefix>], notes: [Note: UInt32], isFitted: Bool = false
  ) throws(AegisError) {
    let families = Self.families(differences).map { store, members in
      (store: store, members: members, new: members.count { $0.before == nil })
    }
    if !isFitted {
      for (store, members, new) in families {
        try makeRoom(for: new, of: members.lazy.map(\.element), in: store)
      }
    }
    for (store, members, new) in families where new > 0 {
      try checkLists(of: members.lazy.filter { $0.before == nil }.map(\.element), in: store)
    }
    for (store, members, new) in families {
      // Before the entries exist: a bit without an entry costs a look-up, an entry without its bit is ignored.
      try Settings.change(datapath) { config in
        config.stages |= Self.stage(store)
        config.expect(members.firstExpiry())
      }
      try tables[store].put(members.count, new: new) { write in
        // Neighbours mostly have the same conditions.
        var (last, record) = (Policy.Conditions(), PrefixRecord(list: number))
        for difference in members {
          let conditions = difference.after ?? Policy.Conditions()
          if !conditions.isShared(with: last) {
            last = conditions
            record = PrefixRecord(
              conditions, note: conditions.note.flatMap { notes[$0] } ?? 0, list: number)
          }
          write(difference.element, record)
        }
      }
    }
  }

  func remove(_ differences: [Plan.Difference<Prefix>]) throws(AegisError) {
    for (store, members) in Self.families(differences) {
      try list.remove(members.map(\.element), from: store)
    }
  }

  /// The datapath looks at no more lists of an entry.
  private func checkLists(
    of entries: some Sequence<Prefix>, in store: Int
  ) throws(AegisError) {
    let most = Int(AEGIS_PREFIX_LISTS)
    guard try ListTable(datapath).listNumbers().count > most else { return }
    let full = try kernel { () throws(SystemError) in
      try tables[store].first(of: entries) { $0.count >= most && $0.of(number) == nil }
    }
    guard let full else { return }
    throw AegisError(
      .failed, "\(full) is in \(most) lists, which is the most",
      hint: "aegisctl why \(full.address) names them")
  }

  /// - Parameter new: How many of the entries are not in this list; they may be in another one.
  private func makeRoom(
    for new: Int, of entries: some Sequence<Prefix>, in store: Int
  ) throws(AegisError) {
    if new == 0 { return }
    let room = try list.room(store)
    if try list.count(store) + new <= room { return }
    _ = try Sweeper.sweep(datapath)
    let absent = try kernel { () throws(SystemError) in try tables[store].absent(of: entries) }
    let needed = try list.count(store) + absent
    if needed > room { throw list.full(store, needed: needed) }
  }

  private typealias Family = (store: Int, members: LazyFilterSequence<[Plan.Difference<Prefix>]>)

  /// Views without a copy: there may be a million.
  private static func families(_ differences: [Plan.Difference<Prefix>]) -> [Family] {
    [0, 1].compactMap { store in
      let members = differences.lazy.filter { home(of: $0.element) == store }
      return members.isEmpty ? nil : (store, members)
    }
  }
}
