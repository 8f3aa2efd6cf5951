internal import BPF
internal import CAegis

/// A list that is spread over several maps by the shape of its elements: drop entries, or allow keys.
///
/// Maps are opened when an element first needs them: one address costs one map.
final class EntryList<Element: Hashable & Comparable & CustomStringConvertible> {
  typealias Store = any EntryStore<Element>

  private let open: [() throws(BPFError) -> Store]
  private var opened: [Int: Store] = [:]

  init(_ open: [() throws(BPFError) -> Store]) {
    self.open = open
  }

  var storeCount: Int { open.count }

  func store(_ index: Int) throws(AegisError) -> Store {
    if let store = opened[index] { return store }
    let store = try kernel { () throws(BPFError) in try open[index]() }
    opened[index] = store
    return store
  }

  /// What `elements` are now, by store.
  func present(
    _ elements: [Element], in index: Int
  ) throws(AegisError) -> [Element: aegis_entry] {
    let store = try store(index)
    return try kernel { () throws(BPFError) in try store.entries(of: elements) }
  }

  /// Everything, expired or not.
  func all() throws(AegisError) -> [(element: Element, entry: aegis_entry, store: Int)] {
    var all: [(element: Element, entry: aegis_entry, store: Int)] = []
    for index in 0..<storeCount {
      let store = try store(index)
      let entries = try kernel { () throws(BPFError) in try store.entries() }
      all += entries.map { (element: $0.0, entry: $0.1, store: index) }
    }
    return all
  }

  /// Writes new entries, then those that replace others. A map that is full keeps none of the new ones.
  func put(
    _ changes: [Int: (added: [(Element, aegis_entry)], updated: [(Element, aegis_entry)])]
  ) throws(AegisError) {
    var undo: [(Store, [Element])] = []
    do {
      for (index, change) in changes.sorted(by: { $0.key < $1.key }) {
        let store = try store(index)
        undo.append((store, change.added.map(\.0)))
        try fill(store, change.added)
      }
      for (index, change) in changes {
        let store = try store(index)
        try kernel { () throws(BPFError) in try store.put(change.updated) }
      }
    } catch {
      for (store, elements) in undo { _ = try? store.remove(elements) }
      throw error
    }
  }

  private func fill(_ store: Store, _ entries: [(Element, aegis_entry)]) throws(AegisError) {
    do {
      try store.put(entries)
    } catch {
      guard error.isFull else { throw AegisError(error) }
      let room = (try? store.room()).map { "\($0) " } ?? ""
      throw AegisError(
        .failed, "there is no room for more than \(room)\(store.contents)",
        hint: "aegisctl load --replace with a larger --max-drops or --max-keys")
    }
  }

  func remove(_ elements: [Element], from index: Int) throws(AegisError) {
    let store = try store(index)
    _ = try kernel { () throws(BPFError) in try store.remove(elements) }
  }

  func isEmpty(_ index: Int) throws(AegisError) -> Bool {
    let store = try store(index)
    return try kernel { () throws(BPFError) in try store.isEmpty() }
  }
}
