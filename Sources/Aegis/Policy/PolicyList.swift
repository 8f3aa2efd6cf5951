internal import CAegis
internal import Linux

/// What drop entries and allow keys have in common.
///
/// A conforming type defines the place of an element, and the bits that announce it to the datapath.
protocol PolicyList {
  associatedtype Element: Hashable, Comparable, Sendable

  init(_ datapath: Datapath)
  var datapath: Datapath { get }
  var list: EntryList<Element> { get }

  /// The index in `list` of the place for the element.
  static func home(of element: Element) -> Int
  /// Whether the datapath looks into a store; if not, the store is empty.
  static func isAnnounced(_ store: Int, in config: aegis_config) -> Bool
  /// Makes the datapath look only for elements that exist.
  func recount(_ config: inout aegis_config) throws(AegisError)
  /// The number of entries of a store that have not expired.
  func liveCount(_ store: Int) throws(AegisError) -> Int
  /// Removes the expired entries of a store.
  ///
  /// - Returns: How many, and the earliest expiry among the rest.
  func sweep(_ store: Int, at now: UInt64) throws(AegisError) -> (count: Int, next: UInt64?)
}

extension PolicyList {
  /// The number of entries in each store, without expired ones.
  func liveCounts() throws(AegisError) -> [Int] {
    let config = try Settings.read(datapath)
    return try (0..<list.storeCount).map { store throws(AegisError) in
      Self.isAnnounced(store, in: config) ? try liveCount(store) : 0
    }
  }

  /// The current entries of the list, in order.
  func live() throws(AegisError) -> [Entry<Element>] {
    let now = Clock.boottime()
    var reader = ConditionsReader(datapath)
    return try list.all().filter { !$0.entry.isExpired(at: now) }
      .sorted { $0.element < $1.element }
      .map { element, entry, _ throws(AegisError) in
        try Entry(element, entry, reader.conditions(of: entry), at: now)
      }
  }

  /// The entries that have not expired.
  func held() throws(AegisError) -> [Element: Policy.Conditions] {
    let now = Clock.boottime()
    var reader = ConditionsReader(datapath)
    var held: [Element: Policy.Conditions] = [:]
    for (element, entry, _) in try list.all() where !entry.isExpired(at: now) {
      held[element] = try reader.conditions(of: entry)
    }
    return held
  }
}
