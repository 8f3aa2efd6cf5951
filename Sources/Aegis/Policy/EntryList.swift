internal import CAegis
internal import Linux

/// A list that is spread over several maps by the shape of its elements: drop entries, or allow keys.
struct EntryList<Element: Hashable & Comparable & Sendable & CustomStringConvertible> {
  typealias Store = any EntryStore<Element>
  /// By store.
  typealias Changes = [Int: EntryChange<Element>]

  private let stores: [Store]

  init(_ stores: [Store]) {
    self.stores = stores
  }

  var storeCount: Int { stores.count }

  /// What `elements` are now, by store.
  func present(
    _ elements: some Collection<Element>, in index: Int
  ) throws(AegisError) -> [Element: aegis_entry] {
    let store = stores[index]
    return try kernel { () throws(SystemError) in
      // An element alone is quicker looked up.
      if elements.count > 1, try store.isEmpty() { return [:] }
      return try store.entries(of: Array(elements))
    }
  }

  /// Everything, expired or not.
  func all() throws(AegisError) -> [(element: Element, entry: aegis_entry, store: Int)] {
    var all: [(element: Element, entry: aegis_entry, store: Int)] = []
    for index in 0..<storeCount {
      all += try entries(in: index).map { (element: $0.0, entry: $0.1, store: index) }
    }
    return all
  }

  /// Everything in a store, expired or not.
  func entries(in index: Int) throws(AegisError) -> [(Element, aegis_entry)] {
    let store = stores[index]
    return try kernel { () throws(SystemError) in try store.entries() }
  }

  /// Writes new entries, then those that replace others. A map that is full keeps none of the new ones.
  ///
  /// - Parameter makeRoom: Is called when a map is full; whether it is worth trying again.
  func put(
    _ changes: Changes, makeRoom: () throws(AegisError) -> Bool = { false }
  ) throws(AegisError) {
    var undo: [(Store, [Element])] = []
    do {
      for (index, change) in changes.sorted(by: { $0.key < $1.key }) {
        let store = stores[index]
        undo.append((store, change.added.map(\.0)))
        try fill(store, change.added, makeRoom)
      }
      for (index, change) in changes {
        let store = stores[index]
        try kernel { () throws(SystemError) in try store.put(change.updated) }
      }
    } catch {
      for (store, elements) in undo { _ = try? store.remove(elements) }
      throw error
    }
  }

  /// Writes entries in their order.
  func write(_ entries: [(Element, aegis_entry)], to index: Int) throws(AegisError) {
    try fill(stores[index], entries) { false }
  }

  /// Refuses what would not fit if so many came to those that are there.
  func checkRoom(for added: Int, in index: Int) throws(AegisError) {
    if added == 0 { return }
    let store = stores[index]
    let (room, held) = try kernel { () throws(SystemError) in
      (Int(try store.room()), try store.entries().count)
    }
    guard held + added > room else { return }
    throw AegisError(
      .failed,
      """
      there is no room for \(added) more \(store.contents): \(held) of \(room) are taken, \
      and what goes is removed only after what comes
      """,
      hint: "aegisctl load --replace with a larger \(store.option)")
  }

  private func fill(
    _ store: Store, _ entries: [(Element, aegis_entry)],
    _ makeRoom: () throws(AegisError) -> Bool
  ) throws(AegisError) {
    do {
      try store.put(entries)
    } catch {
      guard error.isFull else { throw AegisError(error) }
      if try makeRoom() { return try fill(store, entries) { false } }
      let room = (try? store.room()).map { "\($0) " } ?? ""
      throw AegisError(
        .failed, "there is no room for more than \(room)\(store.contents)",
        hint: "aegisctl load --replace with a larger \(store.option)")
    }
  }

  /// By store, expired or not.
  func counts() throws(AegisError) -> [Int] {
    try stores.map { store throws(AegisError) in
      try kernel { () throws(SystemError) in try store.entries().count }
    }
  }

  /// By store, without what has expired.
  func liveCounts() throws(AegisError) -> [Int] {
    let now = Clock.boottime()
    return try stores.map { store throws(AegisError) in
      try kernel { () throws(SystemError) in try store.liveCount(at: now) }
    }
  }

  /// What has expired, and the earliest expiry among the rest.
  func expired(at now: UInt64, in index: Int) throws(AegisError) -> Expired<Element> {
    let store = stores[index]
    return try kernel { () throws(SystemError) in try store.expired(at: now) }
  }

  func room(_ index: Int) throws(AegisError) -> Int {
    let store = stores[index]
    return try kernel { () throws(SystemError) in Int(try store.room()) }
  }

  func contents(_ index: Int) -> String { stores[index].contents }

  func remove(_ elements: [Element], from index: Int) throws(AegisError) {
    let store = stores[index]
    _ = try kernel { () throws(SystemError) in try store.remove(elements) }
  }

  func isEmpty(_ index: Int) throws(AegisError) -> Bool {
    let store = stores[index]
    return try kernel { () throws(SystemError) in try store.isEmpty() }
  }
}
