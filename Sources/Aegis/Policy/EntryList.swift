internal import CAegis
internal import Linux

/// One of the places of drop entries or allow keys, accessed by the elements that an operator names.
protocol EntryStore<Element>: AnyObject {
  associatedtype Element: Hashable

  /// The operator's name for its contents: "IPv4 entries".
  var contents: String { get }
  /// The option of load that says how many it may have; nil if none does.
  var option: String? { get }
  /// The present entries of these elements, and maybe of others.
  func entries(of elements: [Element]) throws(SystemError) -> [Element: aegis_entry]
  func entries() throws(SystemError) -> [(Element, aegis_entry)]
  @discardableResult func remove(_ elements: [Element]) throws(AegisError) -> Int
  func isEmpty() throws(SystemError) -> Bool
  /// The number of entries, expired or not.
  func count() throws(SystemError) -> Int
  func room() throws(SystemError) -> Int
}

/// A list that is stored in several places, by the kind of its elements: drop entries, or allow keys.
struct EntryList<Element: Hashable & Sendable> {
  typealias Store = any EntryStore<Element>

  private let stores: [Store]

  init(_ stores: [Store]) {
    self.stores = stores
  }

  var storeCount: Int { stores.count }

  /// The present entries of `elements`, by store, and maybe others.
  func present(
    _ elements: some Collection<Element>, in index: Int
  ) throws(AegisError) -> [Element: aegis_entry] {
    let store = stores[index]
    return try kernel { () throws(SystemError) in
      // A lookup is faster for a single element.
      if elements.count > 1, try store.isEmpty() { return [:] }
      return try store.entries(of: Array(elements))
    }
  }

  /// All entries, expired or not.
  func all() throws(AegisError) -> [(element: Element, entry: aegis_entry, store: Int)] {
    var all: [(element: Element, entry: aegis_entry, store: Int)] = []
    for index in 0..<storeCount {
      all += try entries(in: index).map { (element: $0.0, entry: $0.1, store: index) }
    }
    return all
  }

  /// All entries of a store, expired or not.
  func entries(in index: Int) throws(AegisError) -> [(Element, aegis_entry)] {
    let store = stores[index]
    return try kernel { () throws(SystemError) in try store.entries() }
  }

  /// - Parameter needed: The number of entries that there would be, if known.
  func full(_ index: Int, needed: Int? = nil) -> AegisError {
    let store = stores[index]
    let room = (try? store.room()).map { "\($0) " } ?? ""
    let need = needed.map { ", and this change needs \($0)" } ?? ""
    return AegisError(
      .failed, "the capacity is \(room)\(store.contents)\(need)",
      hint: raise(store))
  }

  private func raise(_ store: Store) -> String? {
    store.option.map { "raise it, keeping the policy: aegisctl load --replace \($0) N" }
  }

  /// - Parameters:
  ///   - added: The number of entries that are added before any are removed.
  ///   - held: The number of present entries.
  func full(_ index: Int, for added: Int, beside held: Int, of room: Int) -> AegisError {
    let store = stores[index]
    return AegisError(
      .failed,
      """
      there is no room for \(added) more \(store.contents): \(held) of \(room) are taken, \
      and what goes is removed only after what comes
      """,
      hint: raise(store))
  }

  func count(_ index: Int) throws(AegisError) -> Int {
    let store = stores[index]
    return try kernel { () throws(SystemError) in try store.count() }
  }

  /// The number of entries in each store, expired or not.
  func counts() throws(AegisError) -> [Int] {
    try stores.indices.map { index throws(AegisError) in try count(index) }
  }

  func room(_ index: Int) throws(AegisError) -> Int {
    let store = stores[index]
    return try kernel { () throws(SystemError) in try store.room() }
  }

  func remove(_ elements: [Element], from index: Int) throws(AegisError) {
    try stores[index].remove(elements)
  }

  func isEmpty(_ index: Int) throws(AegisError) -> Bool {
    let store = stores[index]
    return try kernel { () throws(SystemError) in try store.isEmpty() }
  }
}
